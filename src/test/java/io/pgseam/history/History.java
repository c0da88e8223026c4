package io.pgseam.history;

import io.pgseam.history.SampleTable.KeyForm;
import io.pgseam.testing.ConnectCluster.Delivery;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Everything about a history that is left to chance, drawn from its seed: the same seed gives the same history.
 *
 * @param seed what it is drawn from
 * @param postgres major version of the source
 * @param pair whether the source is the standby of a {@link Pair}
 * @param delivery what the workers promise
 * @param tables what is captured
 * @param viaRoot whether partitions are published as their table
 * @param settings settings of the connector
 * @param writers how many applications write
 * @param steps what happens, in this order
 */
record History(
        long seed,
        int postgres,
        boolean pair,
        Delivery delivery,
        List<SampleTable> tables,
        boolean viaRoot,
        Map<String, String> settings,
        int writers,
        List<Step> steps) {

    static final int[] VERSIONS = {14, 17, 18};

    /** A pair costs two servers of its own, so it is drawn now and then. */
    private static final int PAIR_ONE_IN = 7;

    /** The first version whose standbys can be read. */
    private static final int FIRST_OF_PAIRS = 16;

    History {
        tables = List.copyOf(tables);
        settings = Map.copyOf(settings);
        steps = List.copyOf(steps);
    }

    /** The history of a seed. */
    static History of(long seed) {
        // Each part has a source of its own, so that one more kind of fault does not change every schema.
        Random circumstances = new Random(seed);
        int postgres = VERSIONS[circumstances.nextInt(VERSIONS.length)];
        Delivery delivery = circumstances.nextInt(3) == 0 ? Delivery.AT_LEAST_ONCE : Delivery.EXACTLY_ONCE;
        boolean viaRoot = circumstances.nextBoolean();
        List<SampleTable> tables = tables(new Random(seed * 31 + 1));
        Random later = new Random(seed * 31 + 3);
        Map<String, String> settings = settings(circumstances, viaRoot, later);
        int writers = 1 + circumstances.nextInt(3);
        List<Step> steps = Schedule.of(
                new Random(seed * 31 + 2), tables, later, new Random(seed * 31 + 4), new Random(seed * 31 + 5));
        Random pairs = new Random(seed * 31 + 7);
        boolean pair = postgres >= FIRST_OF_PAIRS && pairs.nextInt(PAIR_ONE_IN) == 0;
        if (pair) {
            steps = Schedule.ofPair(pairs, tables, steps);
        }
        Random packing = new Random(seed * 31 + 6);
        if (packing.nextInt(3) == 0) {
            settings.put("flat.pack.bytes", packing.nextBoolean() ? "1kB" : "8kB");
            settings.put("flat.pack.buckets", String.valueOf(1 + packing.nextInt(16)));
            settings.put("flat.pack.form", packing.nextBoolean() ? "lines" : "array");
        }
        if (steps.stream().map(Step::fault).anyMatch(Act.LongPause.class::isInstance)) {
            settings.put(Act.LongPause.TIMEOUT_SETTING, String.valueOf(Act.LongPause.TIMEOUT_MS));
        }
        if (steps.stream().map(Step::fault).anyMatch(Fault.BlackHole.class::isInstance)) {
            settings.put(Fault.BlackHole.TIMEOUT_SETTING, String.valueOf(Fault.BlackHole.TIMEOUT_MS));
        }
        return new History(seed, postgres, pair, delivery, tables, viaRoot, settings, writers, steps);
    }

    private static List<SampleTable> tables(Random random) {
        List<SampleTable> tables = new ArrayList<>();
        for (KeyForm key : KeyForm.values()) {
            String name = key.name().toLowerCase(java.util.Locale.ROOT);
            tables.add(new SampleTable(
                    name, key, random.nextInt(4) > 0, random.nextInt(4) == 0, 300 + random.nextInt(1_500)));
        }
        tables.remove(random.nextInt(tables.size() + 1) % tables.size());
        tables.add(new SampleTable("plain", KeyForm.BIGINT, false, false, 200 + random.nextInt(2_000)));
        return tables;
    }

    private static Map<String, String> settings(Random random, boolean viaRoot, Random later) {
        return new TreeMap<>(Map.of(
                "tasks.max",
                String.valueOf(1 + random.nextInt(4)),
                "publish.via.partition.root",
                String.valueOf(viaRoot),
                "snapshot.chunk.size",
                random.nextBoolean() ? "16kB" : "64kB",
                "snapshot.stride.size",
                "16kB",
                "snapshot.lock.timeout.ms",
                "500",
                "max.batch.size",
                String.valueOf(100 + random.nextInt(400)),
                "table.check.interval.ms",
                "500",
                "snapshot.anchor.max.age.ms",
                later.nextInt(4) == 0 ? "1500" : "0"));
    }

    /** In one line. */
    String summary() {
        return "PostgreSQL " + postgres + (pair ? ", a pair, " : ", ") + delivery + ", " + writers + " writers, "
                + tables.size() + " tables, " + settings.get("tasks.max") + " tasks, " + (isPacked() ? "packed, " : "")
                + steps;
    }

    /** Whether rows share messages. */
    boolean isPacked() {
        return settings.containsKey("flat.pack.bytes");
    }

    /** The relations that have a topic, as {@code schema.table}. */
    List<String> publishedTables() {
        return tables.stream().flatMap(table -> publishedAs(table).stream()).toList();
    }

    /** The relations of a table that have a topic, as {@code schema.table}. */
    List<String> publishedAs(SampleTable table) {
        List<String> names = viaRoot ? List.of(table.name()) : table.relations();
        return names.stream().map("public."::concat).toList();
    }
}
