package io.pgseam.pg.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.TextRow;
import io.pgseam.testing.Seed;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CopyRowParserTest {

    private static final int FUZZ_ROWS = 20_000;
    private static final String ESCAPING = "\\\\\t\n\r\bN.x017";

    private final TextRow row = new TextRow();

    @Test
    void splitsFieldsAtTabs() {
        assertThat(parse(4, "1\tsome longer text of several words\t\tlast\n"))
                .containsExactly("1", "some longer text of several words", "", "last");
    }

    @Test
    void readsOnlyTheGivenPartOfTheArray() {
        byte[] bytes = bytes("x\ty\n1\ta\\tb\n3\t4\n");
        new CopyRowParser(2).parse(bytes, 4, 7, row);
        assertThat(texts(row)).containsExactly("1", "a\tb");
        assertThat(new String(bytes, StandardCharsets.UTF_8))
                .startsWith("x\ty\n")
                .endsWith("\n3\t4\n");
    }

    @Test
    void aFieldThatIsBackslashNIsNull() {
        assertThat(parse(3, "\\N\t\\N\t\\N\n")).containsExactly(null, null, null);
    }

    @Test
    void backslashNInsideAFieldIsNotNull() {
        assertThat(parse(4, "\\Nx\tx\\N\t\\\\N\tN\n")).containsExactly("Nx", "xN", "\\N", "N");
    }

    @ParameterizedTest
    @CsvSource({
        "\\b, 8",
        "\\f, 12",
        "\\n, 10",
        "\\r, 13",
        "\\t, 9",
        "\\v, 11",
        "\\\\, 92",
        "\\x, 120",
        "\\q, 113",
        "\\7, 7",
        "\\101, 65",
        "\\x41, 65",
        "\\x4A, 74",
        "\\xf, 15",
        "\\177, 127",
        "\\., 46"
    })
    void unescapes(String escape, int character) {
        String expected = String.valueOf((char) character);
        assertThat(parse(2, escape + "\t0\n")).containsExactly(expected, "0");
        assertThat(parse(2, "before" + escape + "\tafter\n")).containsExactly("before" + expected, "after");
        assertThat(parse(1, "before, and " + escape + "zzz that follows\n"))
                .containsExactly("before, and " + expected + "zzz that follows");
    }

    @Test
    void octalAndHexEscapesEndAfterTheirDigits() {
        assertThat(parse(2, "\\1011\t\\x411\n")).containsExactly("A1", "A1");
        assertThat(parse(2, "\\18\t\\x4g\n")).containsExactly("\u00018", "\u0004g");
    }

    @Test
    void escapedBytesCanFormOneCharacter() {
        assertThat(parse(2, "\\303\\251\t\\xc3\\xa9\n")).containsExactly("é", "é");
    }

    @Test
    void aTabBehindABackslashBelongsToTheField() {
        assertThat(parse(1, "a\\\tb\n")).containsExactly("a\tb");
    }

    @Test
    void aRowOfOneEmptyFieldIsAnEmptyLine() {
        assertThat(parse(1, "\n")).containsExactly("");
    }

    @Test
    void aRowOfNoFieldsIsAnEmptyLineToo() {
        assertThat(parse(0, "\n")).isEmpty();
    }

    @Test
    void leavesNonAsciiBytesAlone() {
        assertThat(parse(2, "žluťoučký kůň\t😀 \\\\ 漢字\n")).containsExactly("žluťoučký kůň", "😀 \\ 漢字");
    }

    @Test
    void canBeUsedForRowAfterRow() {
        CopyRowParser parser = new CopyRowParser(2);
        for (String text : List.of("a", "bb", "ccc")) {
            byte[] line = bytes(text + "\t\\N\n");
            parser.parse(line, 0, line.length, row);
            assertThat(texts(row)).containsExactly(text, null);
        }
    }

    @Test
    void tellsTheWrongNumberOfFieldsAndWhere() {
        assertMalformed(3, "12\tsecret\n", 9, "2 fields, expected were 3");
        assertMalformed(1, "12\tsecret\n", 3, "more than the expected 1");
        assertMalformed(0, "secret\n", 0, "more than the expected 0");
        assertMalformed(2, "secret\t\t\n", 8, "more than the expected 2");
    }

    @Test
    void tellsALoneBackslashAtTheEnd() {
        assertMalformed(1, "secret\\\n", 6, "lone backslash");
        assertMalformed(1, "\\\n", 0, "lone backslash");
        assertMalformed(1, "\\\\secret\\\n", 8, "lone backslash");
    }

    @Test
    void tellsAMissingNewline() {
        assertMalformed(2, "1\tsecret", 8, "does not end with a newline");
        assertMalformed(2, "", 0, "does not end with a newline");
    }

    @ParameterizedTest
    @ValueSource(strings = {"secret\n\tsecret\n", "\\\\secret\nsecret\tx\n", "\n\n"})
    void tellsANewlineInsideTheRow(String line) {
        assertMalformed(2, line, line.indexOf('\n'), "a newline inside");
    }

    @Test
    void tellsTheEndMarker() {
        assertMalformed(1, "\\.\n", 0, "end-of-data marker");
        assertThat(parse(1, "\\\\.\n")).containsExactly("\\.");
    }

    @Test
    void countsThePositionFromTheBeginningOfTheRow() {
        byte[] line = bytes("12345678a\\\n");
        assertThatThrownBy(() -> new CopyRowParser(1).parse(line, 8, 3, row))
                .isInstanceOfSatisfying(
                        CopyFormatException.class, e -> assertThat(e.position()).isEqualTo(1));
    }

    @Test
    void refusesAPartOutsideTheArray() {
        assertThatThrownBy(() -> new CopyRowParser(1).parse(bytes("a\n"), 1, 2, row))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void whateverIsEscapedIsReadBack() {
        Random random = Seed.random(CopyRowParserTest.class);
        for (int i = 0; i < FUZZ_ROWS; i++) {
            List<byte @Nullable []> fields = randomFields(random);
            byte[] padding = new byte[random.nextInt(10)];
            byte[] line = escape(fields, random);
            byte[] bytes = Arrays.copyOf(padding, padding.length + line.length + random.nextInt(10));
            System.arraycopy(line, 0, bytes, padding.length, line.length);

            new CopyRowParser(fields.size()).parse(bytes, padding.length, line.length, row);

            assertThat(row.size()).isEqualTo(fields.size());
            for (int field = 0; field < row.size(); field++) {
                assertThat(value(row, field)).as("row %d, field %d", i, field).isEqualTo(fields.get(field));
            }
        }
    }

    @Test
    void brokenRowsAreReadOrRefusedButNeverElse() {
        Random random = Seed.random(CopyRowParserTest.class);
        byte[] interesting = bytes("\t\n\\Nx01789afAF.\"");
        int refused = 0;
        for (int i = 0; i < FUZZ_ROWS; i++) {
            List<byte @Nullable []> fields = randomFields(random);
            byte[] line = escape(fields, random);
            for (int mutation = random.nextInt(4); mutation > 0; mutation--) {
                line[random.nextInt(line.length)] = random.nextBoolean()
                        ? interesting[random.nextInt(interesting.length)]
                        : (byte) random.nextInt(256);
            }
            int length = random.nextBoolean() ? line.length : random.nextInt(line.length + 1);
            try {
                new CopyRowParser(fields.size()).parse(line, 0, length, row);
                assertThat(row.size()).isEqualTo(fields.size());
                for (int field = 0; field < row.size(); field++) {
                    if (!row.isNull(field)) {
                        assertThat(row.start(field) + row.length(field)).isBetween(0, length - 1);
                    }
                }
            } catch (CopyFormatException e) {
                refused++;
                assertThat(e.position()).isBetween(0, length);
            }
        }
        assertThat(refused).isBetween(FUZZ_ROWS / 10, FUZZ_ROWS - 1);
    }

    private void assertMalformed(int fields, String line, int position, String problem) {
        ThrowingCallable parsing = () -> parse(fields, line);
        assertThatThrownBy(parsing)
                .isInstanceOf(CopyFormatException.class)
                .hasMessageContainingAll("byte " + position + ":", problem)
                .hasMessageNotContaining("secret");
    }

    private List<@Nullable String> parse(int fields, String line) {
        byte[] bytes = bytes(line);
        new CopyRowParser(fields).parse(bytes, 0, bytes.length, row);
        return texts(row);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<@Nullable String> texts(TextRow row) {
        List<@Nullable String> texts = new ArrayList<>();
        for (int field = 0; field < row.size(); field++) {
            texts.add(row.isNull(field) ? null : row.text(field));
        }
        return texts;
    }

    private static byte @Nullable [] value(TextRow row, int field) {
        return row.isNull(field)
                ? null
                : Arrays.copyOfRange(row.bytes(), row.start(field), row.start(field) + row.length(field));
    }

    private static List<byte @Nullable []> randomFields(Random random) {
        List<byte @Nullable []> fields = new ArrayList<>();
        for (int field = 1 + random.nextInt(8); field > 0; field--) {
            fields.add(random.nextInt(8) == 0 ? null : randomValue(random));
        }
        return fields;
    }

    private static byte[] randomValue(Random random) {
        byte[] value = new byte[random.nextInt(random.nextInt(4) == 0 ? 60 : 12)];
        int alphabet = random.nextInt(3);
        for (int i = 0; i < value.length; i++) {
            value[i] = (byte)
                    switch (alphabet) {
                        case 0 -> 'a' + random.nextInt(26);
                        case 1 -> ESCAPING.charAt(random.nextInt(ESCAPING.length()));
                        default -> random.nextInt(256);
                    };
        }
        return value;
    }

    /** Not the parser turned round: it picks any of the ways in which the documentation lets a character be written. */
    private static byte[] escape(List<byte @Nullable []> fields, Random random) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int field = 0; field < fields.size(); field++) {
            if (field > 0) {
                line.write('\t');
            }
            byte[] value = fields.get(field);
            if (value == null) {
                line.writeBytes(bytes("\\N"));
                continue;
            }
            for (byte character : value) {
                line.writeBytes(escape(character, random));
            }
        }
        line.write('\n');
        return line.toByteArray();
    }

    private static byte[] escape(byte character, Random random) {
        boolean must = character == '\t' || character == '\n' || character == '\\';
        if (!must && random.nextInt(10) > 0) {
            return new byte[] {character};
        }
        int letter = "\b\f\n\r\t\u000b\\".indexOf((char) character);
        int way = random.nextInt(letter >= 0 ? 3 : 2);
        return switch (way) {
            case 0 -> bytes(String.format("\\%03o", character & 0xFF));
            case 1 -> bytes(String.format("\\x%02x", character & 0xFF));
            default -> bytes("\\" + "bfnrtv\\".charAt(letter));
        };
    }
}
