package io.pgseam.benchmark;

import io.pgseam.pg.Column;
import io.pgseam.pg.PgType;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.copy.CopyRowParser;
import io.pgseam.record.MessageHash;
import io.pgseam.record.flat.FlatRowEncoder;
import io.pgseam.record.flat.FlatSettings;
import io.pgseam.record.flat.UnrepresentableValues;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * How long one thread takes to turn a COPY row of 13 columns into key and value bytes: prints nanoseconds a row, the median
 * of several rounds. In the flat format, and in Debezium's envelope, for which a PostgreSQL is started. Arguments: rows of a round, rounds.
 */
public final class EncodeBenchmark {

    private static final int DISTINCT_ROWS = 4096;
    private static final long ANCHOR_LSN = 0x16_B374_D848L;

    private final CopyRowParser parser = new CopyRowParser(columns().size());
    private final FlatRowEncoder encoder = new FlatRowEncoder(
            new TableId("public", "orders"),
            columns(),
            FlatSettings.defaults(),
            new UnrepresentableValues(Clock.systemUTC()));
    private final TextRow row = new TextRow();
    private final byte[][] lines = new byte[DISTINCT_ROWS][];

    private EncodeBenchmark() {
        Random random = new Random(1);
        for (int i = 0; i < lines.length; i++) {
            lines[i] = line(random, i).getBytes(StandardCharsets.UTF_8);
        }
    }

    public static void main(String[] arguments) throws Exception {
        int rows = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2_000_000;
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 9;
        EncodeBenchmark benchmark = new EncodeBenchmark();
        benchmark.round(rows);
        double[] parse = new double[rounds];
        double[] whole = new double[rounds];
        double[] hash = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            parse[round] = benchmark.parseOnly(rows);
            whole[round] = benchmark.round(rows);
            hash[round] = benchmark.hashOnly(rows);
        }
        Arrays.sort(hash);
        Arrays.sort(parse);
        Arrays.sort(whole);
        System.out.printf(
                "parse %.0f ns/row, parse + key + value %.0f ns/row (median of %d rounds of %d rows; best %.0f, worst %.0f)%n",
                parse[rounds / 2], whole[rounds / 2], rounds, rows, whole[0], whole[rounds - 1]);
        System.out.printf(
                "hash of key and value, for the manifests: %.0f ns/row (best %.0f, worst %.0f; sum %x)%n",
                hash[rounds / 2], hash[0], hash[rounds - 1], benchmark.hashes);
        System.out.printf(
                "%d fields parsed; a row is %.0f bytes of COPY text, %.0f bytes of key and value%n",
                benchmark.parsed,
                Arrays.stream(benchmark.lines)
                        .mapToInt(line -> line.length)
                        .average()
                        .orElse(0),
                (double) benchmark.written / benchmark.writtenRows);
        EnvelopeRounds.print(benchmark.lines, columns(), rows, rounds);
    }

    private long written;
    private long writtenRows;

    private double round(int rows) {
        long begin = System.nanoTime();
        for (int i = 0; i < rows; i++) {
            // Unescaping changes the line, so each turn takes a copy, as the driver makes one for each CopyData
            // message.
            byte[] line = lines[i % DISTINCT_ROWS].clone();
            parser.parse(line, 0, line.length, row);
            byte[] key = encoder.key(row);
            byte[] value = encoder.upsert(row, ANCHOR_LSN, 0, true, 0);
            written += value.length + (key == null ? 0 : key.length);
        }
        writtenRows += rows;
        return (double) (System.nanoTime() - begin) / rows;
    }

    private double hashOnly(int rows) {
        byte[][] keys = new byte[DISTINCT_ROWS][];
        byte[][] values = new byte[DISTINCT_ROWS][];
        for (int i = 0; i < DISTINCT_ROWS; i++) {
            byte[] line = lines[i].clone();
            parser.parse(line, 0, line.length, row);
            keys[i] = encoder.key(row);
            values[i] = encoder.upsert(row, ANCHOR_LSN, 0, true, 0);
        }
        long begin = System.nanoTime();
        for (int i = 0; i < rows; i++) {
            hashes += MessageHash.of(keys[i % DISTINCT_ROWS], values[i % DISTINCT_ROWS]);
        }
        return (double) (System.nanoTime() - begin) / rows;
    }

    private double parseOnly(int rows) {
        long begin = System.nanoTime();
        for (int i = 0; i < rows; i++) {
            byte[] line = lines[i % DISTINCT_ROWS].clone();
            parser.parse(line, 0, line.length, row);
            parsed += row.size();
        }
        return (double) (System.nanoTime() - begin) / rows;
    }

    private long parsed;
    private long hashes;

    private static String line(Random random, int i) {
        String note = random.nextInt(4) == 0
                ? "first line\\nsecond \"quoted\" line, with a path C:\\\\tmp and ünïcödé"
                : "a note of ordinary length that needs no escape at all";
        return String.join(
                        "\t",
                        String.valueOf(1_000_000_000L + i),
                        String.valueOf(random.nextInt(100_000)),
                        random.nextInt(10_000) + "." + (10 + random.nextInt(90)),
                        "customer " + random.nextInt(1_000_000),
                        note,
                        random.nextInt(5) == 0 ? "\\N" : "somebody@example.org",
                        List.of("new", "paid", "shipped", "returned").get(random.nextInt(4)),
                        random.nextBoolean() ? "t" : "f",
                        "2024-05-01 10:00:" + (10 + random.nextInt(50)) + ".123456+00",
                        "2024-05-01 10:00:" + (10 + random.nextInt(50)),
                        "2024-05-" + (10 + random.nextInt(20)),
                        new java.util.UUID(random.nextLong(), random.nextLong()).toString(),
                        "{\"source\": \"web\", \"items\": [1, 2, " + random.nextInt(100) + "], \"gift\": false}")
                + "\n";
    }

    private static List<Column> columns() {
        return List.of(
                column("id", 20, "int8", 1),
                column("quantity", 23, "int4", 0),
                column("amount", 1700, "numeric", 0),
                column("customer", 25, "text", 0),
                column("note", 25, "text", 0),
                column("email", 25, "text", 0),
                column("status", 1043, "varchar", 0),
                column("paid", 16, "bool", 0),
                column("created_at", 1184, "timestamptz", 0),
                column("shipped_at", 1114, "timestamp", 0),
                column("due", 1082, "date", 0),
                column("token", 2950, "uuid", 0),
                column("attributes", 3802, "jsonb", 0));
    }

    private static Column column(String name, long oid, String type, int keyPosition) {
        PgType pgType = new PgType(oid, "pg_catalog", type, PgType.Kind.BASE, null, -1, ',');
        return new Column(name, pgType, -1, keyPosition > 0, keyPosition);
    }
}
