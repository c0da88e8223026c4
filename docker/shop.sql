-- A small shop. PostgreSQL's image runs this when it makes the database.
CREATE TABLE customers (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    email varchar(200),
    profile jsonb,
    created_at timestamptz NOT NULL);

CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL,
    total numeric(12,2) NOT NULL,
    placed_at timestamptz NOT NULL,
    note text);

INSERT INTO customers
SELECT i, 'Customer ' || i, CASE WHEN i % 5 > 0 THEN 'customer' || i || '@shop.example' END,
       jsonb_build_object('tier', i % 4), timestamptz '2020-01-01 00:00:00.123456+00' + i * interval '37 seconds'
FROM generate_series(1, 50000) i;

INSERT INTO orders
SELECT i, i % 50000 + 1, i / 100.0, timestamptz '2024-01-01 00:00:00+00' + i * interval '1 minute',
       CASE WHEN i % 10 = 0 THEN E'line one\nline two' END
FROM generate_series(1, 200000) i;

ANALYZE;
