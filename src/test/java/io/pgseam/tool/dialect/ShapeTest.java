package io.pgseam.tool.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.PgType;
import io.pgseam.pg.PgType.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ShapeTest {

    private static final PgType NUMERIC = type(Kind.BASE, "numeric", null, -1);
    private static final PgType TEXT = type(Kind.BASE, "text", null, -1);

    @Test
    void aNumericHasRoomForWhatItsModifierAllows() {
        assertThat(Shape.of(NUMERIC, modifier(12, 2), 0)).isEqualTo(decimal(12, 2));
        assertThat(Shape.of(NUMERIC, modifier(5, -3), 0)).as("numeric(5,-3)").isEqualTo(decimal(8, 0));
        assertThat(Shape.of(NUMERIC, modifier(3, 5), 0)).as("numeric(3,5)").isEqualTo(decimal(5, 5));
        assertThat(Shape.of(NUMERIC, -1, 0).kind()).isEqualTo(Shape.Kind.NUMERIC);
    }

    @Test
    void aDomainIsWhatIsBelowIt() {
        PgType money = type(Kind.DOMAIN, "price", NUMERIC, modifier(10, 4));
        PgType moreMoney = type(Kind.DOMAIN, "high_price", money, -1);

        assertThat(Shape.of(moreMoney, -1, 0)).isEqualTo(decimal(10, 4));
    }

    @Test
    void anArrayIsOneOnlyIfItsElementsCanBe() {
        PgType texts = type(Kind.ARRAY, "_text", TEXT, -1);
        PgType documents = type(Kind.ARRAY, "_jsonb", type(Kind.BASE, "jsonb", null, -1), -1);
        PgType tags = type(Kind.DOMAIN, "tags", texts, -1);
        PgType numbers = type(Kind.ARRAY, "_numeric", NUMERIC, -1);

        assertThat(Shape.of(texts, -1, 1).kind()).isEqualTo(Shape.Kind.ARRAY);
        assertThat(Shape.of(texts, -1, 2).kind()).as("text[][]").isEqualTo(Shape.Kind.DOCUMENT);
        assertThat(Shape.of(documents, -1, 1).kind()).isEqualTo(Shape.Kind.DOCUMENT);
        assertThat(Shape.of(type(Kind.ARRAY, "_tags", tags, -1), -1, 1).kind())
                .as("an array of arrays")
                .isEqualTo(Shape.Kind.DOCUMENT);
        assertThat(Shape.of(tags, -1, 0).kind()).isEqualTo(Shape.Kind.ARRAY);
        assertThat(Shape.of(numbers, modifier(6, 1), 1).element()).isEqualTo(decimal(6, 1));
    }

    @Test
    void textHasALengthIfTheColumnHasOne() {
        PgType varchar = type(Kind.BASE, "varchar", null, -1);

        assertThat(Shape.of(varchar, 24, 0)).isEqualTo(new Shape(Shape.Kind.BOUNDED_TEXT, 20, 0, null));
        assertThat(Shape.of(varchar, -1, 0).kind()).isEqualTo(Shape.Kind.TEXT);
        assertThat(Shape.of(type(Kind.RANGE, "int4range", null, -1), -1, 0).kind())
                .isEqualTo(Shape.Kind.TEXT);
        PgType citext = new PgType(99_999, "public", "citext", Kind.BASE, null, -1, ',');
        assertThat(Shape.of(citext, -1, 0).kind()).isEqualTo(Shape.Kind.TEXT);
    }

    private static Shape decimal(int precision, int scale) {
        return new Shape(Shape.Kind.DECIMAL, precision, scale, null);
    }

    private static int modifier(int precision, int scale) {
        return ((precision << 16) | (scale & 0x7FF)) + 4;
    }

    private static PgType type(Kind kind, String name, @Nullable PgType element, int modifier) {
        return new PgType(1, "pg_catalog", name, kind, element, modifier, ',', List.of());
    }
}
