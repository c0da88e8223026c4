-- A day in the shop.
BEGIN;
INSERT INTO rental (rental_date, inventory_id, customer_id, staff_id)
    SELECT '2022-03-15+00'::timestamptz + i * interval '1 second', 100 + i, 1 + i % 50, 1 FROM generate_series(1, 60) i;
UPDATE rental SET return_date = '2022-03-16 12:00+00' WHERE rental_date >= '2022-03-15+00' AND rental_id % 2 = 0;
COMMIT;
UPDATE film SET rental_rate = rental_rate + 1 WHERE film_id % 25 = 0;
UPDATE film SET title = title || ' II', special_features = special_features || '"quoted", {braces}'::text WHERE film_id % 99 = 0;
UPDATE film SET rating = 'NC-17', description = NULL WHERE film_id % 100 = 7;
-- Keys that other tables follow.
UPDATE film SET film_id = film_id + 100000 WHERE film_id % 111 = 0;
UPDATE actor SET actor_id = -actor_id WHERE actor_id % 50 = 0;
DELETE FROM film_actor WHERE actor_id % 13 = 0;
BEGIN;
UPDATE store SET manager_staff_id = 3 - manager_staff_id;
UPDATE staff SET picture = decode(repeat('00', 5000), 'hex'), password = md5(username) WHERE staff_id = 2;
UPDATE staff SET active = false WHERE staff_id = 1;
COMMIT;
-- From partition to partition.
UPDATE payment SET payment_date = payment_date + interval '1 month' WHERE payment_id % 40 = 0;
UPDATE payment SET amount = -amount WHERE payment_id % 41 = 0;
DELETE FROM payment WHERE payment_id % 43 = 0;
DELETE FROM inventory WHERE inventory_id % 222 = 0;
BEGIN;
UPDATE customer SET email = NULL;
ROLLBACK;
REFRESH MATERIALIZED VIEW CONCURRENTLY rental_by_category;
INSERT INTO language (name) VALUES ('Klingon');
UPDATE language SET name = '' WHERE language_id = 2;
