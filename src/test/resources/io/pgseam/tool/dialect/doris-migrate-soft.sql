STOP ROUTINE LOAD FOR `shop`.`orders_pgseam`;

ALTER TABLE `shop`.`orders` RENAME COLUMN `sum` `amount`;

ALTER TABLE `shop`.`orders`
  ADD COLUMN `note` STRING NULL COMMENT "text: new, with `more`",
  ADD COLUMN `paid` BOOLEAN NULL COMMENT "bool",
  MODIFY COLUMN `created_at` DATETIME(6) NULL COMMENT "timestamptz",
  DROP COLUMN `remark`;

DROP VIEW IF EXISTS `shop`.`orders_live`;

CREATE VIEW IF NOT EXISTS `shop`.`orders_live` AS
SELECT `id`, `region`, `amount`, `created_at`
FROM `shop`.`orders`
WHERE NOT `__deleted`;
