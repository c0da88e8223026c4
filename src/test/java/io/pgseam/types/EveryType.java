package io.pgseam.types;

import static io.pgseam.types.RandomValues.array;
import static io.pgseam.types.RandomValues.composite;
import static io.pgseam.types.RandomValues.digits;
import static io.pgseam.types.RandomValues.orNull;
import static io.pgseam.types.RandomValues.range;
import static io.pgseam.types.RandomValues.text;
import static io.pgseam.types.RandomValues.word;

import io.pgseam.types.SampleType.Truth;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The types that are tried, and what they need: built-in ones, those of contrib modules, and some that users make. */
final class EveryType {

    private static final int VERSION_OF_INFINITE_INTERVALS = 17;
    private static final int VERSION_OF_OCTAL_CHAR = 16;

    private final int version;
    private final boolean xml;
    private final List<SampleType> types = new ArrayList<>();

    private EveryType(int version, boolean xml) {
        this.version = version;
        this.xml = xml;
    }

    /**
     * The types of a server.
     *
     * @param xml whether it was built with XML
     */
    static List<SampleType> of(int version, boolean xml) {
        EveryType all = new EveryType(version, xml);
        all.numbers();
        all.texts();
        all.times();
        all.documents();
        all.geometry();
        all.networks();
        all.ranges();
        all.internals();
        all.extensions();
        all.usersTypes();
        all.arrays();
        all.arraysOfDocuments();
        return List.copyOf(all.types);
    }

    private void add(String sql, List<String> values, Function<Random, @Nullable String> random) {
        add(sql, SampleType.VALUE, values, random);
    }

    private void add(String sql, Truth truth, List<String> values, Function<Random, @Nullable String> random) {
        types.add(new SampleType(sql, values, random, truth));
    }

    /** One of the values, for types that have few worth trying. */
    private void pick(String sql, String... values) {
        add(sql, List.of(values), random -> values[random.nextInt(values.length)]);
    }

    private void numbers() {
        pick("bool", "true", "false");
        add("int2", List.of("-12", "-32768", "32767"), random -> "" + (short) random.nextInt());
        add("int4", List.of("42", "-2147483648", "2147483647"), random -> "" + random.nextInt());
        add("int8", List.of("9007199254740993", "-9223372036854775808"), random -> "" + random.nextLong());
        add(
                "numeric",
                List.of("-1234567890.10", "NaN", "Infinity", "-Infinity", "0.000", "1e-1000", "1e1000"),
                RandomValues::numeric);
        add("numeric(12,2)", List.of("12.50", "NaN"), random -> digits(random, 10) + "." + digits(random, 2));
        add("float4", List.of("0.1", "NaN", "Infinity", "-Infinity", "-0", "1e-45"), RandomValues::float4);
        add("float8", List.of("1e-05", "NaN", "Infinity", "-Infinity", "-0", "5e-324"), RandomValues::float8);
        add("money", List.of("1234.50", "-92233720368547758.08"), random -> "" + random.nextInt());
        add("oid", List.of("4294967295", "0"), random -> Integer.toUnsignedString(random.nextInt()));
    }

    private void texts() {
        add("text", List.of("say \"hi\"", "", "NULL", "\\N", "\\.", " ", "\u007f\u0080\u2028"), RandomValues::text);
        add("varchar(20)", List.of("漢字", ""), random -> text(random, random.nextInt(20)));
        add("char(5)", SampleType.PADDED, List.of("ab", "", "😀"), random -> text(random, random.nextInt(5)));
        add("name", List.of("orders_pkey", ""), random -> text(random, 12));
        add(
                "\"char\"",
                version < VERSION_OF_OCTAL_CHAR ? List.of("x") : List.of("x", "\\303", "\\377"),
                random -> "" + (char) (0x20 + random.nextInt(0x5f)));
        pick("mood", "happy, very", "so \"so\"", "sad", "ü漢😀", "\\", "NULL", "");
        add("uuid", List.of("0d4b2a4e-3d3c-4f59-9b4e-2f0c0a8f5d11"), random -> RandomValues.hex(random, 16));
        add(
                "bytea",
                SampleType.BYTEA,
                List.of("\\x48690a00ff", "\\x"),
                random -> "\\x" + RandomValues.hex(random, random.nextInt(60)));
        add("bit(5)", List.of("10110"), random -> RandomValues.bits(random, 5));
        add("varbit", List.of("101", ""), random -> RandomValues.bits(random, random.nextInt(70)));
    }

    private void times() {
        add(
                "date",
                List.of(
                        "2026-11-24",
                        "infinity",
                        "-infinity",
                        "0044-03-15 BC",
                        "0001-01-01",
                        "9999-12-31",
                        "10000-01-01",
                        "5874897-12-31"),
                random -> RandomValues.date(random, 5_874_896));
        add("time", List.of("13:50:24.123456", "24:00:00", "00:00:00"), RandomValues::time);
        add(
                "timetz",
                List.of("13:50:24+02", "24:00:00-15:59"),
                random -> RandomValues.time(random) + RandomValues.zone(random));
        add(
                "timestamp",
                List.of(
                        "2026-11-24 13:50:24.123456",
                        "infinity",
                        "-infinity",
                        "4713-01-01 00:00:00 BC",
                        "294276-12-31 23:59:59.999999"),
                RandomValues::timestamp);
        add(
                "timestamptz",
                List.of(
                        "2026-11-24 13:50:24.5+02",
                        "infinity",
                        "-infinity",
                        "0001-12-31 23:00:00+00 BC",
                        "9999-12-31 23:59:59.999999+00",
                        "10000-01-01 00:00:00+00"),
                RandomValues::timestamptz);
        add(
                "interval",
                version < VERSION_OF_INFINITE_INTERVALS
                        ? List.of("1 year -2 days 03:04:05.6")
                        : List.of("1 year -2 days 03:04:05.6", "infinity", "-infinity"),
                RandomValues::interval);
    }

    private void documents() {
        add(
                "json",
                SampleType.JSON,
                List.of(
                        "{\"b\": [1, null],  \"a\": 1.50, \"a\": 2}",
                        "null",
                        "\"\\ud800\"",
                        "{\"\\ud83d\\ude00\": \"\\u0000\"}",
                        " [ ] "),
                random -> RandomValues.json(random, true, 3));
        add(
                "jsonb",
                SampleType.JSON,
                List.of("{\"b\": [1, null],  \"a\": 1.50}", "null", "\"x\"", "1e30"),
                random -> RandomValues.json(random, false, 3));
        pick("jsonpath", "$.items[*].price", "strict $.\"a b\"[0]?(@ > 1)");
        if (xml) {
            pick("xml", "<a href=\"x\">ü &amp; &lt;</a>", "<a/>\n<b>text</b>");
        }
        add("tsvector", List.of("'cat':3 'fat':2A", ""), random -> word(random) + " " + word(random) + ":2B");
        pick("tsquery", "fat & !rat", "'a''b' <-> c:*A | d");
    }

    private void geometry() {
        add("point", List.of("(1.5,-2)", "(NaN,Infinity)"), RandomValues::point);
        add(
                "line",
                List.of("{1,-1,0.5}"),
                random -> "{" + (1 + random.nextInt(9)) + ",2," + RandomValues.coordinate(random) + "}");
        add("lseg", List.of("[(0,0),(1,1)]"), random -> "[" + RandomValues.points(random, 2) + "]");
        add("box", List.of("(2,2),(1,1)"), random -> RandomValues.points(random, 2));
        add(
                "path",
                List.of("[(0,0),(1,1),(2,0)]"),
                random -> "(" + RandomValues.points(random, 1 + random.nextInt(4)) + ")");
        add(
                "polygon",
                List.of("((0,0),(1,1),(2,0))"),
                random -> "(" + RandomValues.points(random, 1 + random.nextInt(4)) + ")");
        add("circle", List.of("<(1,2),3>"), random -> "<" + RandomValues.point(random) + "," + random.nextInt(9) + ">");
    }

    private void networks() {
        add(
                "inet",
                List.of("192.168.0.1/24", "::ffff:1.2.3.4"),
                random -> RandomValues.address(random, 4, 256, "%d", "."));
        add("cidr", List.of("10.0.0.0/8"), random -> RandomValues.address(random, 8, 65536, "%x", ":"));
        add("macaddr", List.of("08:00:2b:01:02:03"), random -> RandomValues.address(random, 6, 256, "%02x", ":"));
        add(
                "macaddr8",
                List.of("08:00:2b:01:02:03:04:05"),
                random -> RandomValues.address(random, 8, 256, "%02x", ":"));
    }

    private void ranges() {
        add(
                "int4range",
                List.of("[1,5)", "empty", "(,)"),
                random -> range(random, "" + -random.nextInt(99), "" + random.nextInt(99)));
        add(
                "int8range",
                List.of("[1,5000000000)"),
                random -> range(random, "" + -random.nextInt(99), "" + random.nextInt(99)));
        add("numrange", List.of("[1.10,5]"), random -> range(random, "-" + digits(random, 9), digits(random, 9)));
        add(
                "daterange",
                List.of("[2026-01-01,2027-01-01)", "[-infinity,infinity]"),
                random -> range(
                        random,
                        "0044-03-15 BC",
                        RandomValues.date(random, 9_999).replace(" BC", "")));
        add(
                "tsrange",
                List.of("[\"2026-01-01 00:00:00\",)"),
                random -> range(
                        random,
                        "4700-01-01 00:00:00 BC",
                        RandomValues.timestamp(random).replace(" BC", "")));
        add(
                "tstzrange",
                List.of("[\"2026-01-01 00:00:00+00\",)"),
                random -> range(
                        random,
                        "4700-01-01 00:00:00+00 BC",
                        RandomValues.timestamptz(random).replace(" BC", "")));
        add(
                "int4multirange",
                List.of("{[1,5),[7,9)}", "{}"),
                random -> "{[" + -random.nextInt(99) + ",0],[5," + (6 + random.nextInt(99)) + ")}");
        pick("datemultirange", "{[2026-01-01,2026-02-01)}", "{(,)}");
    }

    private void internals() {
        add("xid", List.of("4294967295"), random -> Integer.toUnsignedString(random.nextInt()));
        add("xid8", List.of("18446744073709551615"), random -> Long.toUnsignedString(random.nextLong()));
        add("cid", List.of("7"), random -> Integer.toUnsignedString(random.nextInt()));
        add(
                "tid",
                List.of("(0,1)"),
                random -> "(" + Integer.toUnsignedString(random.nextInt()) + "," + random.nextInt(65_536) + ")");
        add(
                "pg_lsn",
                List.of("16/B374D848"),
                random -> RandomValues.hex(random, 4) + "/" + RandomValues.hex(random, 4));
        pick("pg_snapshot", "10:20:10,14,15", "1:1:");
        pick("txid_snapshot", "10:20:10,14,15");
        pick("regclass", "pg_class", "public.samples", "-", "4294967295");
        pick("regtype", "integer", "timestamp with time zone", "public.mood[]");
        pick("regproc", "pg_catalog.now", "array_out");
        pick("regprocedure", "lower(text)");
        pick("regoper", "pg_catalog.||/");
        pick("regoperator", "+(integer,integer)");
        pick("regrole", "postgres");
        pick("regnamespace", "public", "pg_catalog");
        pick("regconfig", "english");
        pick("regdictionary", "simple");
        pick("regcollation", "\"C\"");
        pick("int2vector", "1 2 3", "");
        pick("oidvector", "23 4294967295");
        pick("refcursor", "a cursor");
        pick("aclitem", "postgres=arwdDxt/postgres");
    }

    private void extensions() {
        add(
                "hstore",
                SampleType.HSTORE,
                List.of("\"k\"=>\"v\", \"n\"=>NULL", "", "\"NULL\"=>\"NULL\""),
                RandomValues::hstore);
        add("citext", List.of("MiXed", ""), RandomValues::text);
        pick("ltree", "Top.Science.Astronomy", "");
        pick("lquery", "*.foo.*{2,}.!bar|baz@");
        pick("ltxtquery", "Europe & Russia*@ & !Transportation");
        pick("cube", "(1, 2),(3, 4)", "(0)");
        pick("seg", "1.5 .. 2.50", "<3.0", "~1");
        pick("isbn13", "978-0-11-000222-4");
        pick("lo", "16400");
        pick("query_int", "1&(2|!3)");
    }

    private static String pair(Random random) {
        return composite(
                orNull(random, "" + random.nextInt(8, 99)), orNull(random, random.nextInt(6) == 0 ? "" : text(random)));
    }

    private static String tags(Random random) {
        return array(random, ',', RandomValues::text);
    }

    private static String parcel(Random random) {
        return composite(
                orNull(random, RandomValues.numeric(random)),
                orNull(random, "\\x" + RandomValues.hex(random, random.nextInt(9))),
                orNull(random, RandomValues.hstore(random)),
                orNull(
                        random,
                        IntStream.range(0, 3).mapToObj(i -> word(random)).collect(Collectors.joining(",", "{", "}"))),
                orNull(random, "[1,5)"),
                orNull(random, RandomValues.timestamptz(random)),
                orNull(random, random.nextInt(3) == 0 ? "NaN" : RandomValues.float8(random)));
    }

    private static String boxOfPairs(Random random) {
        return composite(
                orNull(random, text(random)),
                orNull(
                        random,
                        "{"
                                + IntStream.range(0, random.nextInt(4))
                                        .mapToObj(i -> '"'
                                                + pair(random)
                                                        .replace("\\", "\\\\")
                                                        .replace("\"", "\\\"")
                                                + '"')
                                        .collect(Collectors.joining(","))
                                + "}"),
                orNull(random, pair(random)),
                orNull(random, "{[1,5),[7,9)}"));
    }

    private void usersTypes() {
        add("quantity", List.of("12"), random -> "" + (1 + random.nextInt(99)));
        add("small_quantity", List.of("-12"), random -> "" + (1 + random.nextInt(99)));
        add("tags", SampleType.ARRAY, List.of("{new,\"on sale\"}", "{}"), EveryType::tags);
        add("pair", List.of("(1,\"a \"\"b\"\"\")", "(,)", "(1,\"\")", "(1,NULL)"), EveryType::pair);
        add("marked", List.of("(1,x)"), EveryType::pair);
        add("box_of_pairs", List.of("(\"a, b\",\"{\"\"(1,x)\"\",NULL}\",\"(2,y)\",{})"), EveryType::boxOfPairs);
        add(
                "parcel",
                new Truth("%1$s", "parcel_of(%1$s::json)", true),
                List.of(
                        "(1.50,\"\\\\x4869\",\"\"\"k\"\"=>\"\"v\"\"\",\"{a,b}\",\"[1,5)\",\"2026-11-24 13:50:24+00\",1e-05)"),
                EveryType::parcel);
    }

    private void arrays() {
        array(
                "int4",
                ',',
                List.of("{1,NULL,3}", "{{1,2},{3,4}}", "[0:1]={5,6}", "{}", "{{{{{{1,2}}}}}}"),
                random -> "" + random.nextInt());
        array("text", ',', List.of("{a,\"b c\",\"NULL\",NULL,\"\"}"), RandomValues::text);
        array("bool", ',', List.of("{t,f}"), random -> "" + random.nextBoolean());
        array("numeric", ',', List.of("{1.10,NaN}"), RandomValues::numeric);
        array("float8", ',', List.of("{0.1,Infinity}"), RandomValues::float8);
        array("date", ',', List.of("{2026-11-24,infinity}"), random -> RandomValues.date(random, 9_999));
        array("timestamptz", ',', List.of("{\"2026-11-24 13:50:24+00\"}"), RandomValues::timestamptz);
        array("uuid", ',', List.of("{0d4b2a4e-3d3c-4f59-9b4e-2f0c0a8f5d11}"), random -> RandomValues.hex(random, 16));
        array("box", ';', List.of("{(2,2),(1,1);(4,4),(3,3)}"), random -> RandomValues.points(random, 2));
        array("mood", ',', List.of("{sad,\"happy, very\"}"), random -> "so \"so\"");
        array("quantity", ',', List.of("{1,2}"), random -> "" + (1 + random.nextInt(99)));
        array("int4range", ',', List.of("{\"[1,5)\",empty}"), random -> "[1,9)");
        array("citext", ',', List.of("{A,b}"), RandomValues::text);
        array("pair", ',', List.of("{\"(1,\\\"a b\\\")\",NULL,\"(,)\"}"), EveryType::pair);
    }

    private void arraysOfDocuments() {
        add(
                "bytea[]",
                new Truth(
                        "array_to_json(%1$s)::text",
                        "(SELECT array_to_json(array_agg(decode(b, 'base64') ORDER BY n))::text FROM"
                                + " json_array_elements_text(nullif(%1$s, 'null')::json) WITH ORDINALITY AS e (b, n))",
                        false),
                List.of("{\"\\\\x4869\",NULL}"),
                random -> "{\"\\\\x" + RandomValues.hex(random, 5) + "\",NULL}");
        add(
                "jsonb[]",
                SampleType.ARRAY,
                List.of("{\"{\\\"a\\\": 1}\",NULL}"),
                random -> "{\"{\\\"k\\\": " + random.nextInt() + "}\",NULL,1.50}");
        add(
                "hstore[]",
                new Truth(
                        "%1$s",
                        "(SELECT array_agg(hstore_of(h) ORDER BY n) FROM"
                                + " json_array_elements(nullif(%1$s, 'null')::json) WITH ORDINALITY AS e (h, n))",
                        true),
                List.of("{\"\\\"k\\\"=>\\\"v\\\"\",NULL}"),
                random -> "{\"\\\"k\\\"=>\\\"" + word(random) + "\\\"\",NULL}");
    }

    private void array(String element, char delimiter, List<String> values, Function<Random, @Nullable String> random) {
        add(element + "[]", SampleType.ARRAY, values, source -> array(source, delimiter, random));
    }

    private static String array(Random random, char delimiter, Function<Random, @Nullable String> element) {
        return RandomValues.array(random, delimiter, element);
    }
}
