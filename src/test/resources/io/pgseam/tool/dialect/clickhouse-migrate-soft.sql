DROP TABLE IF EXISTS `shop`.`orders_queue` SYNC;

DROP VIEW IF EXISTS `shop`.`orders_load`;

ALTER TABLE `shop`.`orders` RENAME COLUMN `sum` TO `amount`;

ALTER TABLE `shop`.`orders` ADD COLUMN `note` Nullable(String) COMMENT 'text: new, with `more`';

ALTER TABLE `shop`.`orders` ADD COLUMN `paid` Nullable(Bool) COMMENT 'bool';

ALTER TABLE `shop`.`orders` MODIFY COLUMN `created_at` Nullable(DateTime64(6, 'UTC')) COMMENT 'timestamptz';

ALTER TABLE `shop`.`orders` DROP COLUMN `remark`;

CREATE OR REPLACE VIEW `shop`.`orders_live` AS
SELECT `id`, `region`, `amount`, `created_at`
FROM `shop`.`orders` FINAL
WHERE `__deleted` = 0;
