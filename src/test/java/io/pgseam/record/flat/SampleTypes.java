package io.pgseam.record.flat;

import io.pgseam.pg.PgType;
import io.pgseam.pg.TypeOids;
import java.util.ArrayList;
import java.util.List;

/** Types as the catalogue would describe them. */
final class SampleTypes {

    static final PgType INT4 = builtIn(TypeOids.INT4, "int4");
    static final PgType INT8 = builtIn(TypeOids.INT8, "int8");
    static final PgType FLOAT8 = builtIn(TypeOids.FLOAT8, "float8");
    static final PgType NUMERIC = builtIn(TypeOids.NUMERIC, "numeric");
    static final PgType BOOL = builtIn(TypeOids.BOOL, "bool");
    static final PgType TEXT = builtIn(25, "text");
    static final PgType UUID = builtIn(2950, "uuid");
    static final PgType DATE = builtIn(TypeOids.DATE, "date");
    static final PgType TIME = builtIn(TypeOids.TIME, "time");
    static final PgType TIMESTAMP = builtIn(TypeOids.TIMESTAMP, "timestamp");
    static final PgType TIMESTAMPTZ = builtIn(TypeOids.TIMESTAMPTZ, "timestamptz");
    static final PgType JSON = builtIn(TypeOids.JSON, "json");
    static final PgType JSONB = builtIn(TypeOids.JSONB, "jsonb");
    static final PgType BYTEA = builtIn(TypeOids.BYTEA, "bytea");
    static final PgType BOX = new PgType(603, "pg_catalog", "box", PgType.Kind.BASE, null, -1, ';');
    static final PgType HSTORE = new PgType(90_001, "public", "hstore", PgType.Kind.BASE, null, -1, ',');

    private SampleTypes() {}

    static PgType builtIn(long oid, String name) {
        return new PgType(oid, "pg_catalog", name, PgType.Kind.BASE, null, -1, ',');
    }

    static PgType array(PgType element) {
        return new PgType(80_000 + element.oid(), "public", "_" + element.name(), PgType.Kind.ARRAY, element, -1, ',');
    }

    static PgType domain(PgType base) {
        return new PgType(70_000 + base.oid(), "public", "my_" + base.name(), PgType.Kind.DOMAIN, base, -1, ',');
    }

    /** A composite type with the attributes {@code a}, {@code b} and so on. */
    static PgType composite(PgType... types) {
        List<PgType.Attribute> attributes = new ArrayList<>();
        for (PgType type : types) {
            attributes.add(new PgType.Attribute(String.valueOf((char) ('a' + attributes.size())), type, -1));
        }
        return new PgType(60_001, "public", "pair", PgType.Kind.COMPOSITE, null, -1, ',', attributes);
    }

    static PgType of(PgType.Kind kind) {
        return new PgType(60_000, "public", "sample", kind, null, -1, ',');
    }
}
