-- A trader of food, after the well-known example database: small keys, fixed-length strings as keys, reals, dates, pictures.

CREATE TABLE categories (category_id smallint PRIMARY KEY, category_name varchar(15) NOT NULL, description text, picture bytea);
CREATE TABLE customer_demographics (customer_type_id bpchar PRIMARY KEY, customer_desc text);
CREATE TABLE customers (
    customer_id bpchar PRIMARY KEY, company_name varchar(40) NOT NULL, contact_name varchar(30), contact_title varchar(30),
    address varchar(60), city varchar(15), region varchar(15), postal_code varchar(10), country varchar(15),
    phone varchar(24), fax varchar(24));
CREATE TABLE customer_customer_demo (
    customer_id bpchar REFERENCES customers ON UPDATE CASCADE, customer_type_id bpchar REFERENCES customer_demographics,
    PRIMARY KEY (customer_id, customer_type_id));
CREATE TABLE employees (
    employee_id smallint PRIMARY KEY, last_name varchar(20) NOT NULL, first_name varchar(10) NOT NULL, title varchar(30),
    title_of_courtesy varchar(25), birth_date date, hire_date date, address varchar(60), city varchar(15), region varchar(15),
    postal_code varchar(10), country varchar(15), home_phone varchar(24), extension varchar(4), photo bytea, notes text,
    reports_to smallint REFERENCES employees, photo_path varchar(255));
CREATE TABLE suppliers (
    supplier_id smallint PRIMARY KEY, company_name varchar(40) NOT NULL, contact_name varchar(30), city varchar(15),
    country varchar(15), phone varchar(24), homepage text);
CREATE TABLE products (
    product_id smallint PRIMARY KEY, product_name varchar(40) NOT NULL, supplier_id smallint REFERENCES suppliers,
    category_id smallint REFERENCES categories, quantity_per_unit varchar(20), unit_price real, units_in_stock smallint,
    units_on_order smallint, reorder_level smallint, discontinued integer NOT NULL);
CREATE TABLE region (region_id smallint PRIMARY KEY, region_description bpchar NOT NULL);
CREATE TABLE shippers (shipper_id smallint PRIMARY KEY, company_name varchar(40) NOT NULL, phone varchar(24));
CREATE TABLE orders (
    order_id smallint PRIMARY KEY, customer_id bpchar REFERENCES customers ON UPDATE CASCADE,
    employee_id smallint REFERENCES employees, order_date date, required_date date, shipped_date date,
    ship_via smallint REFERENCES shippers, freight real, ship_name varchar(40), ship_address varchar(60),
    ship_city varchar(15), ship_region varchar(15), ship_postal_code varchar(10), ship_country varchar(15));
CREATE TABLE territories (
    territory_id varchar(20) PRIMARY KEY, territory_description bpchar NOT NULL, region_id smallint NOT NULL REFERENCES region);
CREATE TABLE employee_territories (
    employee_id smallint REFERENCES employees, territory_id varchar(20) REFERENCES territories,
    PRIMARY KEY (employee_id, territory_id));
CREATE TABLE order_details (
    order_id smallint REFERENCES orders ON DELETE CASCADE, product_id smallint REFERENCES products ON UPDATE CASCADE,
    unit_price real NOT NULL, quantity smallint NOT NULL, discount real NOT NULL, PRIMARY KEY (order_id, product_id));
CREATE TABLE us_states (state_id smallint PRIMARY KEY, state_name varchar(100), state_abbr varchar(2), state_region varchar(50));

INSERT INTO categories SELECT i, 'Category ' || i, 'Drinks, "spices"' || E'\nand more', decode(repeat('151c2f00', 100 * i), 'hex')
    FROM generate_series(1, 8) i;
INSERT INTO customer_demographics SELECT rpad('T' || i, i % 9 + 2), NULL FROM generate_series(1, 12) i;
INSERT INTO customers SELECT 'C' || lpad(i::text, 4, '0'), 'Company ' || i, 'Señor Nº' || i, 'Owner', 'Straße ' || i, 'Köln',
    CASE WHEN i % 3 = 0 THEN 'SP' END, i::text, 'País ' || i % 20, '(5) ' || i, NULL FROM generate_series(1, 900) i;
INSERT INTO customer_customer_demo SELECT 'C' || lpad(i::text, 4, '0'), 'T1' FROM generate_series(1, 40) i
    WHERE EXISTS (SELECT FROM customer_demographics WHERE customer_type_id = 'T1');
INSERT INTO employees SELECT i, 'Last' || i, 'First' || i, 'Representative', 'Dr.', '1960-02-29'::date + i, '1992-05-01', 'Road',
    'Seattle', 'WA', NULL, 'USA', NULL, i::text, decode(repeat('ff', 3000 * (i % 2)), 'hex'), repeat('Note. ', i * 100),
    nullif(i - 1, 0), 'http://accweb/emmployees/' || i || '.bmp' FROM generate_series(1, 9) i;
INSERT INTO suppliers SELECT i, 'Supplier ' || i, NULL, 'Osaka', 'Japan', i::text, '#CAJUN.HTM#' FROM generate_series(1, 29) i;
INSERT INTO products SELECT i, 'Product ' || i, 1 + i % 29, 1 + i % 8, '10 boxes x 20 bags', i * 1.1 / 3, i, 0, 5, i % 10 / 9
    FROM generate_series(1, 77) i;
INSERT INTO region VALUES (1, 'Eastern'), (2, 'Western   '), (3, 'Northern'), (4, 'Southern');
INSERT INTO shippers SELECT i, 'Shipper ' || i, '(503) 555-' || i FROM generate_series(1, 6) i;
INSERT INTO orders SELECT i, 'C' || lpad((1 + i % 900)::text, 4, '0'), 1 + i % 9, '1996-07-04'::date + i / 3, '1996-08-01'::date + i / 3,
    CASE WHEN i % 7 > 0 THEN '1996-07-10'::date + i / 3 END, 1 + i % 3, i / 7.0, 'Ship ' || i, 'Rue, ' || i, 'Lyon', NULL, i::text, 'France'
    FROM generate_series(1, 3000) i;
INSERT INTO territories SELECT lpad(i::text, 5, '0'), 'Territory' || repeat(' ', i % 30), 1 + i % 4 FROM generate_series(1, 53) i;
INSERT INTO employee_territories SELECT 1 + i % 9, lpad(i::text, 5, '0') FROM generate_series(1, 49) i;
INSERT INTO order_details SELECT o, 1 + (o * 7 + p * 13) % 77, p * 2.7, o % 100, (p % 4) * 0.05 FROM generate_series(1, 3000) o, generate_series(1, 3) p;
INSERT INTO us_states SELECT i, 'State ' || i, 'S' || i % 10, 'west' FROM generate_series(1, 51) i;
