-- Every row gets the values of the next one, row 1's NULLs included; some are new, some are gone, some have other keys.
DO $$
DECLARE
    columns text := (SELECT string_agg(format('%I', name), ', ' ORDER BY name) FROM column_types);
BEGIN
    EXECUTE 'UPDATE every_type e SET (' || columns || ') = (SELECT ' || columns
        || ' FROM sample WHERE sample.n = 1 + e.n % 24) WHERE e.n <= 72';
    EXECUTE 'INSERT INTO every_type (n, ' || columns || ') SELECT 1000 + n, ' || columns || ' FROM sample';
END $$;
DELETE FROM every_type WHERE n % 24 = 5;
UPDATE every_type SET n = -n WHERE n % 24 = 7;
