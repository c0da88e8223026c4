CREATE ROUTINE LOAD `shop`.`orders_pgseam` ON `orders`
PROPERTIES (
  "format" = "json",
  "strip_outer_array" = "true",
  "strict_mode" = "true",
  "max_filter_ratio" = "0",
  "max_error_number" = "0",
  "pause_on_fatal_parse_error" = "true",
  "log_rejected_record_num" = "100",
  "max_batch_interval" = "10",
  "max_batch_rows" = "200000",
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
