CREATE TABLE IF NOT EXISTS `shop`.`orders` (
  `id` BIGINT NOT NULL COMMENT "int8",
  `region` VARCHAR(32) NOT NULL COMMENT "varchar(8)",
  `amount` DECIMAL(12,2) NULL COMMENT "numeric(12,2): with \"tax\", \\ and `more`",
  `created_at` DATETIME(6) NULL COMMENT "timestamptz",
  `__lsn` BIGINT NULL COMMENT "commit LSN",
  `__seq` BIGINT NULL COMMENT "order within the transaction",
  `__ver` LARGEINT NULL COMMENT "orders the versions of a row",
  `__deleted` BOOLEAN NULL COMMENT "whether the row is deleted"
)
UNIQUE KEY (`id`, `region`)
COMMENT "public.orders of PostgreSQL: all orders"
DISTRIBUTED BY HASH (`id`, `region`) BUCKETS AUTO
PROPERTIES (
  "enable_unique_key_merge_on_write" = "true",
  "function_column.sequence_col" = "__ver",
  "replication_num" = "1"
);

CREATE VIEW IF NOT EXISTS `shop`.`orders_live` AS
SELECT `id`, `region`, `amount`, `created_at`
FROM `shop`.`orders`
WHERE NOT `__deleted`;
