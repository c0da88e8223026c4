package io.pgseam.benchmark;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A kind of table that is measured, or of tables. All have a key {@code id} and a column {@code quantity} that updates change. */
enum BenchTable {
    /** As pgbench has it. */
    NARROW("filler char(20)", "'filler'"),

    /** What an application's table looks like: 13 columns of every common type. */
    ORDERS(
            "amount numeric(12,2), customer text, street text, note text, code varchar(20), paid boolean, created timestamptz,"
                    + " shipped timestamp, due date, token uuid, attributes jsonb",
            "i / 100.0, 'customer ' || i, 'street ' || i % 1000, md5(i::text), 'code' || i % 10000, i % 2 = 0,"
                    + " now() - i * interval '1 second', now(), current_date, gen_random_uuid(),"
                    + " jsonb_build_object('a', i, 'b', 'text ' || i)"),

    /** 100 columns. */
    WIDE(columns("c%d int"), columns("i + %d")),

    /** 2 kB of text, and as much of jsonb. */
    LARGE(
            "body text, document jsonb",
            "(SELECT string_agg(md5((i * 64 + j)::text), '') FROM generate_series(1, 64) j),"
                    + " (SELECT jsonb_agg(md5((i * 50 + j)::text)) FROM generate_series(1, 50) j)"),

    /** 2,000 tables of all sizes: the n-th has an n-th of the rows of the first. */
    MIX("note text", "md5(i::text)") {
        @Override
        String[] create(String name, long rows) {
            double harmonic =
                    IntStream.rangeClosed(1, MANY).mapToDouble(n -> 1.0 / n).sum();
            return new String[] {
                "DO $$ BEGIN FOR n IN 1 .. " + MANY + " LOOP"
                        + " EXECUTE format('CREATE TABLE " + name
                        + "_%s (id bigint PRIMARY KEY, quantity int, note text)', n);"
                        + " EXECUTE format('INSERT INTO " + name
                        + "_%s SELECT i, i %% 100, md5(i::text) FROM generate_series(1, %s) i', n,"
                        + " floor(" + rows / harmonic + " / n)); COMMIT; END LOOP; END $$",
                "VACUUM ANALYZE",
                "CHECKPOINT"
            };
        }

        @Override
        String selection(String name) {
            return name + "_\\d+";
        }

        @Override
        int partitions() {
            return 1;
        }
    };

    private static final int MANY = 2_000;

    private final String columns;
    private final String values;

    BenchTable(String columns, String values) {
        this.columns = columns;
        this.values = values;
    }

    private static String columns(String form) {
        return IntStream.rangeClosed(1, 98)
                .mapToObj(number -> String.format(Locale.ROOT, form, number))
                .collect(Collectors.joining(", "));
    }

    /** Statements that make a table of this kind. */
    String[] create(String name, long rows) {
        return new String[] {
            "CREATE TABLE " + name + " (id bigint PRIMARY KEY, quantity int, " + columns + ")",
            "INSERT INTO " + name + " SELECT i, i % 100, " + values + " FROM generate_series(1, " + rows + ") i",
            "VACUUM ANALYZE " + name,
            "CHECKPOINT"
        };
    }

    /** What selects its tables, as a regular expression. */
    String selection(String name) {
        return name;
    }

    /** Partitions of each topic. */
    int partitions() {
        return 4;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static BenchTable of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }
}
