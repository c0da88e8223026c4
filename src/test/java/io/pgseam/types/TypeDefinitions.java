package io.pgseam.types;

import java.util.List;

/** The extensions and the users' types that {@link EveryType} has values of. */
final class TypeDefinitions {

    private TypeDefinitions() {}

    /** The statements that make them. */
    static final List<String> STATEMENTS = List.of(
            "CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE EXTENSION ltree; CREATE EXTENSION cube;"
                    + " CREATE EXTENSION seg; CREATE EXTENSION isn; CREATE EXTENSION lo; CREATE EXTENSION intarray",
            "CREATE TYPE mood AS ENUM ('sad', 'so \"so\"', 'happy, very', 'ü漢😀', '\\', 'NULL', '')",
            "CREATE DOMAIN quantity AS int CHECK (VALUE <> 0)",
            "CREATE DOMAIN small_quantity AS quantity",
            "CREATE DOMAIN tags AS text[]",
            "CREATE TYPE pair AS (a int, gone date, \"B \"\"ä\" text)",
            "ALTER TYPE pair DROP ATTRIBUTE gone",
            "CREATE DOMAIN marked AS pair CHECK ((VALUE).a IS DISTINCT FROM 7)",
            "CREATE TYPE box_of_pairs AS (name text, pairs pair[], marked marked, spans int4multirange)",
            "CREATE TYPE parcel AS (n numeric, b bytea, h hstore, w tags, r int4range, t timestamptz, f float8)",
            "CREATE TYPE parcel_wire AS (n numeric, b text, h json, w tags, r int4range, t timestamptz, f float8)",
            "CREATE FUNCTION hstore_of(j json) RETURNS hstore AS $$ SELECT CASE WHEN json_typeof(j) <> 'null' THEN (SELECT"
                    + " coalesce(hstore(array_agg(key), array_agg(value)), '') FROM json_each_text(j)) END $$ LANGUAGE sql",
            "CREATE FUNCTION parcel_of(j json) RETURNS parcel AS $$ SELECT CASE WHEN json_typeof(j) <> 'null' THEN"
                    + " (SELECT ROW(w.n, decode(w.b, 'base64'), hstore_of(w.h), w.w, w.r, w.t, w.f)::parcel"
                    + " FROM json_populate_record(NULL::parcel_wire, j) w) END $$ LANGUAGE sql");
}
