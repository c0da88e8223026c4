CREATE ROUTINE LOAD `shop`.`orders_pgseam` ON `orders`
WITH APPEND
COLUMNS (`id`, `region`, `amount`, `created_at`, `__lsn`, `__seq`, `__ver`, `__deleted`),
ORDER BY `__ver`
PROPERTIES (
  "format" = "json",
  "strict_mode" = "true",
  "max_filter_ratio" = "0",
  "max_error_number" = "0",
  "max_batch_interval" = "10",
  "max_batch_rows" = "200000",
  "max_batch_size" = "104857600",
  "desired_concurrent_number" = "3",
  "timezone" = "UTC"
)
FROM KAFKA (
  "kafka_broker_list" = "broker-1:9092,broker-2:9092",
  "kafka_topic" = "shop.public.orders",
  "kafka_partitions" = "0,1,2",
  "kafka_offsets" = "1201,1187,0",
  "property.isolation.level" = "read_committed",
  "property.group.id" = "starrocks-shop-orders_pgseam"
);
