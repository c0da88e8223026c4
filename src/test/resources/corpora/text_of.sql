-- What PostgreSQL would have to be given to make a delivered JSON value again: the other way round, and in another language
-- than the connector renders. Lives in the schema for temporary objects, so that the source does not have it.

CREATE FUNCTION pg_temp.quoted(value text, backslash text, quote text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT '"' || replace(replace(value, '\', backslash), '"', quote) || '"'
$$;

-- The text of an array: elements of any type, in braces for each dimension.
CREATE FUNCTION pg_temp.array_text_of(value json, element oid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    delimiter text := (SELECT typdelim FROM pg_type WHERE oid = element);
    nests boolean := pg_temp.is_array_in_json(element);
BEGIN
    IF json_typeof(value) <> 'array' THEN
        RETURN 'no JSON array: ' || value;
    END IF;
    RETURN '{' || coalesce((
        SELECT string_agg(
            CASE WHEN json_typeof(e) = 'array' AND NOT nests THEN pg_temp.array_text_of(e, element)
                 ELSE coalesce(pg_temp.quoted(pg_temp.text_of(e, element), '\\', '\"'), 'NULL') END,
            delimiter ORDER BY n)
        FROM json_array_elements(value) WITH ORDINALITY AS elements (e, n)), '') || '}';
END $$;

-- Whether a value of the type may itself be an array in JSON, so that brackets say nothing of dimensions.
CREATE FUNCTION pg_temp.is_array_in_json(type oid) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH RECURSIVE base AS (
        SELECT t.* FROM pg_type t WHERE t.oid = type
        UNION ALL
        SELECT t.* FROM base JOIN pg_type t ON t.oid = base.typbasetype WHERE base.typtype = 'd')
    SELECT bool_or(typname IN ('json', 'jsonb') OR typoutput = 'array_out'::regproc) FROM base WHERE typtype <> 'd'
$$;

CREATE FUNCTION pg_temp.composite_text_of(value json, relation oid) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF json_typeof(value) <> 'object' THEN
        RETURN 'no JSON object: ' || value;
    END IF;
    IF (SELECT array_agg(f ORDER BY f COLLATE "C") FROM json_object_keys(value) f) IS DISTINCT FROM
       (SELECT array_agg(attname::text ORDER BY attname::text COLLATE "C") FROM pg_attribute
        WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped) THEN
        RETURN 'other attributes: ' || value;
    END IF;
    RETURN '(' || (
        SELECT coalesce(string_agg(
            coalesce(pg_temp.quoted(pg_temp.text_of(value -> attname::text, atttypid), '\\', '""'), ''), ',' ORDER BY attnum), '')
        FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped) || ')';
END $$;

CREATE FUNCTION pg_temp.hstore_text_of(value json) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(pg_temp.quoted(key, '\\', '\"') || '=>'
        || CASE WHEN json_typeof(item) = 'null' THEN 'NULL' ELSE pg_temp.quoted(item #>> '{}', '\\', '\"') END, ', '), '')
    FROM json_each(value) AS pairs (key, item)
$$;

-- The text that gives the value again; NULL for a JSON null; a text that no value has for JSON of a wrong kind.
CREATE FUNCTION pg_temp.text_of(value json, type oid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    kind text := coalesce(json_typeof(value), 'absent');
    t pg_type;
    expected text := 'string';
    result text := value #>> '{}';
BEGIN
    IF kind = 'null' THEN
        RETURN NULL;
    END IF;
    SELECT * INTO t FROM pg_type WHERE oid = type;
    CASE
        WHEN t.typtype = 'd' THEN RETURN pg_temp.text_of(value, t.typbasetype);
        WHEN kind = 'absent' THEN RETURN 'absent';
        WHEN t.typtype = 'c' THEN RETURN pg_temp.composite_text_of(value, t.typrelid);
        WHEN t.typelem <> 0 AND t.typoutput = 'array_out'::regproc THEN RETURN pg_temp.array_text_of(value, t.typelem);
        WHEN t.typname IN ('json', 'jsonb') THEN RETURN value::text;
        WHEN t.typname = 'hstore' THEN RETURN pg_temp.hstore_text_of(value);
        WHEN t.typname IN ('int2', 'int4', 'int8', 'oid') THEN
            expected := 'number';
        WHEN t.typname IN ('float4', 'float8') THEN
            expected := CASE WHEN result ~ '^(NaN|-?Infinity)$' THEN 'string' ELSE 'number' END;
        WHEN t.typname = 'bool' THEN
            expected := 'boolean';
            result := left(result, 1);
        WHEN t.typname = 'bytea' THEN
            result := '\x' || encode(decode(result, 'base64'), 'hex');
        WHEN t.typname = 'timestamptz' THEN
            -- Only what the target cannot hold keeps its suffix.
            result := CASE
                WHEN result ~ '^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?$' THEN result || '+00'
                WHEN result ~ '^\d{4}-.*\d$' THEN 'not in UTC without a suffix: ' || result
                ELSE result END;
        ELSE NULL;
    END CASE;
    RETURN CASE WHEN kind = expected THEN result ELSE 'JSON ' || kind || ' ' || value END;
END $$;

-- How PostgreSQL prints the value of a text; a text that no value has where it takes it for none.
CREATE FUNCTION pg_temp.printed(value text, type text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SELECT CASE WHEN $1 IS NOT NULL THEN format(''%%s'', $1::%s) END', type) INTO result USING value;
    RETURN result;
EXCEPTION WHEN OTHERS THEN
    RETURN 'no ' || type || ' (' || sqlerrm || '): ' || value;
END $$;
