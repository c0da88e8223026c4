package io.pgseam.types;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Random values as PostgreSQL's input text. A null is NULL. */
final class RandomValues {

    private static final int MOST_TEXT = 40;

    private RandomValues() {}

    static String digits(Random random, int most) {
        StringBuilder digits = new StringBuilder();
        for (int i = 1 + random.nextInt(most); i > 0; i--) {
            digits.append((char) ('0' + random.nextInt(10)));
        }
        return digits.toString();
    }

    static String numeric(Random random) {
        int most = random.nextInt(20) == 0 ? 1_000 : 20;
        return (random.nextBoolean() ? "-" : "")
                + digits(random, most)
                + (random.nextBoolean() ? "." + digits(random, most) : "");
    }

    static String float8(Random random) {
        return Double.toString(Double.longBitsToDouble(random.nextLong()));
    }

    static String float4(Random random) {
        return Float.toString(Float.intBitsToFloat(random.nextInt()));
    }

    /** Text of any characters: control characters, what PostgreSQL and JSON escape, and every plane of Unicode. */
    static String text(Random random) {
        return text(random, random.nextInt(MOST_TEXT));
    }

    static String text(Random random, int characters) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < characters; i++) {
            text.appendCodePoint(
                    switch (random.nextInt(8)) {
                        case 0 -> 1 + random.nextInt(31);
                        case 1 -> "\\\"'{}(),;=><N[]:/ \t\n".codePointAt(random.nextInt(19));
                        case 2 -> 0x80 + random.nextInt(0x700);
                        case 3 -> 0x800 + random.nextInt(0xD000);
                        case 4 -> 0x10000 + random.nextInt(0x100000);
                        default -> 0x20 + random.nextInt(0x60);
                    });
        }
        return text.toString();
    }

    static String word(Random random) {
        return random.ints(1 + random.nextInt(8), 'a', 'z' + 1)
                .mapToObj(letter -> String.valueOf((char) letter))
                .collect(Collectors.joining());
    }

    static String hex(Random random, int bytes) {
        byte[] value = new byte[bytes];
        random.nextBytes(value);
        return HexFormat.of().formatHex(value);
    }

    static String bits(Random random, int length) {
        return random.ints(length, 0, 2).mapToObj(String::valueOf).collect(Collectors.joining());
    }

    /** A date of the given greatest year; sometimes before Christ. */
    static String date(Random random, int mostYear) {
        return date(random, mostYear, "");
    }

    static String timestamp(Random random) {
        return date(random, 294_275, " " + time(random));
    }

    static String timestamptz(Random random) {
        return date(random, 294_275, " " + time(random) + zone(random));
    }

    private static String date(Random random, int mostYear, String rest) {
        boolean beforeChrist = random.nextInt(10) == 0;
        int year = 1 + random.nextInt(beforeChrist ? 4_700 : random.nextInt(10) == 0 ? mostYear : 9_998);
        return String.format(
                Locale.ROOT,
                "%04d-%02d-%02d%s%s",
                year,
                1 + random.nextInt(12),
                1 + random.nextInt(28),
                rest,
                beforeChrist ? " BC" : "");
    }

    static String time(Random random) {
        String fraction = random.nextBoolean() ? "" : "." + digits(random, 6);
        return String.format(Locale.ROOT, "%02d:%02d:%02d", random.nextInt(24), random.nextInt(60), random.nextInt(60))
                + fraction;
    }

    static String zone(Random random) {
        return String.format(
                Locale.ROOT, "%s%02d:%02d", random.nextBoolean() ? "+" : "-", random.nextInt(15), random.nextInt(60));
    }

    static String interval(Random random) {
        return random.nextInt(-200_000, 200_000) + " mons " + random.nextInt(-1_000_000, 1_000_000) + " days "
                + (random.nextBoolean() ? "-" : "") + time(random);
    }

    static String point(Random random) {
        return "(" + coordinate(random) + "," + coordinate(random) + ")";
    }

    static double coordinate(Random random) {
        return random.nextInt(3) == 0 ? random.nextInt(100) : random.nextGaussian() * 1e6;
    }

    static String points(Random random, int count) {
        return IntStream.range(0, count).mapToObj(i -> point(random)).collect(Collectors.joining(","));
    }

    static String address(Random random, int parts, int most, String format, String between) {
        return IntStream.range(0, parts)
                .mapToObj(i -> String.format(Locale.ROOT, format, random.nextInt(most)))
                .collect(Collectors.joining(between));
    }

    /** A JSON value with white space, escapes and keys that stand twice. */
    static String json(Random random, boolean asText, int depth) {
        String space = asText ? List.of("", " ", "\n", "\t", "  ").get(random.nextInt(5)) : "";
        return space
                + switch (random.nextInt(depth > 0 ? 7 : 5)) {
                    case 0 -> List.of("true", "false", "null").get(random.nextInt(3));
                    case 1 -> String.valueOf(random.nextInt());
                    case 2 -> random.nextInt(1_000) + "." + digits(random, 30) + "e" + random.nextInt(-30, 30);
                    case 3, 4 -> jsonString(random, asText);
                    case 5 ->
                        IntStream.range(0, random.nextInt(4))
                                .mapToObj(i -> json(random, asText, depth - 1))
                                .collect(Collectors.joining(",", "[", space + "]"));
                    default ->
                        IntStream.range(0, random.nextInt(4))
                                .mapToObj(i -> (random.nextBoolean() ? "\"k\"" : jsonString(random, asText)) + space
                                        + ":" + json(random, asText, depth - 1))
                                .collect(Collectors.joining(",", "{", "}"));
                }
                + space;
    }

    private static String jsonString(Random random, boolean asText) {
        StringBuilder json = new StringBuilder("\"");
        text(random, random.nextInt(12)).codePoints().forEach(character -> {
            if (character == '"' || character == '\\') {
                json.append('\\').appendCodePoint(character);
            } else if (character < 0x20) {
                json.append(String.format(Locale.ROOT, "\\u%04x", character));
            } else {
                json.appendCodePoint(character);
            }
        });
        if (random.nextInt(4) == 0) {
            json.append(List.of("\\/", "\\u00e9", "\\ud83d\\ude00", "\\b").get(random.nextInt(4)));
        }
        if (asText && random.nextInt(30) == 0) {
            json.append(List.of("\\ud800", "\\uDFFF", "\\u0000").get(random.nextInt(3)));
        }
        return json.append('"').toString();
    }

    /** An array of one to three dimensions, now and then with bounds. */
    static String array(Random random, char delimiter, Function<Random, @Nullable String> element) {
        List<Integer> lengths = new ArrayList<>();
        for (int dimension = random.nextInt(8); dimension < 9 && lengths.size() < 3; dimension += 2) {
            lengths.add(1 + random.nextInt(4));
        }
        if (random.nextInt(10) == 0) {
            return "{}";
        }
        String bounds = random.nextInt(10) > 0
                ? ""
                : lengths.stream()
                                .map(length -> {
                                    int first = random.nextInt(-3, 4);
                                    return "[" + first + ":" + (first + length - 1) + "]";
                                })
                                .collect(Collectors.joining())
                        + "=";
        return bounds + array(random, delimiter, element, lengths, 0);
    }

    private static String array(
            Random random,
            char delimiter,
            Function<Random, @Nullable String> element,
            List<Integer> lengths,
            int dimension) {
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < lengths.get(dimension); i++) {
            if (dimension < lengths.size() - 1) {
                elements.add(array(random, delimiter, element, lengths, dimension + 1));
            } else {
                String value = random.nextInt(6) == 0 ? null : element.apply(random);
                elements.add(
                        value == null
                                ? "NULL"
                                : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"');
            }
        }
        return elements.stream().collect(Collectors.joining(String.valueOf(delimiter), "{", "}"));
    }

    /** A composite value of these attributes. */
    static String composite(@Nullable String... attributes) {
        List<String> texts = new ArrayList<>();
        for (String attribute : attributes) {
            texts.add(
                    attribute == null
                            ? ""
                            : '"' + attribute.replace("\\", "\\\\").replace("\"", "\"\"") + '"');
        }
        return "(" + String.join(",", texts) + ")";
    }

    static String hstore(Random random) {
        return IntStream.range(0, random.nextInt(4))
                .mapToObj(i ->
                        quoted(i + text(random, 5)) + "=>" + (random.nextInt(4) == 0 ? "NULL" : quoted(text(random))))
                .collect(Collectors.joining(", "));
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    static @Nullable String orNull(Random random, @Nullable String value) {
        return random.nextInt(5) == 0 ? null : value;
    }

    static String range(Random random, String first, String last) {
        if (random.nextInt(12) == 0) {
            return "empty";
        }
        return (random.nextBoolean() ? "[" : "(") + (random.nextInt(6) == 0 ? "" : '"' + first + '"') + ","
                + (random.nextInt(6) == 0 ? "" : '"' + last + '"') + (random.nextBoolean() ? "]" : ")");
    }
}
