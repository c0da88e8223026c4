CREATE TABLE IF NOT EXISTS `shop`.`every_thing` (
  `key_numeric` String COMMENT 'numeric',
  `key_float` Float64 COMMENT 'float8',
  `key_decimal` Decimal(10, 2) COMMENT 'numeric(10,2)',
  `key_document` String COMMENT 'jsonb',
  `a_boolean` Nullable(Bool) COMMENT 'x',
  `a_int2` Nullable(Int16) COMMENT 'x',
  `a_int4` Nullable(Int32) COMMENT 'x',
  `a_int8` Nullable(Int64) COMMENT 'x',
  `a_uint4` Nullable(UInt32) COMMENT 'x',
  `a_float4` Nullable(Float32) COMMENT 'x',
  `a_float8` Nullable(Float64) COMMENT 'x',
  `a_numeric` Nullable(String) COMMENT 'x',
  `a_date` Nullable(DateTime64(6, 'UTC')) COMMENT 'x',
  `a_timestamp` Nullable(DateTime64(6, 'UTC')) COMMENT 'x',
  `a_time` Nullable(String) COMMENT 'x',
  `a_uuid` Nullable(UUID) COMMENT 'x',
  `a_inet` Nullable(String) COMMENT 'x',
  `a_macaddr` Nullable(String) COMMENT 'x',
  `a_macaddr8` Nullable(String) COMMENT 'x',
  `a_enum` LowCardinality(Nullable(String)) COMMENT 'x',
  `a_text` Nullable(String) COMMENT 'x',
  `a_bytes` Nullable(String) COMMENT 'x',
  `a_json` Nullable(String) COMMENT 'x',
  `a_document` Nullable(String) COMMENT 'x',
  `decimal_38` Nullable(Decimal(38, 38)) COMMENT 'numeric(38,38)',
  `decimal_39` Nullable(Decimal(39, 0)) COMMENT 'numeric(39,0)',
  `decimal_77` Nullable(String) COMMENT 'numeric(77,3)',
  `short_text` Nullable(String) COMMENT 'varchar(20)',
  `long_text` Nullable(String) COMMENT 'varchar(300000)',
  `texts` Array(Nullable(String)) COMMENT 'text[]',
  `instants` Array(Nullable(DateTime64(6, 'UTC'))) COMMENT 'timestamptz[]',
  `decimals` Array(Nullable(Decimal(12, 2))) COMMENT 'numeric(12,2)[]',
  `we\`ird \\ <name>` Nullable(Int32) COMMENT 'int4',
  `__lsn` UInt64 COMMENT 'commit LSN',
  `__seq` UInt32 COMMENT 'order within the transaction',
  `__ver` UInt128 COMMENT 'orders the versions of a row',
  `__deleted` UInt8 COMMENT 'whether the row is deleted'
)
ENGINE = ReplacingMergeTree(`__ver`, `__deleted`)
ORDER BY (`key_numeric`, `key_float`, `key_decimal`, `key_document`)
COMMENT 'odd.every thing of PostgreSQL';

CREATE VIEW IF NOT EXISTS `shop`.`every_thing_live` AS
SELECT `key_numeric`, `key_float`, `key_decimal`, `key_document`, `a_boolean`, `a_int2`, `a_int4`, `a_int8`, `a_uint4`, `a_float4`, `a_float8`, `a_numeric`, `a_date`, `a_timestamp`, `a_time`, `a_uuid`, `a_inet`, `a_macaddr`, `a_macaddr8`, `a_enum`, `a_text`, `a_bytes`, `a_json`, `a_document`, `decimal_38`, `decimal_39`, `decimal_77`, `short_text`, `long_text`, `texts`, `instants`, `decimals`, `we\`ird \\ <name>`
FROM `shop`.`every_thing` FINAL
WHERE `__deleted` = 0;
