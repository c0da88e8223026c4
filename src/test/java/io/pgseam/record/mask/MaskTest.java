package io.pgseam.record.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.debezium.relational.Column;
import io.debezium.relational.mapping.ColumnMapper;
import io.debezium.relational.mapping.ColumnMappers;
import io.debezium.relational.mapping.TruncateColumn;
import io.pgseam.record.mask.HashMask.Input;
import io.pgseam.testing.Seed;
import java.sql.Types;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Debezium's own classes say what a masked value is. */
class MaskTest {

    private static final int UNLIMITED = 0;

    /** Around the length from which on Java serializes a string in another form, in bytes, and characters of one to four of them. */
    static Stream<String> values() {
        Random random = Seed.random(MaskTest.class);
        return Stream.concat(
                Stream.of(
                        "",
                        "a",
                        "ü😀",
                        "😀",
                        "a\tb\n\\",
                        "a".repeat(65_535),
                        "a".repeat(65_536),
                        "😀".repeat(10_922),
                        "😀".repeat(10_923)),
                Stream.generate(() -> text(random)).limit(200));
    }

    private static String text(Random random) {
        return random.ints(random.nextInt(40), 1, 0x1FFFF)
                .filter(character -> character < Character.MIN_SURROGATE || character > Character.MAX_SURROGATE)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    @ParameterizedTest
    @MethodSource("values")
    void hashesAreThoseOfDebezium(String value) {
        for (String algorithm : new String[] {"SHA-256", "MD5", "SHA-512"}) {
            for (int most : new int[] {UNLIMITED, 1, 5, 1_000}) {
                assertThat(new HashMask(Input.SERIALIZED, algorithm, "Sälz.1").apply(value, most))
                        .isEqualTo(debezium(
                                ColumnMappers.build().maskStringsByHashing(".*", algorithm, "Sälz.1"), most, value));
                assertThat(new HashMask(Input.TEXT, algorithm, "Sälz.1").apply(value, most))
                        .isEqualTo(debezium(
                                ColumnMappers.build().maskStringsByHashingV2(".*", algorithm, "Sälz.1"), most, value));
            }
        }
    }

    private static Object debezium(ColumnMappers.Builder rule, int most, String value) {
        Column column = Column.editor()
                .name("c")
                .jdbcType(Types.VARCHAR)
                .type("varchar")
                .length(most == UNLIMITED ? Integer.MAX_VALUE : most)
                .create();
        ColumnMapper mapper = rule.build().mapperFor(new io.debezium.relational.TableId(null, "s", "t"), column);
        return mapper.create(column).convert(value);
    }

    @ParameterizedTest
    @MethodSource("values")
    void valuesAreCutWhereDebeziumCutsThemButForHalvesOfCharacters(String value) {
        for (int length : new int[] {0, 1, 2, 7, 100}) {
            String theirs = (String) new TruncateColumn(length)
                    .create(Column.editor().name("c").create())
                    .convert(value);
            boolean half = !theirs.isEmpty() && Character.isHighSurrogate(theirs.charAt(theirs.length() - 1));
            assertThat(new TruncateMask(length).apply(value, UNLIMITED))
                    .isEqualTo(half ? theirs.substring(0, theirs.length() - 1) : theirs);
        }
    }

    @Test
    void asterisksStandForNullToo() {
        assertThat(new FixedMask(3).apply("secret", UNLIMITED)).isEqualTo("***");
        assertThat(new FixedMask(3).apply(null, UNLIMITED)).isEqualTo("***");
        assertThat(new FixedMask(0).apply("secret", UNLIMITED)).isEmpty();
        assertThat(new HashMask(Input.TEXT, "MD5", "s").apply(null, UNLIMITED)).isNull();
        assertThat(new TruncateMask(3).apply(null, UNLIMITED)).isNull();
    }

    @Test
    void theStrictestComesFirst() {
        Mask hash = new HashMask(Input.TEXT, "MD5", "s");
        assertThat(Stream.of(new TruncateMask(0), hash, new TruncateMask(5), new FixedMask(10_000), new FixedMask(1))
                        .sorted(Mask.STRICTEST_FIRST))
                .containsExactly(
                        new FixedMask(1), new FixedMask(10_000), hash, new TruncateMask(0), new TruncateMask(5));
    }

    @Test
    void anUnknownAlgorithmIsRefusedAndTheSaltIsNeverShown() {
        assertThatThrownBy(() -> new HashMask(Input.TEXT, "SHA256X", "canary"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("SHA256X")
                .hasMessageNotContaining("canary");
        assertThat(new HashMask(Input.TEXT, "MD5", "canary").toString()).doesNotContain("canary");
    }
}
