-- One table with a column of every type that a column may have: of this server, of its extensions, and of our own making.
-- Types are enumerated from pg_type, so that none is forgotten that a new version brings.

CREATE EXTENSION citext;
CREATE EXTENSION cube;
CREATE EXTENSION hstore;
CREATE EXTENSION isn;
CREATE EXTENSION ltree;
CREATE EXTENSION seg;

CREATE SCHEMA own;
CREATE TYPE own.mood AS ENUM ('sad', 'so, so', 'O''Brien "happy" \ {}');
CREATE DOMAIN own.positive AS int CHECK (value > 0);
CREATE DOMAIN own.tags AS text[];
CREATE DOMAIN own.at AS timestamptz(3);
CREATE DOMAIN own.code AS char(4);
CREATE TYPE own.part AS (name text, "Q t" own.positive, tags text[], "at" timestamptz, body jsonb, raw bytea, fine bool);
CREATE TYPE own.whole AS (id bigint, part own.part, parts own.part[], price numeric(10, 2));
CREATE TYPE own.empty AS ();
CREATE DOMAIN own.part_with_name AS own.part CHECK ((value).name <> '');
CREATE TYPE own.span AS RANGE (subtype = float8);
CREATE TYPE own.words AS RANGE (subtype = text, collation = "C");

-- Values of types, as text. A type that is not here gets those of 'any' that it accepts.
CREATE UNLOGGED TABLE literals AS SELECT * FROM (VALUES
    ('yes_or_no', ARRAY['YES', 'NO']),
    ('any', ARRAY['1', '0', '2020-02-29', '(1,2)', 'abc', '1,2', '0/16B3740', '{1,2}', '{}', '10:20:10,15', '[1,2]', '()', '']),
    ('bool', ARRAY['t', 'f']),
    ('bytea', ARRAY['', '\x00ff5c6e0a', 'plain', '\x' || repeat('deadbeef', 700)]),
    ('char', ARRAY['a', '', '"', '\', '\200']),
    ('name', ARRAY['a name', '', 'Ünï "q" \', repeat('x', 63)]),
    ('int8', ARRAY['0', '9223372036854775807', '-9223372036854775808', '9007199254740993']),
    ('int2', ARRAY['0', '32767', '-32768']),
    ('int4', ARRAY['7', '2147483647', '-2147483648']),
    ('text', ARRAY['plain', '', ' ', E'tab\tnew\nline\r\b\f\v\x01\x7f', '\N', '\.', 'NULL', 'null', '"q" \ {},()''', '😀 ü  ', repeat('äö\', 1500)]),
    ('varchar', ARRAY['v', '', E'x\n\\', repeat('z', 3000)]),
    ('bpchar', ARRAY['b  ', '', '\']),
    ('oid', ARRAY['0', '4294967295', '26']),
    ('tid', ARRAY['(0,1)', '(4294967295,65535)']),
    ('xid', ARRAY['3', '4294967295']),
    ('cid', ARRAY['0', '4294967295']),
    ('xid8', ARRAY['0', '18446744073709551615']),
    ('json', ARRAY['{"b": 1.10, "a": [null, "\u00e4\\\"", {}], "a" : 1e400}', '[]', '"\u0000"', '[ 1 ,  2 ]', 'true', '0.10', E'{\n"x":\n1}']),
    ('jsonb', ARRAY['{"b": 1.10, "a": [null, "\u00e4\\\"", {}]}', '[]', '"x"', 'false', '12345678901234567890.12345678901234567890', '{}']),
    ('xml', ARRAY['<a b="c">&amp;é</a>', 'text <b/>', '']),
    ('point', ARRAY['(1.5,-2)', '(Infinity,NaN)', '(1e-300,1e+300)']),
    ('lseg', ARRAY['[(1,2),(3,4)]', '[(0,0),(0.1,-0)]']),
    ('path', ARRAY['((1,2),(3,4))', '[(1,2),(3,4),(5,6)]']),
    ('box', ARRAY['(3,4),(1,2)', '(0.5,0),(-1,-2)']),
    ('polygon', ARRAY['((0,0),(1,1),(2,0))', '((1,1))']),
    ('line', ARRAY['{1,2,3}', '{-1,0,0.5}']),
    ('circle', ARRAY['<(1,2),3>', '<(0,0),0>']),
    ('float4', ARRAY['0.1', '-0', '1e-45', '3.4028235e38', 'NaN', 'Infinity', '-Infinity', '1e6', '16777216', '1e-5']),
    ('float8', ARRAY['0.1', '-0', '5e-324', '1.7976931348623157e308', 'NaN', 'Infinity', '-Infinity', '1e15', '1e16', '123456789012345.6', '0.3', '1e-5']),
    ('numeric', ARRAY['0', '1.10', '-0.000', '12345678901234567890123456789012345678901234567890.00', '1e-40', '1e100', 'NaN', '5e-9', 'Infinity', '-Infinity']),
    ('money', ARRAY['0', '-92233720368547758.08', '92233720368547758.07', '12.50']),
    ('macaddr', ARRAY['08:00:2b:01:02:03', 'ff:ff:ff:ff:ff:ff']),
    ('macaddr8', ARRAY['08:00:2b:01:02:03:04:05', '00:00:00:00:00:00:00:00']),
    ('inet', ARRAY['192.168.1.7/24', '10.0.0.1', '::1', '2001:db8::ff00:42:8329/64', '::ffff:1.2.3.4']),
    ('cidr', ARRAY['192.168.0.0/16', '0.0.0.0/0', '2001:db8::/32']),
    ('date', ARRAY['2020-02-29', '0001-01-01', '9999-12-31', 'infinity', '-infinity', '4713-01-01 BC', '5874897-12-31', '10000-01-01']),
    ('time', ARRAY['00:00:00', '23:59:59.999999', '24:00:00', '12:30']),
    ('timetz', ARRAY['00:00:00+00', '23:59:59.999999-15:59:59', '24:00:00+05:30', '12:30+01']),
    ('timestamp', ARRAY['2020-02-29 12:30', '0001-01-01', '9999-12-31 23:59:59.999999', 'infinity', '-infinity', '4713-01-01 00:00 BC', '294276-12-31 23:59:59.999999', '1969-12-31 23:59:59.1']),
    ('timestamptz', ARRAY['2020-02-29 12:30+05:30', '0001-01-01 00:00+00', '9999-12-31 23:59:59.999999+00', 'infinity', '-infinity', '4713-01-01 00:00+00 BC', '294276-12-31 23:59:59.999999+00', '1883-11-18 12:03:57-04:56:02', '2024-03-31 02:30+02', '10000-01-01 00:00+00']),
    ('interval', ARRAY['0', '1 year 2 mons -3 days 04:05:06.789', '-178000000 years', '1 mon', '00:00:00.000001', '-1 day', '2147483647 days 10:00:00']),
    ('bit', ARRAY['1', '0']),
    ('varbit', ARRAY['', '10101', repeat('01', 200)]),
    ('uuid', ARRAY['00000000-0000-0000-0000-000000000000', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'ffffffff-ffff-ffff-ffff-ffffffffffff']),
    ('pg_lsn', ARRAY['0/0', 'FFFFFFFF/FFFFFFFF', '16/B374D848']),
    ('tsvector', ARRAY['''a'':1A ''b c'':2 ''it''''s'':3B,4', '', '''\\'' ''"''']),
    ('tsquery', ARRAY['''fat'' & ( ''rat'' | !''cat'' )', '''a'':*AB <2> ''b''']),
    ('jsonpath', ARRAY['$."a"[*]?(@.x > 1 && @.y like_regex "^\\d")', '$', 'strict $.**']),
    ('txid_snapshot', ARRAY['10:20:10,14,15', '1:1:']),
    ('pg_snapshot', ARRAY['10:20:10,14,15', '1:1:']),
    ('refcursor', ARRAY['cursor', '']),
    ('int2vector', ARRAY['1 2 3', '']),
    ('oidvector', ARRAY['1 2 3', '']),
    ('aclitem', ARRAY['postgres=arwdDxt/postgres', '=r/postgres']),
    ('regproc', ARRAY['now', '-']),
    ('regprocedure', ARRAY['abs(integer)', '-']),
    ('regoper', ARRAY['||/', '0']),
    ('regoperator', ARRAY['+(integer,integer)', '0']),
    ('regclass', ARRAY['pg_class', 'information_schema.tables', '-']),
    ('regcollation', ARRAY['"C"', '-']),
    ('regtype', ARRAY['integer', 'timestamp with time zone', '-']),
    ('regrole', ARRAY['postgres', '-']),
    ('regnamespace', ARRAY['pg_catalog', '-']),
    ('regconfig', ARRAY['english', '-']),
    ('regdictionary', ARRAY['simple', '-']),
    ('regdatabase', ARRAY['postgres', '-']),
    ('hstore', ARRAY['', '"a"=>"1", "b"=>NULL, "q\"\\"=>"NULL", ""=>"=>"', 'x=>y']),
    ('citext', ARRAY['Case', 'case', '']),
    ('cube', ARRAY['(1,2,3)', '(0,0),(1,1.5)']),
    ('seg', ARRAY['1.5', '1.0 .. 2.00', '~3', '< 7']),
    ('ltree', ARRAY['Top.Science.Astronomy', '']),
    ('lquery', ARRAY['Top.*{0,2}.sport*@|tennis', '*']),
    ('ltxtquery', ARRAY['Europe & Russia*@ & !Transportation', 'a']),
    ('ean13', ARRAY['978-0-393-04002-9']), ('isbn13', ARRAY['978-0-393-04002-9']), ('isbn', ARRAY['0-393-04002-X']),
    ('ismn13', ARRAY['979-0-2600-0043-8']), ('ismn', ARRAY['M-2600-0043-8']), ('issn13', ARRAY['977-1436-45200-8']),
    ('issn', ARRAY['1436-4522']), ('upc', ARRAY['220356483481']),
    ('positive', ARRAY['1', '2147483647']),
    ('code', ARRAY['ab', 'a  b', '']),
    ('at', ARRAY['2020-02-29 12:30:00.123+05:30', '1969-12-31 23:59:59.999+00', 'infinity']),
    ('tags', ARRAY['{a,NULL,"b,c"}', '{}', '{{1,2},{3,4}}']),
    ('part', ARRAY['("a ""b"" \\c",5,"{x,NULL,\"y,z\"}","2020-02-29 12:00+00","{""k"": [1]}","\\x00ff",t)', '(,,,,,,)', '("",1,{},,,,f)']),
    ('part_with_name', ARRAY['(n,,,,,,)', '(",",1,{},,,,f)']),
    ('whole', ARRAY['(1,"(a,2,{b},""2020-02-29 12:00+00"",,,)","{""(c,3,,,,,t)"",NULL,""(,,,,,,)""}",1.50)', '(,,,)', '(9,,{},-0.05)']),
    ('empty', ARRAY['()']),
    ('words', ARRAY['["a, b",c)', '(,"\"q\" \\")', 'empty']),
    ('span', ARRAY['[0.1,Infinity)', '(,)', 'empty']),
    ('int4range', ARRAY['[1,5)', '(,7)', '(,)', 'empty', '[2147483646,2147483647)']),
    ('int8range', ARRAY['[1,5)', '(,7)', 'empty']),
    ('numrange', ARRAY['[1.10,5.0)', '(,7]', '(1,2)', 'empty']),
    ('daterange', ARRAY['[2020-01-01,2020-03-01)', '[-infinity,infinity]', '(,)']),
    ('tsrange', ARRAY['[2020-01-01 00:00,2020-03-01 12:00)', '(,"2020-01-01 00:00:00.5"]', 'empty']),
    ('tstzrange', ARRAY['[2020-01-01 00:00+02,2020-03-01 12:00+00)', '(,)', 'empty']),
    ('int4multirange', ARRAY['{[1,5),[7,9)}', '{}', '{(,)}']),
    ('tstzmultirange', ARRAY['{["2020-01-01 00:00+02","2020-03-01 12:00+00")}', '{}']),
    ('nummultirange', ARRAY['{[1.10,5.0),(7,)}', '{}']),
    ('wordsmultirange', ARRAY['{["a, b",c)}', '{}'])
) AS t (type, texts);

-- What has no input function that takes anything: its values come from the catalogue, or there are none.
CREATE UNLOGGED TABLE without_input AS SELECT * FROM (VALUES
    ('pg_node_tree', 'SELECT adbin FROM pg_attrdef LIMIT 1'), ('pg_ndistinct', 'SELECT stxdndistinct FROM pg_statistic_ext_data'),
    ('pg_dependencies', 'SELECT stxddependencies FROM pg_statistic_ext_data'),
    ('pg_mcv_list', 'SELECT stxdmcv FROM pg_statistic_ext_data'), ('pg_brin_bloom_summary', NULL),
    ('pg_brin_minmax_multi_summary', NULL), ('gtsvector', NULL), ('ltree_gist', NULL), ('ghstore', NULL)
) AS t (type, query);
CREATE UNLOGGED TABLE for_statistics AS SELECT i % 3 AS a, i % 6 AS b FROM generate_series(1, 60) i;
ALTER TABLE for_statistics ADD c int DEFAULT 1 + 2;
CREATE STATISTICS every_kind ON a, b FROM for_statistics;
ANALYZE for_statistics;

CREATE FUNCTION accepted(candidates text[], type text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    candidate text;
    result text[] := '{}';
BEGIN
    FOREACH candidate IN ARRAY candidates LOOP
        BEGIN
            EXECUTE format('SELECT %L::%s', candidate, type);
            result := result || candidate;
        EXCEPTION WHEN OTHERS THEN
            NULL;
        END;
    END LOOP;
    RETURN result;
END $$;

CREATE UNLOGGED TABLE column_types AS
    SELECT t.oid, CASE WHEN n.nspname = 'pg_catalog' THEN t.typname ELSE n.nspname || '.' || t.typname END AS name,
           format_type(t.oid, NULL) AS sql, t.typname, t.typtype, t.typelem, t.typtype = 'b' AND t.typoutput = 'array_out'::regproc AS is_array
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN pg_type element ON element.oid = t.typelem AND t.typoutput = 'array_out'::regproc
    LEFT JOIN pg_class row ON row.oid = coalesce(element.typrelid, t.typrelid) AND row.oid <> 0
    WHERE t.typtype <> 'p' AND coalesce(element.typtype, 'b') <> 'p'
      -- Row types of tables are composites as others are; there are hundreds of them.
      AND (row.oid IS NULL OR row.relkind = 'c');

-- Values that a type accepts, of its own or those of 'any'.
CREATE FUNCTION values_of(type_oid oid) RETURNS text[] LANGUAGE sql AS $$
    SELECT accepted(coalesce(
            (SELECT texts FROM literals WHERE type = t.typname),
            (SELECT array_agg(enumlabel::text ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid),
            (SELECT texts FROM literals WHERE type = 'any')), t.sql)
    FROM column_types t WHERE t.oid = type_oid
$$;

-- Row 1 has no values; from there on each column begins again when it has no more.
CREATE UNLOGGED TABLE sample (n int PRIMARY KEY);
INSERT INTO sample SELECT generate_series(1, 24);

DO $$
DECLARE
    t column_types;
    element column_types;
    texts text[];
    whole text;
    value text;
    forgotten text[] := '{}';
BEGIN
    FOR t IN SELECT * FROM column_types ORDER BY name LOOP
        EXECUTE format('ALTER TABLE sample ADD %I %s', t.name, t.sql);
        SELECT e.* INTO element FROM column_types e WHERE t.is_array AND e.oid = t.typelem;
        CONTINUE WHEN EXISTS (SELECT FROM without_input WHERE type = element.typname OR type = t.typname AND query IS NULL);
        SELECT format('(%s)', query) INTO value FROM without_input WHERE type = t.typname;
        texts := values_of(coalesce(element.oid, t.oid));
        IF texts = '{}' AND value IS NULL THEN
            forgotten := forgotten || t.name;
        ELSE
            -- As literals, which go through the type's input function.
            whole := (SELECT format('(ARRAY[%s])', string_agg(format('%L::%s', v, coalesce(element.sql, t.sql)), ', '))
                      FROM unnest(texts) AS v);
            value := coalesce(value, CASE WHEN t.is_array
                THEN format('CASE n %% 5 WHEN 0 THEN %1$s WHEN 1 THEN %4$s WHEN 2 THEN'
                    || ' ARRAY[NULL, %2$s, NULL]::%3$s WHEN 3 THEN ''{}'' ELSE ARRAY[%2$s]::%3$s END',
                    whole, whole || format('[1 + n %% cardinality(%s)]', whole), t.sql,
                    -- In JSON, nobody could tell a second dimension from an element that is itself an array.
                    CASE WHEN element.typname IN ('json', 'jsonb', 'tags') THEN '''{}''' ELSE format('ARRAY[%1$s, %1$s]', whole) END)
                ELSE whole || format('[1 + n %% cardinality(%s)]', whole) END);
        END IF;
        EXECUTE format('UPDATE sample SET %I = %s WHERE n > 1', t.name, coalesce(value, 'NULL'));
    END LOOP;
    IF forgotten <> '{}' THEN
        RAISE 'no value in literals for the types %', forgotten;
    END IF;
END $$;

DO $$
DECLARE
    columns text := (SELECT string_agg(format('%I', name), ', ' ORDER BY name) FROM column_types);
BEGIN
    EXECUTE 'CREATE TABLE every_type AS SELECT 24 * turn + n AS n, ' || columns
        || ' FROM sample, generate_series(0, 4) AS turn';
END $$;
ALTER TABLE every_type ADD PRIMARY KEY (n);
