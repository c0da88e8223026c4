CREATE TABLE IF NOT EXISTS `shop`.`orders_queue` (
  `id` Int64,
  `region` String,
  `amount` Nullable(Decimal(12, 2)),
  `created_at` Nullable(DateTime64(6, 'UTC')),
  `__op` UInt8,
  `__lsn` UInt64,
  `__seq` UInt32
)
ENGINE = Kafka
SETTINGS
  kafka_broker_list = 'broker-1:9092,broker-2:9092',
  kafka_topic_list = 'shop.public.orders',
  kafka_group_name = 'starrocks-shop-orders_pgseam',
  kafka_format = 'JSONEachRow',
  kafka_num_consumers = 3;

CREATE MATERIALIZED VIEW IF NOT EXISTS `shop`.`orders_load` TO `shop`.`orders` AS
SELECT `id`, `region`, `amount`, `created_at`, `__lsn`, `__seq`,
  toUInt128(`__lsn`) * 4294967296 + `__seq` AS `__ver`, `__op` AS `__deleted`
FROM `shop`.`orders_queue`;
