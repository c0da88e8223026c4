CREATE TABLE IF NOT EXISTS `shop`.`every_thing` (
  `key_numeric` VARCHAR(65533) NOT NULL COMMENT "numeric",
  `key_float` VARCHAR(32) NOT NULL COMMENT "float8",
  `key_decimal` DECIMAL(10,2) NOT NULL COMMENT "numeric(10,2)",
  `key_document` VARCHAR(65533) NOT NULL COMMENT "jsonb",
  `a_boolean` BOOLEAN NULL COMMENT "x",
  `a_int2` SMALLINT NULL COMMENT "x",
  `a_int4` INT NULL COMMENT "x",
  `a_int8` BIGINT NULL COMMENT "x",
  `a_uint4` BIGINT NULL COMMENT "x",
  `a_float4` FLOAT NULL COMMENT "x",
  `a_float8` DOUBLE NULL COMMENT "x",
  `a_numeric` STRING NULL COMMENT "x",
  `a_date` DATE NULL COMMENT "x",
  `a_timestamp` DATETIME(6) NULL COMMENT "x",
  `a_time` VARCHAR(32) NULL COMMENT "x",
  `a_uuid` VARCHAR(36) NULL COMMENT "x",
  `a_inet` VARCHAR(43) NULL COMMENT "x",
  `a_macaddr` VARCHAR(17) NULL COMMENT "x",
  `a_macaddr8` VARCHAR(23) NULL COMMENT "x",
  `a_enum` VARCHAR(256) NULL COMMENT "x",
  `a_text` STRING NULL COMMENT "x",
  `a_bytes` STRING NULL COMMENT "x",
  `a_json` JSON NULL COMMENT "x",
  `a_document` JSON NULL COMMENT "x",
  `decimal_38` DECIMAL(38,38) NULL COMMENT "numeric(38,38)",
  `decimal_39` STRING NULL COMMENT "numeric(39,0)",
  `decimal_77` STRING NULL COMMENT "numeric(77,3)",
  `short_text` VARCHAR(80) NULL COMMENT "varchar(20)",
  `long_text` STRING NULL COMMENT "varchar(300000)",
  `texts` ARRAY<STRING> NULL COMMENT "text[]",
  `instants` ARRAY<DATETIME(6)> NULL COMMENT "timestamptz[]",
  `decimals` ARRAY<DECIMAL(12,2)> NULL COMMENT "numeric(12,2)[]",
  `we``ird \ <name>` INT NULL COMMENT "int4",
  `__lsn` BIGINT NULL COMMENT "commit LSN",
  `__seq` BIGINT NULL COMMENT "order within the transaction",
  `__ver` LARGEINT NULL COMMENT "orders the versions of a row"
)
UNIQUE KEY (`key_numeric`, `key_float`, `key_decimal`, `key_document`)
COMMENT "odd.every thing of PostgreSQL"
DISTRIBUTED BY HASH (`key_numeric`, `key_float`, `key_decimal`, `key_document`) BUCKETS AUTO
PROPERTIES (
  "enable_unique_key_merge_on_write" = "true",
  "function_column.sequence_col" = "__ver"
);
