package io.pgseam.corpus;

import io.pgseam.testing.PostgresServer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The types of a random schema: the server's own, and enums, domains, composites and arrays that are made for it. */
final class RandomTypes {

    private static final List<RandomType> SCALARS = List.of(
            key("bool", random -> String.valueOf(random.nextBoolean())),
            key("int2", random -> "(" + (short) random.nextInt() + ")"),
            key("int4", random -> "(" + (random.nextBoolean() ? random.nextInt(100) : random.nextInt()) + ")"),
            key("int8", random -> "(" + (random.nextBoolean() ? random.nextInt(100) : random.nextLong()) + "::int8)"),
            plain("float4", random -> quoted(random, String.valueOf(random.nextFloat() * 1e9f), "NaN", "-0", "1e-40")),
            plain(
                    "float8",
                    random -> quoted(
                            random,
                            String.valueOf(Double.longBitsToDouble(random.nextLong())),
                            "-Infinity",
                            "-0",
                            "1e15")),
            plain("numeric", random -> quoted(random, numeric(random, 40, 20), "NaN", "0.000", "1e50")),
            key("numeric(12, 3)", random -> quoted(random, numeric(random, 9, 3))),
            key("text", random -> RandomText.quoted(RandomText.text(random, 12))),
            plain("text", RandomTypes::largeText),
            key("varchar(40)", random -> RandomText.quoted(RandomText.text(random, 5))),
            key("char(5)", random -> quoted(random, "", "a", "b  ", "\"q\"", "äöü")),
            key("name", random -> RandomText.quoted(RandomText.text(random, 5))),
            key("\"char\"", random -> quoted(random, "a", "\"", "")),
            key("bytea", random -> "decode('" + hex(random, random.nextInt(12)) + "', 'hex')"),
            plain("bytea", random -> "decode(repeat('" + hex(random, 16) + "', " + random.nextInt(400) + "), 'hex')"),
            key("uuid", random -> "'" + new UUID(random.nextLong(), random.nextLong()) + "'"),
            key("date", random -> quoted(random, day(random), day(random), "infinity", "0044-03-15 BC", "12345-01-01")),
            key("time", random -> quoted(random, time(random), "24:00:00")),
            key("timetz", random -> quoted(random, time(random) + "+0" + random.nextInt(10), "00:00:00-15:59")),
            key("timestamp", random -> quoted(random, day(random) + " " + time(random), "-infinity", "0001-01-01 BC")),
            key(
                    "timestamptz",
                    random -> quoted(random, day(random) + " " + time(random) + "+0" + random.nextInt(10), "infinity")),
            key("timestamptz(0)", random -> quoted(random, day(random) + " " + time(random) + "-05:30")),
            key("interval", random -> "'" + random.nextInt(999) + " mons " + random.nextInt() + " us'"),
            plain("json", random -> json(random, 3) + "::json"),
            plain("jsonb", random -> json(random, 3) + "::jsonb"),
            plain("xml", random -> quoted(random, "<a>&lt;ä</a>", "text")),
            key(
                    "inet",
                    random -> "'10.0." + random.nextInt(256) + "." + random.nextInt(256) + "/" + random.nextInt(33)
                            + "'"),
            key("cidr", random -> "'10." + random.nextInt(256) + ".0.0/16'"),
            key("macaddr", random -> "'" + hex(random, 6) + "'"),
            key("money", random -> "'" + random.nextInt(1_000_000) / 100.0 + "'"),
            key("bit(7)", random -> "(" + random.nextInt(128) + ")::bit(7)"),
            key("varbit", random -> "(" + random.nextInt(4096) + ")::bit(" + (1 + random.nextInt(12)) + ")::varbit"),
            key("oid", random -> "'" + Integer.toUnsignedString(random.nextInt()) + "'"),
            key("pg_lsn", random -> "'" + random.nextInt(99) + "/" + Integer.toHexString(random.nextInt()) + "'"),
            plain("point", random -> "point(" + random.nextInt(9) + "," + random.nextFloat() + ")"),
            plain("box", random -> "'(" + random.nextInt(9) + ",1),(0,0)'"),
            plain("polygon", random -> "'((0,0),(" + random.nextInt(9) + ",1),(2,0))'"),
            plain("tsvector", random -> "to_tsvector('simple', " + RandomText.quoted(RandomText.text(random, 9)) + ")"),
            key("int4range", random -> range(random, "int4range", random.nextInt(99))),
            key("numrange", random -> range(random, "numrange", random.nextInt(99))),
            plain(
                    "int8multirange",
                    random -> "int8multirange(int8range(1, " + (2 + random.nextInt(9)) + "), int8range(20, NULL))"),
            plain("tstzrange", random -> "tstzrange('" + day(random) + "', NULL)"));

    private final List<String> statements = new ArrayList<>();
    private final List<RandomType> types = new ArrayList<>(SCALARS);

    /** Makes types in the schema {@code public}; {@link #statements} creates them. */
    RandomTypes(Random random) {
        for (int number = 0; number < 3; number++) {
            addEnum(random, number);
            addDomain(random, number);
        }
        for (int number = 0; number < 3; number++) {
            addComposite(random, number);
        }
        for (int arrays = 0; arrays < 12; arrays++) {
            types.add(array(types.get(random.nextInt(types.size()))));
        }
        addDomain(random, 3);
    }

    List<String> statements() {
        return statements;
    }

    RandomType any(Random random) {
        return types.get(random.nextInt(types.size()));
    }

    RandomType key(Random random) {
        List<RandomType> keys = types.stream().filter(RandomType::key).toList();
        return keys.get(random.nextInt(keys.size()));
    }

    private void addEnum(Random random, int number) {
        String name = PostgresServer.quoted(RandomText.name(random, number) + "_enum");
        List<String> labels = IntStream.range(0, 2 + random.nextInt(4))
                .mapToObj(label -> RandomText.quoted(RandomText.text(random, 4) + label))
                .toList();
        statements.add("CREATE TYPE " + name + " AS ENUM (" + String.join(", ", labels) + ")");
        types.add(key(name, values -> labels.get(values.nextInt(labels.size()))));
    }

    private void addDomain(Random random, int number) {
        String name = PostgresServer.quoted(RandomText.name(random, number) + "_domain");
        RandomType base = any(random);
        statements.add("CREATE DOMAIN " + name + " AS " + base.sql());
        types.add(new RandomType(name, base.key(), base.value()));
    }

    private void addComposite(Random random, int number) {
        String name = PostgresServer.quoted(RandomText.name(random, number) + "_composite");
        List<RandomType> parts =
                Stream.generate(() -> any(random)).limit(1 + random.nextInt(4)).toList();
        statements.add("CREATE TYPE " + name + " AS ("
                + IntStream.range(0, parts.size())
                        .mapToObj(i -> PostgresServer.quoted(RandomText.name(random, i)) + " "
                                + parts.get(i).sql())
                        .collect(Collectors.joining(", "))
                + ")");
        types.add(plain(
                name,
                values -> "ROW("
                        + parts.stream().map(part -> part.valueOrNull(values)).collect(Collectors.joining(", ")) + ")::"
                        + name));
    }

    /** Arrays of JSON have one dimension: in JSON, nobody could tell the second from an element. */
    private static RandomType array(RandomType element) {
        String sql = element.sql() + "[]";
        boolean flat = element.sql().startsWith("json")
                || element.sql().contains("[]")
                || element.sql().contains("domain");
        return new RandomType(sql.replace("[][]", "[]"), false, random -> {
            if (sql.contains("[][]")) {
                return element.value(random);
            }
            String one = element.value(random);
            return switch (random.nextInt(flat ? 3 : 4)) {
                case 0 -> "'{}'::" + sql;
                case 1 -> "ARRAY[" + one + ", NULL, " + element.value(random) + "]::" + sql;
                case 2 -> "ARRAY[" + one + "]::" + sql;
                default -> "ARRAY[[" + one + ", NULL], [" + element.value(random) + ", NULL]]::" + sql;
            };
        });
    }

    private static RandomType key(String sql, Function<Random, String> value) {
        return new RandomType(sql, true, value);
    }

    private static RandomType plain(String sql, Function<Random, String> value) {
        return new RandomType(sql, false, value);
    }

    private static String quoted(Random random, String... texts) {
        return RandomText.quoted(texts[random.nextInt(texts.length)]);
    }

    /** Compressed, stored out of line, or both. */
    private static String largeText(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> RandomText.quoted(RandomText.text(random, 20));
            case 1 ->
                "repeat(" + RandomText.quoted("x" + RandomText.text(random, 20)) + ", " + random.nextInt(400) + ")";
            default ->
                "(SELECT string_agg(md5((i * " + random.nextInt(999) + ")::text), '') FROM generate_series(1, "
                        + (100 + random.nextInt(200)) + ") i)";
        };
    }

    private static String numeric(Random random, int digits, int scale) {
        String number = new BigDecimal(new BigInteger(digits * 3, random), random.nextInt(scale + 1)).toPlainString();
        return random.nextBoolean() ? number : "-" + number;
    }

    private static String hex(Random random, int bytes) {
        byte[] some = new byte[bytes];
        random.nextBytes(some);
        return HexFormat.of().formatHex(some);
    }

    private static String day(Random random) {
        return LocalDate.of(1800, 1, 1).plusDays(random.nextInt(200_000)).toString();
    }

    private static String time(Random random) {
        return LocalTime.ofNanoOfDay(random.nextInt(86_400) * 1_000_000_000L).format(DateTimeFormatter.ISO_LOCAL_TIME)
                + "." + random.nextInt(1_000_000);
    }

    private static String range(Random random, String type, int from) {
        return random.nextInt(9) == 0
                ? "'empty'::" + type
                : type + "(" + from + ", " + (from + random.nextInt(99)) + ", '[)')";
    }

    private static String json(Random random, int depth) {
        return RandomText.quoted(jsonText(random, depth));
    }

    private static String jsonText(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 6 : 4)) {
            case 0 -> "\"" + RandomText.text(random, 6).replaceAll("[\\\\\"\\p{Cntrl}]", "") + "\\u00e4\\n\"";
            case 1 -> String.valueOf(random.nextInt(1000) - 500);
            case 2 -> "1.50e" + random.nextInt(30);
            case 3 -> String.valueOf(random.nextBoolean());
            case 4 -> "[" + jsonText(random, depth - 1) + " , null]";
            default ->
                "{\"k\" : " + jsonText(random, depth - 1) + ", \"ä " + random.nextInt(9) + "\":"
                        + jsonText(random, depth - 1) + "}";
        };
    }
}
