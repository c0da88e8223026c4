package io.pgseam.pg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.PgType.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PgTypeTest {

    private static final PgType INT4 = new PgType(23, "pg_catalog", "int4", Kind.BASE, null, -1, ',');

    @Test
    void findsTheTypeBelowAllDomains() {
        PgType positive = new PgType(90_001, "shop", "positive", Kind.DOMAIN, INT4, -1, ',');
        PgType quantity = new PgType(90_002, "shop", "quantity", Kind.DOMAIN, positive, -1, ',');

        assertThat(quantity.underlying()).isSameAs(INT4);
        assertThat(INT4.underlying()).isSameAs(INT4);
    }

    @Test
    void doesNotLookInsideAnArray() {
        PgType array = new PgType(1007, "pg_catalog", "_int4", Kind.ARRAY, INT4, -1, ',');
        PgType domain = new PgType(90_003, "shop", "quantities", Kind.DOMAIN, array, -1, ',');

        assertThat(domain.underlying()).isSameAs(array);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"ARRAY", "DOMAIN"})
    void needsAnElementTypeWhereItIsMadeOfOne(Kind kind) {
        assertThatThrownBy(() -> new PgType(1, "shop", "broken", kind, null, -1, ','))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shop.broken");
    }
}
