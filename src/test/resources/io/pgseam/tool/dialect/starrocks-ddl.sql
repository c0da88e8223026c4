CREATE TABLE IF NOT EXISTS `shop`.`orders` (
  `id` BIGINT NOT NULL COMMENT "int8",
  `region` VARCHAR(32) NOT NULL COMMENT "varchar(8)",
  `amount` DECIMAL(12,2) NULL COMMENT "numeric(12,2): with \"tax\", \\ and `more`",
  `created_at` DATETIME NULL COMMENT "timestamptz",
  `__lsn` BIGINT NULL COMMENT "commit LSN",
  `__seq` BIGINT NULL COMMENT "order within the transaction"
)
PRIMARY KEY (`id`, `region`)
COMMENT "public.orders of PostgreSQL: all orders"
DISTRIBUTED BY HASH (`id`, `region`);
