package io.pgseam.pg;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TypeTextTest {

    private static PgType type(String schema, String name) {
        return new PgType(1, schema, name, PgType.Kind.BASE, null, -1, ',');
    }

    private static String text(String name, int modifier) {
        return TypeText.of(type("pg_catalog", name), modifier);
    }

    @Test
    void writesWhatAModifierSays() {
        assertThat(text("numeric", (12 << 16 | 2) + 4)).isEqualTo("numeric(12,2)");
        assertThat(text("numeric", (3 << 16 | (-2 & 0x7FF)) + 4)).isEqualTo("numeric(3,-2)");
        assertThat(text("varchar", 44)).isEqualTo("varchar(40)");
        assertThat(text("timestamptz", 3)).isEqualTo("timestamptz(3)");
        assertThat(text("interval", 0x7FFF << 16 | 0xFFFF)).isEqualTo("interval");
        assertThat(text("numeric", -1)).isEqualTo("numeric");
    }

    @Test
    void writesArraysAndTypesOfOthers() {
        PgType elements =
                new PgType(2, "pg_catalog", "_varchar", PgType.Kind.ARRAY, type("pg_catalog", "varchar"), -1, ',');
        assertThat(TypeText.of(elements, 44)).isEqualTo("varchar(40)[]");
        assertThat(TypeText.of(type("public", "mood"), -1)).isEqualTo("public.mood");
    }
}
