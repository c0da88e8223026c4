package io.pgseam.tool.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.pg.Lsn;
import io.pgseam.tool.topic.ConnectorLog;
import io.pgseam.tool.topic.TopicOffsets.Extent;
import io.pgseam.tool.verify.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * The records that a copy of some tables would leave on the control topic: several tasks read chunks, each as fast as another one, and
 * everything follows from a seed. The copy begins at {@link #START}.
 */
final class InventedCopy {

    static final long START = 1_790_000_000_000L;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long FILE = 16_400;
    private static final int BLOCKS = 16_384;

    /** A chunk that is yet to be copied. */
    private record Piece(String table, int number, long rows, long bytes) {}

    private final ConnectorLog log = new ConnectorLog();
    private final Timeline timeline = new Timeline();
    private final Random random;
    private final int tasks;
    private final List<Piece> pieces = new ArrayList<>();
    private final Map<String, Integer> chunks = new TreeMap<>();
    private final Map<String, Long> bytes = new TreeMap<>();
    private final Map<String, Map<Integer, Extent>> extents = new TreeMap<>();
    private final List<Proof> proofs = new ArrayList<>();
    private int generation;
    private long now = START;
    private long rows;

    InventedCopy(long seed, int tasks) {
        this.random = new Random(seed);
        this.tasks = tasks;
    }

    /** Adds a table of schema public that is to be copied. */
    InventedCopy table(String name, int ofChunks, long rowsPerChunk, long bytesPerChunk) {
        for (int number = 0; number < ofChunks; number++) {
            double part = number == ofChunks - 1 ? 0.6 : 1;
            pieces.add(new Piece(name, number, (long) (rowsPerChunk * part), (long) (bytesPerChunk * part)));
        }
        chunks.put(name, ofChunks);
        bytes.put(name, ofChunks * bytesPerChunk);
        return this;
    }

    /** Opens an anchor, and copies so many chunks at it, or all that are left. */
    InventedCopy copy(String lsn, int most) {
        generation++;
        take(
                "anchor",
                value("anchor", lsn)
                        .put("tasks", tasks)
                        .put("connector_version", "0.1.0")
                        .put("postgres_version", "17.6 (Debian 17.6-1.pgdg120+1)"));
        bytes.forEach((table, size) -> take(
                "table",
                named("table", lsn, table)
                        .put("published_as", "public." + table)
                        .put("topic", topic(table))
                        .put("filenode", FILE)
                        .put("chunks", chunks.getOrDefault(table, 0))
                        .put("bytes", size)));
        long[] free = new long[tasks];
        java.util.Arrays.fill(free, now + 150);
        int left = most;
        while (!pieces.isEmpty() && left-- > 0) {
            int task = earliest(free);
            Piece piece = pieces.remove(0);
            long from = free[task] + random.nextInt(40);
            long took = (long) (60 + piece.bytes() / (38_000.0 + 14_000 * random.nextDouble()));
            free[task] = from + took;
            rows += piece.rows();
            ObjectNode chunk = named("chunk", lsn, piece.table())
                    .put("ts_ms", free[task])
                    .put("filenode", FILE)
                    .put("chunk", piece.number())
                    .put("task", task)
                    .put("started_ms", from)
                    .put("rows", piece.rows())
                    .put("left_out", 0)
                    .put("bytes", piece.bytes());
            take("chunk", chunk);
        }
        now = java.util.Arrays.stream(free).max().orElse(now) + 200;
        return this;
    }

    /** The newest anchor is given up, and the stream catches up with the next one, which begins after the time that this takes. */
    InventedCopy giveUp(String lsn, String table, String reason, String nextLsn, long catchUpMs) {
        take("misfit", named("misfit", lsn, table).put("reason", reason));
        take("plan", value("plan", nextLsn));
        now += catchUpMs;
        take("catch_up", value("catch_up", nextLsn).put("generation", generation + 1));
        return this;
    }

    /** The copy is complete. */
    InventedCopy seam(String lsn, int partitions) {
        ObjectNode seam = value("seam", lsn)
                .put("slot", "pgseam_shop")
                .put("rows", rows)
                .put("left_out", 0)
                .put("offsets_exact", true);
        ObjectNode topics = seam.putObject("topics");
        chunks.keySet().forEach(table -> {
            ObjectNode topic = topics.putObject(topic(table));
            for (int partition = 0; partition < partitions; partition++) {
                long last = 1_000 + random.nextInt(200_000);
                topic.putObject(String.valueOf(partition))
                        .put("first", 0)
                        .put("last", last)
                        .put("changes_from", last + 1);
                extents.computeIfAbsent(topic(table), unused -> new TreeMap<>())
                        .put(partition, new Extent(0, last + 1 + random.nextInt(900)));
            }
        });
        take("seam", seam);
        now += 60_000;
        return heartbeat(lsn);
    }

    private InventedCopy heartbeat(String lsn) {
        take("heartbeat", value("heartbeat", lsn));
        return this;
    }

    /** A table that is not captured. */
    InventedCopy setAside(String table, String detail, String remedy) {
        take(
                "set_aside",
                named("set_aside", "0/0", table)
                        .put("reason", "no_replica_identity")
                        .put("detail", detail)
                        .put("remedy", remedy)
                        .without("lsn"));
        return this;
    }

    /** Takes a record as it is. */
    InventedCopy record(ObjectNode value) {
        take(value.path("type").asText(), value);
        return this;
    }

    /** Verify finds this of each topic, and this of one of them. */
    InventedCopy proof(String against, String lsn, Verdict ofAll, Map<String, Verdict> others, String reason) {
        ObjectNode proof = JSON.createObjectNode()
                .put("connector", "shop")
                .put("finished_ms", now + 30_000)
                .put("against", against)
                .put("lsn", lsn);
        Verdict worst = ofAll;
        for (String table : chunks.keySet()) {
            Verdict verdict = others.getOrDefault(table, ofAll);
            worst = worst.and(verdict);
            ObjectNode item = (against.equals("manifests") ? proof.withArray("topics") : proof.withArray("tables"))
                    .addObject()
                    .put("verdict", verdict.code());
            if (!against.equals("target")) {
                item.put("topic", topic(table));
            }
            if (!against.equals("manifests")) {
                item.put("table", "public." + table);
            }
            item.put("rows", 1_000L * chunks.getOrDefault(table, 0))
                    .put("missing", verdict == Verdict.DIFFERENT ? 2 : 0);
            if (verdict != ofAll) {
                item.putArray("reasons").add(reason);
            }
        }
        proof.put("verdict", worst.code());
        proofs.add(Proof.of(proof, "verify.json", "shop"));
        return this;
    }

    /** Kafka has this of a partition now. */
    InventedCopy extent(String table, int partition, Extent extent) {
        extents.computeIfAbsent(topic(table), unused -> new TreeMap<>()).put(partition, extent);
        return this;
    }

    CopyReport report() {
        return new CopyReport(
                "shop",
                "PostgreSQL database shop at db.example.com:5432",
                log,
                timeline,
                proofs,
                extents,
                Instant.ofEpochMilli(now + 120_000),
                "0.1.0");
    }

    private static int earliest(long[] free) {
        int earliest = 0;
        for (int task = 1; task < free.length; task++) {
            earliest = free[task] < free[earliest] ? task : earliest;
        }
        return earliest;
    }

    private static String topic(String table) {
        return "shop.public." + table;
    }

    private ObjectNode value(String type, String lsn) {
        return JSON.createObjectNode()
                .put("type", type)
                .put("server", "shop")
                .put("ts_ms", now)
                .put("generation", generation)
                .put("lsn", Lsn.parse(lsn).toString());
    }

    private ObjectNode named(String type, String lsn, String table) {
        return value(type, lsn).put("schema", "public").put("table", table);
    }

    private void take(String type, ObjectNode value) {
        log.take(value);
        timeline.take(JSON.createObjectNode().put("type", type).put("blocks", BLOCKS), value);
    }
}
