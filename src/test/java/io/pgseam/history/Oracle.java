package io.pgseam.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.pg.Lsn;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.ControlTopic;
import io.pgseam.testing.FlatRecord;
import io.pgseam.testing.PackedRows;
import io.pgseam.testing.Replay;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TableContents;
import io.pgseam.testing.TopicReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Judges what a history has left in the topics: against the source as it is now, and as it was at each seam's anchor. */
final class Oracle {

    private final Scene scene;
    private final Map<String, List<ConsumerRecord<byte[], byte[]>>> records = new LinkedHashMap<>();
    /** Tables of which an update may leave a large value out that the old row does not have, so that it is looked up. */
    private final Set<String> lookedUp = new HashSet<>();

    /** Reads the topics; the source has to be quiet, and the stream has to have caught up with it. */
    Oracle(Scene scene) {
        this.scene = scene;
        for (SampleTable table : scene.history().tables()) {
            for (String name : scene.history().publishedAs(table)) {
                read(name, table);
            }
        }
        scene.added().forEach(table -> read("public." + table.name(), table));
    }

    private void read(String name, SampleTable table) {
        List<ConsumerRecord<byte[], byte[]>> messages =
                TopicReader.readAll(scene.environment().bootstrapServers(), scene.topic(name));
        if (table.large() && !table.wholeOldRow()) {
            lookedUp.add(name);
        }
        History history = scene.history();
        records.put(
                name,
                history.isPacked()
                        ? new PackedRows(Integer.parseInt(history.settings().get("flat.pack.buckets")))
                                .of(messages, table.keyColumns())
                        : messages);
    }

    /** @throws AssertionError where the topics are not what they have to be */
    void judge() throws SQLException {
        Replay all = new Replay();
        records.values().forEach(all::apply);
        all.assertConsistent();
        if (scene.history().delivery() == Delivery.EXACTLY_ONCE) {
            all.assertNoDuplicates();
        }
        forgetTruncated(all, null);
        forgetRepublished(all, null);
        scene.replaced().forEach((table, lsn) -> all.forgetBefore(scene.topic(table), lsn));
        try (Connection connection = scene.database().connect()) {
            SourceTruth truth = new SourceTruth(connection);
            for (String table : records.keySet()) {
                compare("at the end", table, truth.contents(table), all, Set.of());
            }
        }
        scene.timeline()
                .note(
                        "oracle",
                        "%d snapshot rows and %d changes give the source, %d repeated",
                        all.snapshotRows(),
                        all.changes(),
                        all.duplicates());
        List<JsonNode> seams = scene.control().ofType("seam");
        if (seams.isEmpty()) {
            throw new AssertionError("no seam on the control topic");
        }
        seams.forEach(this::judgeSeam);
    }

    private void judgeSeam(JsonNode seam) {
        Lsn lsn = Lsn.parse(seam.path("lsn").asText());
        Map<String, TableContents> truth = scene.truths().at(lsn);
        String name = "seam " + seam.path("generation") + " at " + lsn;
        if (truth == null) {
            scene.timeline().note("oracle", "%s: nobody knows what the source had there", name);
            return;
        }
        Lsn changed = scene.publicationChanged();
        if (changed != null && lsn.isAfter(changed) && seam.path("generation").asInt() < newestRepublished()) {
            scene.timeline().note("oracle", "%s: changes that were not published are missing there", name);
            return;
        }
        truth.forEach((table, contents) -> {
            if (scene.replaced().containsKey(table)) {
                // Two tables had this name, and a seam does not say of which of them it speaks.
                return;
            }
            Replay asOf = new Replay().applyAsOf(lsn, records.get(table));
            forgetTruncated(asOf, lsn);
            forgetRepublished(asOf, lsn);
            compare("at " + name, table, contents, asOf, ofLater(seam, table));
            if (seam.path("generation").asInt() == 1
                    && seam.path("offsets_exact").asBoolean()) {
                compare("before the offsets of " + name, table, contents, upTo(seam, table), Set.of());
            }
        });
        scene.timeline().note("oracle", "%s gives the source as it was there", name);
    }

    /** What stands before the seam's offsets; all of it is copied rows where the first anchor was the last. */
    private Replay upTo(JsonNode seam, String table) {
        Map<TopicPartition, Long> limits = ControlTopic.changesFrom(seam, scene.topic(table));
        return new Replay().applyBefore(limits, records.get(table));
    }

    /**
     * Keys that a seam says nothing exact of. Where a topic goes on beside the copy, a large value is looked up as it is by then: it may
     * be one of after the anchor, or its row may be gone. The change that made it so follows (docs/toast.md).
     */
    private Set<JsonNode> ofLater(JsonNode seam, String table) {
        int generation = seam.path("generation").asInt();
        boolean copied = scene.control().ofType("chunk").stream()
                .anyMatch(chunk -> chunk.path("generation").asInt() == generation
                        && table.equals(chunk.path("published_as").asText()));
        if (generation == 1 || copied || !lookedUp.contains(table)) {
            return Set.of();
        }
        Lsn lsn = Lsn.parse(seam.path("lsn").asText());
        return records.get(table).stream()
                .filter(record -> record.value() != null)
                .map(FlatRecord::of)
                .filter(record -> !record.place().lsn().isBefore(lsn))
                .map(FlatRecord::key)
                .collect(Collectors.toSet());
    }

    private void compare(String when, String table, TableContents expected, Replay replay, Set<JsonNode> leftOut) {
        try {
            TableContents rows = expected.ofRecords(withAddedColumn(expected, replay.rows(scene.topic(table))));
            expected.without(leftOut).assertEqualTo(rows.without(leftOut));
        } catch (AssertionError e) {
            throw new AssertionError(when + ": " + e.getMessage(), e);
        }
    }

    /** A record that is older than a column does not name it, and the column is NULL then. */
    private static Map<JsonNode, JsonNode> withAddedColumn(TableContents expected, Map<JsonNode, JsonNode> rows) {
        if (expected.columns().stream().noneMatch(column -> column.name().equals(SampleTable.ADDED))) {
            return rows;
        }
        rows.values().forEach(row -> {
            if (!row.has(SampleTable.ADDED)) {
                ((ObjectNode) row).putNull(SampleTable.ADDED);
            }
        });
        return rows;
    }

    /** As a target does that is truncated by hand: what a table had before does not count. */
    private void forgetTruncated(Replay replay, @Nullable Lsn before) {
        for (JsonNode truncate : scene.control().ofType("truncate")) {
            Lsn lsn = Lsn.parse(truncate.path("lsn").asText());
            if (before == null || lsn.isBefore(before)) {
                replay.forgetTruncated(truncate);
            }
        }
    }

    /** As a target does that is emptied by hand when a table is copied again: deletes may have been missed. */
    private void forgetRepublished(Replay replay, @Nullable Lsn upTo) {
        for (JsonNode republished : scene.control().ofType("republished")) {
            Lsn lsn = Lsn.parse(republished.path("lsn").asText());
            if (upTo == null || !lsn.isAfter(upTo)) {
                replay.forgetBefore(republished.path("topic").asText(), lsn);
            }
        }
    }

    private int newestRepublished() {
        return scene.control().ofType("republished").stream()
                .mapToInt(record -> record.path("generation").asInt())
                .max()
                .orElse(0);
    }
}
