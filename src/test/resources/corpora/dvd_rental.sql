-- A shop that rents DVDs, after the well-known example database: an enum, a domain, arrays, full text, bytea, composite
-- keys, a partitioned table, views, triggers that touch rows, and defaults from sequences.

CREATE TYPE mpaa_rating AS ENUM ('G', 'PG', 'PG-13', 'R', 'NC-17');
CREATE DOMAIN year AS integer CHECK (value >= 1901 AND value <= 2155);

CREATE FUNCTION last_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.last_update = '2026-01-01 00:00+00'::timestamptz + (random() * 1000)::int * interval '1 second';
    RETURN NEW;
END $$;

CREATE TABLE language (
    language_id serial PRIMARY KEY, name character(20) NOT NULL, last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE category (
    category_id serial PRIMARY KEY, name text NOT NULL, last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE actor (
    actor_id serial PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL,
    last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE film (
    film_id serial PRIMARY KEY, title text NOT NULL, description text, release_year year,
    language_id integer NOT NULL REFERENCES language ON UPDATE CASCADE,
    original_language_id integer REFERENCES language ON UPDATE CASCADE,
    rental_duration smallint NOT NULL DEFAULT 3, rental_rate numeric(4, 2) NOT NULL DEFAULT 4.99,
    length smallint, replacement_cost numeric(5, 2) NOT NULL DEFAULT 19.99,
    rating mpaa_rating DEFAULT 'G', last_update timestamptz NOT NULL DEFAULT now(),
    special_features text[], fulltext tsvector NOT NULL);
CREATE INDEX film_fulltext ON film USING gist (fulltext);
CREATE TABLE film_actor (
    actor_id integer REFERENCES actor ON UPDATE CASCADE, film_id integer REFERENCES film ON UPDATE CASCADE,
    last_update timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (actor_id, film_id));
CREATE TABLE film_category (
    film_id integer REFERENCES film ON UPDATE CASCADE ON DELETE CASCADE, category_id integer REFERENCES category,
    last_update timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (film_id, category_id));
CREATE TABLE country (
    country_id serial PRIMARY KEY, country text NOT NULL, last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE city (
    city_id serial PRIMARY KEY, city text NOT NULL, country_id integer NOT NULL REFERENCES country,
    last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE address (
    address_id serial PRIMARY KEY, address text NOT NULL, address2 text, district text NOT NULL,
    city_id integer NOT NULL REFERENCES city, postal_code text, phone text NOT NULL,
    last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE store (
    store_id serial PRIMARY KEY, manager_staff_id integer NOT NULL, address_id integer NOT NULL REFERENCES address,
    last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE staff (
    staff_id serial PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL,
    address_id integer NOT NULL REFERENCES address, email text, store_id integer NOT NULL REFERENCES store,
    active boolean NOT NULL DEFAULT true, username text NOT NULL, password text,
    last_update timestamptz NOT NULL DEFAULT now(), picture bytea);
ALTER TABLE store ADD FOREIGN KEY (manager_staff_id) REFERENCES staff DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE customer (
    customer_id serial PRIMARY KEY, store_id integer NOT NULL REFERENCES store, first_name text NOT NULL,
    last_name text NOT NULL, email text, address_id integer NOT NULL REFERENCES address,
    activebool boolean NOT NULL DEFAULT true, create_date date NOT NULL DEFAULT '2022-02-14',
    last_update timestamptz DEFAULT now(), active integer);
CREATE TABLE inventory (
    inventory_id serial PRIMARY KEY, film_id integer NOT NULL REFERENCES film ON UPDATE CASCADE,
    store_id integer NOT NULL REFERENCES store, last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE rental (
    rental_id serial PRIMARY KEY, rental_date timestamptz NOT NULL,
    inventory_id integer NOT NULL REFERENCES inventory ON DELETE CASCADE,
    customer_id integer NOT NULL REFERENCES customer, return_date timestamptz, staff_id integer NOT NULL REFERENCES staff,
    last_update timestamptz NOT NULL DEFAULT now(), UNIQUE (rental_date, inventory_id, customer_id));
CREATE TABLE payment (
    payment_id serial, customer_id integer NOT NULL REFERENCES customer, staff_id integer NOT NULL REFERENCES staff,
    rental_id integer NOT NULL, amount numeric(5, 2) NOT NULL, payment_date timestamptz NOT NULL,
    PRIMARY KEY (payment_date, payment_id)) PARTITION BY RANGE (payment_date);
CREATE TABLE payment_p2022_01 PARTITION OF payment FOR VALUES FROM ('2022-01-01+00') TO ('2022-02-01+00');
CREATE TABLE payment_p2022_02 PARTITION OF payment FOR VALUES FROM ('2022-02-01+00') TO ('2022-03-01+00');
CREATE TABLE payment_p2022_03 (
    amount numeric(5, 2) NOT NULL, rental_id integer NOT NULL, payment_date timestamptz NOT NULL,
    staff_id integer NOT NULL, payment_id integer NOT NULL, customer_id integer NOT NULL);
ALTER TABLE payment ATTACH PARTITION payment_p2022_03 FOR VALUES FROM ('2022-03-01+00') TO ('2022-04-01+00');
CREATE TABLE payment_later PARTITION OF payment DEFAULT;

INSERT INTO language (name) VALUES ('English'), ('Italian'), ('Japanese'), ('Mandarin'), ('French'), ('German');
INSERT INTO category (name) SELECT unnest('{Action,Animation,Children,Classics,Comedy,Documentary,Drama,Family}'::text[]);
INSERT INTO actor (first_name, last_name) SELECT 'FIRST' || i, 'LAST' || i % 60 FROM generate_series(1, 200) i;
INSERT INTO film (title, description, release_year, language_id, original_language_id, rental_duration, rental_rate, length,
                  rating, special_features, fulltext)
    SELECT 'FILM ' || i, CASE WHEN i % 50 = 0 THEN repeat('A long tale of ' || md5(i::text) || '. ', 200) ELSE 'A short one' END,
           1950 + i % 70, 1 + i % 6, nullif(i % 7, 0), 3 + i % 5, (i % 5) + 0.99, 46 + i % 140,
           (enum_range(NULL::mpaa_rating))[1 + i % 5],
           (ARRAY['Trailers', 'Commentaries', 'Deleted Scenes', NULL])[1:i % 5], to_tsvector('simple', 'film number ' || i)
    FROM generate_series(1, 1000) i;
INSERT INTO film_actor SELECT a, 1 + (a * 37 + f * 91) % 1000 FROM generate_series(1, 200) a, generate_series(1, 10) f
    ON CONFLICT DO NOTHING;
INSERT INTO film_category SELECT i, 1 + i % 8 FROM generate_series(1, 1000) i;
INSERT INTO country (country) SELECT unnest(ARRAY['Österreich', 'España', 'Côte d''Ivoire', '日本', 'Réunion, "La"']);
INSERT INTO city (city, country_id) SELECT 'City ' || i, 1 + i % 5 FROM generate_series(1, 300) i;
INSERT INTO address (address, address2, district, city_id, postal_code, phone)
    SELECT i || ' Street', CASE i % 3 WHEN 0 THEN '' END, 'District ' || i % 40, 1 + i % 300, lpad(i::text, 5, '0'), i::text
    FROM generate_series(1, 600) i;
BEGIN;
INSERT INTO store (manager_staff_id, address_id) VALUES (1, 1), (2, 2);
INSERT INTO staff (first_name, last_name, address_id, store_id, username, picture)
    VALUES ('Mike', 'H', 3, 1, 'Mike', decode(repeat('89504e470d0a1a0a00ff', 900), 'hex')), ('Jon', 'S', 4, 2, 'Jon', NULL);
COMMIT;
INSERT INTO customer (store_id, first_name, last_name, email, address_id, activebool, active)
    SELECT 1 + i % 2, 'C' || i, 'L' || i, 'c' || i || '@example.org', 5 + i % 595, i % 9 > 0, (i % 9 > 0)::int
    FROM generate_series(1, 600) i;
INSERT INTO inventory (film_id, store_id) SELECT 1 + i % 1000, 1 + i % 2 FROM generate_series(1, 2000) i;
INSERT INTO rental (rental_date, inventory_id, customer_id, return_date, staff_id)
    SELECT '2022-01-01+00'::timestamptz + i * interval '23 minutes', 1 + i % 2000, 1 + i % 600,
           CASE WHEN i % 11 > 0 THEN '2022-01-04+00'::timestamptz + i * interval '23 minutes' END, 1 + i % 2
    FROM generate_series(1, 4000) i;
INSERT INTO payment (customer_id, staff_id, rental_id, amount, payment_date)
    SELECT 1 + i % 600, 1 + i % 2, i, (i % 12) - 0.01, '2022-01-01+00'::timestamptz + i * interval '31 minutes'
    FROM generate_series(1, 5000) i;

CREATE VIEW film_list AS SELECT f.film_id, f.title, c.name FROM film f JOIN film_category USING (film_id) JOIN category c USING (category_id);
CREATE MATERIALIZED VIEW rental_by_category AS
    SELECT c.name, count(*) FROM rental JOIN inventory USING (inventory_id) JOIN film_category USING (film_id)
    JOIN category c USING (category_id) GROUP BY 1;
CREATE UNIQUE INDEX rental_category ON rental_by_category (name);

CREATE FUNCTION pay_for_rental() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO payment (customer_id, staff_id, rental_id, amount, payment_date)
        VALUES (NEW.customer_id, NEW.staff_id, NEW.rental_id, 2.99, NEW.rental_date);
    UPDATE customer SET active = coalesce(active, 0) + 1 WHERE customer_id = NEW.customer_id;
    RETURN NULL;
END $$;
CREATE TRIGGER film_fulltext_trigger BEFORE INSERT OR UPDATE ON film
    FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger('fulltext', 'pg_catalog.english', 'title', 'description');
CREATE TRIGGER last_updated BEFORE UPDATE ON film FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER last_updated BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER pay AFTER INSERT ON rental FOR EACH ROW EXECUTE FUNCTION pay_for_rental();
