CREATE TABLE IF NOT EXISTS `shop`.`orders` (
  `id` Int64 COMMENT 'int8',
  `region` String COMMENT 'varchar(8)',
  `amount` Nullable(Decimal(12, 2)) COMMENT 'numeric(12,2): with "tax", \\ and `more`',
  `created_at` Nullable(DateTime64(6, 'UTC')) COMMENT 'timestamptz',
  `__lsn` UInt64 COMMENT 'commit LSN',
  `__seq` UInt32 COMMENT 'order within the transaction',
  `__ver` UInt128 COMMENT 'orders the versions of a row',
  `__deleted` UInt8 COMMENT 'whether the row is deleted'
)
ENGINE = ReplacingMergeTree(`__ver`)
ORDER BY (`id`, `region`)
COMMENT 'public.orders of PostgreSQL: all orders';

CREATE VIEW IF NOT EXISTS `shop`.`orders_live` AS
SELECT `id`, `region`, `amount`, `created_at`
FROM `shop`.`orders` FINAL
WHERE `__deleted` = 0;
