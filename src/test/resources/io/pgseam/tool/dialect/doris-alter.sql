PAUSE ROUTINE LOAD FOR `shop`.`orders_pgseam`;

ALTER ROUTINE LOAD FOR `shop`.`orders_pgseam`
FROM KAFKA (
  "kafka_partitions" = "0,1,2",
  "kafka_offsets" = "1201,1187,0"
);

RESUME ROUTINE LOAD FOR `shop`.`orders_pgseam`;
