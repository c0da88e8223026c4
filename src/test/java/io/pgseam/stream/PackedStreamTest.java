package io.pgseam.stream;

import static io.pgseam.stream.RoutedStream.NULL;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.ChangeId;
import io.pgseam.phase.StreamPosition;
import io.pgseam.record.flat.FlatSettings;
import io.pgseam.record.flat.FlatTables;
import io.pgseam.record.flat.PackForm;
import io.pgseam.record.flat.PackSettings;
import io.pgseam.record.flat.UnrepresentableValues;
import io.pgseam.task.OversizePolicy;
import io.pgseam.testing.PackedRows;
import io.pgseam.testing.PackedRows.Row;
import io.pgseam.testing.Seed;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

/**
 * The stream with packed messages: sessions and tasks end anywhere, and Kafka has any first part of what was handed over. Each row arrives,
 * in the order of commits for its key, and exactly once where batches are transactions (invariants I4, I9 and I13).
 */
class PackedStreamTest {

    private static final int ROUNDS = 1_500;
    private static final String CONTROL = "shop.seam";
    private static final Lsn START = new Lsn(500);
    private static final Pattern MARKS = Pattern.compile("\"__op\":(\\d),\"__lsn\":(\\d+),\"__seq\":(\\d+)");

    /** Two of them share a topic, where a key of one may be a key of the other. */
    private static final List<String> TABLES = List.of("a", "b", "shared1", "shared2");

    private static final int MOST_MESSAGE_BYTES = 700;

    private final Random random = Seed.random(PackedStreamTest.class);

    /** A change: of which table, what it is, its key, and how long its text is. */
    private record Change(ChangeId id, String kind, int table, int key, int length) {}

    /** What a round has: how rows are packed, and what Kafka has by now. */
    private static final class Kafka {
        private final FakeCatalog catalog = new FakeCatalog();
        private StreamPosition position = StreamPosition.before(START, 1, 1);
        private final List<SourceRecord> messages = new ArrayList<>();
    }

    @Test
    void eachRowArrivesOnceInItsOrderIfBatchesAreTransactions() throws SQLException {
        for (int round = 0; round < ROUNDS; round++) {
            Kafka kafka = play(true);
            assertThat(kafka.messages).as("round %d", round).isNotEmpty();
        }
    }

    @Test
    void noRowIsLostAndNoneGoesBackWhereverMessagesAreCut() throws SQLException {
        int repeated = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Kafka kafka = play(false);
            repeated += kafka.messages.size();
        }
        assertThat(repeated).isPositive();
    }

    private Kafka play(boolean exactlyOnce) throws SQLException {
        Kafka kafka = new Kafka();
        for (int table = 0; table < TABLES.size(); table++) {
            kafka.catalog.put(table, TABLES.get(table), "id", "note");
        }
        PackSettings pack =
                new PackSettings(60 + random.nextInt(600), 1 + random.nextInt(8), PackForm.values()[random.nextInt(2)]);
        List<Change> log = log();
        for (int task = random.nextInt(5); task > 0; task--) {
            read(log, kafka, pack, exactlyOnce, false);
        }
        read(log, kafka, pack, exactlyOnce, true);
        check(log, kafka, pack, exactlyOnce);
        return kafka;
    }

    private void read(List<Change> log, Kafka kafka, PackSettings pack, boolean exactlyOnce, boolean whole)
            throws SQLException {
        RecordingSink sink = new RecordingSink();
        FlatTables records = FlatTables.packed(
                table -> "shop." + table.toString().replaceAll("\\d", ""),
                FlatSettings.defaults(),
                new UnrepresentableValues(Clock.systemUTC()),
                pack);
        PackingSink packing = new PackingSink(
                records.pack(),
                sink,
                StreamPosition.sourcePartition("shop"),
                500 + random.nextInt(20_000),
                2_000 + random.nextInt(30_000),
                3 + random.nextInt(20),
                random::nextBoolean,
                () -> 0);
        StreamCursor cursor = new StreamCursor(kafka.position, Set.of(), false);
        RoutedStream stream = new RoutedStream(
                kafka.catalog,
                sink,
                packing,
                cursor,
                records,
                RoutedStream.limit(MOST_MESSAGE_BYTES, OversizePolicy.SKIP));
        if (random.nextInt(3) == 0) {
            sink.refuseAfter(random.nextInt(5));
        }
        int changes = whole ? Integer.MAX_VALUE : random.nextInt(log.size() + 1);
        boolean read = false;
        while (!read) {
            try {
                send(log, stream, packing, kafka.position.readFrom(), changes);
                read = true;
            } catch (SQLException e) {
                // The session is lost; the next one sends whole transactions again.
                stream.restart();
            }
        }
        int had = whole ? sink.records().size() : random.nextInt(sink.records().size() + 1);
        while (exactlyOnce && !sink.isWhole(had)) {
            had--;
        }
        kafka.messages.addAll(sink.records().subList(0, had));
        if (had > 0) {
            kafka.position = sink.offsets().get(had - 1);
        }
    }

    private void send(List<Change> log, RoutedStream stream, PackingSink packing, Lsn from, int changes)
            throws SQLException {
        Lsn open = null;
        int left = changes;
        boolean described = false;
        for (Change change : log) {
            Lsn commitLsn = change.id().commitLsn();
            if (commitLsn.isBefore(from) || left-- <= 0) {
                continue;
            }
            if (!commitLsn.equals(open)) {
                end(stream, open);
                stream.begin(commitLsn.value());
                open = commitLsn;
            }
            for (int table = 0; !described && table < TABLES.size(); table++) {
                stream.relation(table, TABLES.get(table), "id", "note");
            }
            described = true;
            String key = String.valueOf(change.key());
            String note = "x".repeat(change.length());
            switch (change.kind()) {
                case "insert" -> stream.insert(change.table(), key, note);
                case "rekey" -> stream.update(change.table(), 'K', new String[] {key, NULL}, key + "0", note);
                case "truncate" -> stream.truncate(change.table());
                default -> stream.delete(change.table(), 'K', key, NULL);
            }
        }
        if (changes == Integer.MAX_VALUE) {
            end(stream, open);
            stream.idle();
            packing.flush();
        }
    }

    private void end(RoutedStream stream, Lsn open) throws SQLException {
        if (open != null) {
            stream.commit(open.value());
            if (random.nextInt(6) == 0) {
                stream.idle();
            }
            if (random.nextInt(6) == 0) {
                stream.router().heartbeat(new Lsn(open.value() + 1));
            }
        }
    }

    private List<Change> log() {
        List<Change> log = new ArrayList<>();
        long lsn = START.value();
        for (int transactions = 1 + random.nextInt(6); transactions > 0; transactions--) {
            int count = 1 + random.nextInt(random.nextInt(4) == 0 ? 60 : 5);
            for (int number = 1; number <= count; number++) {
                int kind = random.nextInt(20);
                int length = random.nextInt(8) == 0 ? random.nextInt(900) : random.nextInt(20);
                log.add(new Change(
                        new ChangeId(new Lsn(lsn), new Lsn(number), 0),
                        kind == 0 ? "truncate" : kind < 4 ? "delete" : kind < 8 ? "rekey" : "insert",
                        random.nextInt(TABLES.size()),
                        1 + random.nextInt(5),
                        length));
            }
            lsn += 1 + random.nextInt(20);
        }
        return log;
    }

    /** By topic and key, {@code lsn/seq/op} of each row that the log has, in order. */
    private static Map<String, List<String>> expected(List<Change> log) {
        Map<String, List<String>> expected = new LinkedHashMap<>();
        for (Change change : log) {
            String topic = "shop.public." + TABLES.get(change.table()).replaceAll("\\d", "");
            long lsn = change.id().commitLsn().value();
            long number = change.id().recordLsn().value();
            String key = topic + " {\"id\":" + change.key();
            String gone = lsn + "/" + RoutedStream.deleteSequence(number) + "/1";
            String there = lsn + "/" + RoutedStream.upsertSequence(number) + "/0";
            switch (change.kind()) {
                case "insert" -> add(expected, key + "}", there, change);
                case "delete" -> add(expected, key + "}", gone, null);
                case "rekey" -> {
                    add(expected, key + "}", gone, null);
                    add(expected, key + "0}", there, change);
                }
                default -> {}
            }
        }
        return expected;
    }

    /** A row that is larger than the producer takes is left out. */
    private static void add(Map<String, List<String>> expected, String key, String row, Change upsert) {
        if (upsert == null || upsert.length() < MOST_MESSAGE_BYTES - 96 - 120) {
            expected.computeIfAbsent(key, any -> new ArrayList<>()).add(row);
        } else if (upsert.length() < MOST_MESSAGE_BYTES - 96) {
            // About there, to the byte, is the limit: both are right.
            expected.computeIfAbsent(key, any -> new ArrayList<>()).add("?" + row);
        }
    }

    private static void check(List<Change> log, Kafka kafka, PackSettings pack, boolean exactlyOnce) {
        Map<String, List<String>> arrived = new LinkedHashMap<>();
        for (SourceRecord message : kafka.messages) {
            if (!message.topic().equals(CONTROL)) {
                List<Row> rows = PackedRows.rows((byte[]) message.value(), List.of("id"));
                assertThat(rows.size() == 1 || ((byte[]) message.value()).length <= pack.bytes())
                        .isTrue();
                for (Row row : rows) {
                    assertThat(text(message.key()))
                            .isEqualTo(String.valueOf(Utils.toPositive(Utils.murmur2(row.key())) % pack.buckets()));
                    arrived.computeIfAbsent(message.topic() + " " + text(row.key()), any -> new ArrayList<>())
                            .add(marks(row));
                }
            }
        }
        Map<String, List<String>> expected = expected(log);
        expected.forEach((key, rows) -> {
            List<String> had = arrived.getOrDefault(key, List.of());
            List<String> wanted = rows.stream()
                    .filter(row -> !row.startsWith("?") || had.contains(row.substring(1)))
                    .map(row -> row.replace("?", ""))
                    .toList();
            if (exactlyOnce) {
                assertThat(had).as(key).isEqualTo(wanted);
            } else {
                assertThat(new ArrayList<>(new LinkedHashSet<>(had))).as(key).isEqualTo(wanted);
                assertThat(had.isEmpty() || had.get(had.size() - 1).equals(wanted.get(wanted.size() - 1)))
                        .as("the last row of %s", key)
                        .isTrue();
            }
        });
        assertThat(expected.keySet()).containsAll(arrived.keySet());
    }

    private static String marks(Row row) {
        Matcher matcher = MARKS.matcher(text(row.value()));
        assertThat(matcher.find()).isTrue();
        return matcher.group(2) + "/" + matcher.group(3) + "/" + matcher.group(1);
    }

    private static String text(Object bytes) {
        return new String((byte[]) bytes, StandardCharsets.UTF_8);
    }
}
