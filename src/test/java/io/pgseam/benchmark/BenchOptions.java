package io.pgseam.benchmark;

import java.util.List;
import java.util.stream.Stream;

/**
 * What is measured, and how often.
 *
 * @param rows of each table
 * @param updates how many are streamed; 0 for none
 * @param inTransaction how many updates a transaction has
 * @param rounds besides a first one, which warms up and is not counted
 */
record BenchOptions(
        long rows,
        int updates,
        int inTransaction,
        int tasks,
        int rounds,
        List<BenchTable> tables,
        List<BenchSystem> systems) {

    private static final String ALL_SYSTEMS =
            "nowhere,flat,packed,envelope,converted,debezium,flat-eo,packed-eo,envelope-eo";

    /** As given by system properties {@code bench.rows} and so on; what is not given, or empty, has a default. */
    static BenchOptions given() {
        return new BenchOptions(
                Long.parseLong(given("rows", "2000000")),
                Integer.parseInt(given("updates", "500000")),
                Integer.parseInt(given("transaction", "1000")),
                Integer.parseInt(given("tasks", "2")),
                Integer.parseInt(given("rounds", "5")),
                list("tables", "orders").map(BenchTable::of).toList(),
                list("systems", ALL_SYSTEMS).map(BenchSystem::of).toList());
    }

    /** The short form, whose ratios say whether something is wrong, and no more. */
    static BenchOptions brief() {
        return new BenchOptions(
                200_000,
                50_000,
                1_000,
                2,
                2,
                List.of(BenchTable.ORDERS),
                Stream.of("nowhere", "flat", "packed", "envelope", "debezium", "flat-eo")
                        .map(BenchSystem::of)
                        .toList());
    }

    private static String given(String option, String otherwise) {
        String value = System.getProperty("bench." + option, "");
        return value.isEmpty() ? otherwise : value;
    }

    private static Stream<String> list(String option, String otherwise) {
        return Stream.of(given(option, otherwise).split(",", -1));
    }
}
