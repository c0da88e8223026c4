-- An airline's bookings, after the well-known demonstration database, in a schema of its own: names in JSON, points, keys of
-- fixed-length strings, identity columns, an exclusion constraint, one table without a key, and one that inherits.

CREATE EXTENSION btree_gist;
CREATE SCHEMA bookings;
SET search_path = bookings, public;

CREATE DOMAIN airport AS char(3) CHECK (value ~ '^[A-Z]{3}$');
CREATE TYPE money_of AS (amount numeric(10, 2), currency char(3));
CREATE TABLE aircrafts_data (
    aircraft_code char(3) PRIMARY KEY, model jsonb NOT NULL, range integer NOT NULL CHECK (range > 0), speed int4range);
CREATE TABLE airports_data (
    airport_code airport PRIMARY KEY, airport_name jsonb NOT NULL, city jsonb NOT NULL, coordinates point NOT NULL,
    timezone text NOT NULL);
CREATE TABLE bookings (
    book_ref char(6) PRIMARY KEY, book_date timestamptz NOT NULL, total_amount numeric(10, 2) NOT NULL, paid money_of);
CREATE TABLE flights (
    flight_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, flight_no char(6) NOT NULL,
    scheduled_departure timestamptz NOT NULL, scheduled_arrival timestamptz NOT NULL,
    departure_airport airport NOT NULL REFERENCES airports_data, arrival_airport airport NOT NULL REFERENCES airports_data,
    status varchar(20) NOT NULL CHECK (status IN ('On Time', 'Delayed', 'Departed', 'Arrived', 'Scheduled', 'Cancelled')),
    aircraft_code char(3) NOT NULL REFERENCES aircrafts_data, actual_departure timestamptz, actual_arrival timestamptz,
    duration interval GENERATED ALWAYS AS (scheduled_arrival - scheduled_departure) STORED,
    UNIQUE (flight_no, scheduled_departure), CHECK (scheduled_arrival > scheduled_departure));
CREATE TABLE tickets (
    ticket_no char(13) PRIMARY KEY, book_ref char(6) NOT NULL REFERENCES bookings, passenger_id varchar(20) NOT NULL,
    passenger_name text NOT NULL, contact_data jsonb);
CREATE TABLE ticket_flights (
    ticket_no char(13) REFERENCES tickets ON DELETE CASCADE, flight_id integer REFERENCES flights,
    fare_conditions varchar(10) NOT NULL, amount numeric(10, 2) NOT NULL, PRIMARY KEY (ticket_no, flight_id));
CREATE TABLE boarding_passes (
    ticket_no char(13), flight_id integer, boarding_no integer NOT NULL, seat_no varchar(4) NOT NULL,
    PRIMARY KEY (ticket_no, flight_id), UNIQUE (flight_id, seat_no),
    FOREIGN KEY (ticket_no, flight_id) REFERENCES ticket_flights ON DELETE CASCADE);
CREATE TABLE seats (
    aircraft_code char(3) REFERENCES aircrafts_data ON DELETE CASCADE, seat_no varchar(4), fare_conditions varchar(10) NOT NULL,
    PRIMARY KEY (aircraft_code, seat_no));
CREATE TABLE gates (
    gate text NOT NULL, during tstzrange NOT NULL, flight_id integer NOT NULL, id uuid PRIMARY KEY,
    EXCLUDE USING gist (gate WITH =, during WITH &&));
CREATE TABLE log (at timestamptz NOT NULL, what text, details xml);
ALTER TABLE log REPLICA IDENTITY FULL;
CREATE TABLE log_of_errors (severity smallint) INHERITS (log);
ALTER TABLE log_of_errors REPLICA IDENTITY FULL;

CREATE FUNCTION log_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO bookings.log VALUES (NEW.scheduled_departure, NEW.flight_no || ' ' || NEW.status, xmlelement(name s, OLD.status));
    IF NEW.status = 'Cancelled' THEN
        INSERT INTO bookings.log_of_errors VALUES (NEW.scheduled_departure, NULL, NULL, 2);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER status AFTER UPDATE OF status ON flights FOR EACH ROW EXECUTE FUNCTION log_status();
CREATE VIEW aircrafts AS SELECT aircraft_code, model ->> 'en' AS model, range FROM aircrafts_data;

INSERT INTO aircrafts_data SELECT chr(64 + i) || i || 'X', jsonb_build_object('en', 'Jet ' || i, 'ru', 'Самолёт ' || i), 1000 * i,
    int4range(200, 200 + i) FROM generate_series(1, 9) i;
INSERT INTO airports_data SELECT chr(65 + i / 10) || chr(65 + i % 10) || 'X', jsonb_build_object('en', 'Airport ' || i, 'ru', 'Аэропорт "' || i || '"'),
    '{"en": "City", "ru": "Город"}', point(i / 3.0, -i), 'Asia/Yakutsk' FROM generate_series(0, 99) i;
INSERT INTO bookings SELECT lpad(to_hex(i * 97), 6, '0'), '2017-07-05 03:12+03'::timestamptz + i * interval '7 minutes', i * 100,
    CASE WHEN i % 3 > 0 THEN ROW(i * 100, CASE WHEN i % 3 = 1 THEN 'RUB' END)::money_of END FROM generate_series(1, 2500) i;
INSERT INTO flights (flight_no, scheduled_departure, scheduled_arrival, departure_airport, arrival_airport, status, aircraft_code, actual_departure)
    SELECT 'PG' || lpad((i % 50)::text, 4, '0'), '2017-08-01+03'::timestamptz + i * interval '1 hour',
           '2017-08-01+03'::timestamptz + (i + 2) * interval '1 hour', a, b, 'Scheduled', 'A1X', CASE WHEN i % 2 = 0 THEN '2017-08-01 00:00:00.123456+03'::timestamptz END
    FROM generate_series(1, 1500) i, LATERAL (SELECT chr(65 + i / 10 % 10) || chr(65 + i % 10) || 'X' AS a, chr(65 + i % 10) || chr(65 + i / 10 % 10) || 'X' AS b) x;
INSERT INTO tickets SELECT lpad((i * 31)::text, 13, '0'), lpad(to_hex((1 + i % 2500) * 97), 6, '0'), i || ' ' || i * 7, 'NAME ' || i,
    CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN '{}' ELSE jsonb_build_object('phone', '+7' || i, 'email', NULL) END FROM generate_series(1, 3000) i;
INSERT INTO ticket_flights SELECT lpad((i * 31)::text, 13, '0'), 1 + i % 1500, 'Economy', i FROM generate_series(1, 3000) i;
INSERT INTO boarding_passes SELECT lpad((i * 31)::text, 13, '0'), 1 + i % 1500, i, i % 60 || chr(65 + i / 1500) FROM generate_series(1, 2000) i;
INSERT INTO seats SELECT 'A1X', i % 60 || chr(65 + i / 60), 'Business' FROM generate_series(1, 400) i;
INSERT INTO gates SELECT 'G' || i % 7, tstzrange('2017-08-01+03'::timestamptz + i * interval '1 hour', '2017-08-01+03'::timestamptz + (i + 3) * interval '1 hour'),
    i, md5(i::text)::uuid FROM generate_series(1, 700) i;
INSERT INTO log SELECT '2017-08-01+03'::timestamptz + i % 50 * interval '1 hour', 'entry ' || i % 3 FROM generate_series(1, 1000) i;
INSERT INTO log_of_errors SELECT '2017-08-01+03', 'error', '<e/>', i % 2 FROM generate_series(1, 30) i;
