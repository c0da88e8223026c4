package io.pgseam.stream;

import static io.pgseam.stream.RoutedStream.NULL;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TextRow;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChangeId;
import io.pgseam.phase.StreamPosition;
import io.pgseam.phase.TopicGroup;
import io.pgseam.record.ChangeWriter;
import io.pgseam.record.ChangeWriter.What;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.TableRecords;
import io.pgseam.record.TableRecordsFactory;
import io.pgseam.testing.Seed;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Tasks end anywhere, in the middle of transactions too, and the next one reads with other settings: each change is sent by the task that
 * comes to it, once, as its settings have it (invariants I2, I4 and I13).
 */
class ResumedStreamTest {

    private static final int ROUNDS = 600;
    private static final List<String> KINDS = List.of("insert", "same", "update", "rekey", "delete", "truncate");
    private static final Lsn ANCHOR = new Lsn(500);
    private static final int GENERATION = 4;
    private static final String CONTROL = "shop.seam";

    /** While rows are copied, the first two stream and the others lag behind. */
    private static final List<String> TABLES = List.of("a", "b", "copied", "unknown");

    private static final Set<String> LIVE = Set.of("shop.public.a", "shop.public.b");
    private static final Pattern NUMBERS = Pattern.compile("\"__op\":(\\d),\"__lsn\":(\\d+),\"__seq\":(\\d+)");

    private final Random random = Seed.random(ResumedStreamTest.class);
    private final FakeCatalog catalog = new FakeCatalog();
    private final Map<String, Long> numbers = new HashMap<>();
    private StreamPosition position = StreamPosition.before(ANCHOR, GENERATION, 1);

    private record Change(ChangeId id, String kind, int table, String key) {
        List<Integer> tables() {
            return kind.equals("truncate") ? List.of(table, (table + 1) % TABLES.size()) : List.of(table);
        }
    }

    private record Settings(Set<String> leftOut, boolean tombstones, boolean skipsDeletes) {
        boolean captures(int table) {
            return !leftOut.contains(TABLES.get(table));
        }
    }

    /** A record as the test expects it: topic, key, and whether it is an upsert, a delete or a tombstone. */
    private static String record(int table, String key, String what) {
        return "shop.public." + TABLES.get(table) + " {\"id\":" + key + "} " + what;
    }

    /** The records that a change has in its own table, as releases before this one counted them. */
    private static List<String> counted(Change change, int table, Settings settings) {
        List<String> records = new ArrayList<>();
        switch (change.kind()) {
            case "rekey" -> {
                addDelete(records, table, change.key(), settings);
                records.add(record(table, change.key() + "0", "upsert"));
            }
            case "delete" -> addDelete(records, table, change.key(), settings);
            case "truncate" -> records.add("truncate");
            default -> records.add(record(table, change.key(), "upsert"));
        }
        return records;
    }

    private static void addDelete(List<String> records, int table, String key, Settings settings) {
        records.add(settings.skipsDeletes() ? "skipped" : record(table, key, "delete"));
        if (settings.tombstones()) {
            records.add(settings.skipsDeletes() ? "skipped" : record(table, key, "tombstone"));
        }
    }

    private static List<String> sent(Change change, int table, Settings settings) {
        return counted(change, table, settings).stream()
                .filter(record -> record.startsWith("shop"))
                .toList();
    }

    private static TopicGroup group(int table, StreamPosition position) {
        return !position.isSplit() || LIVE.contains("shop.public." + TABLES.get(table))
                ? TopicGroup.LIVE
                : TopicGroup.LAGGING;
    }

    @Test
    void eachChangeIsSentOnceByTheTaskThatComesToIt() throws SQLException {
        putTables();
        int inMidTransaction = 0;
        for (int round = 0; round < ROUNDS; round++) {
            begin();
            List<Change> log = log();
            for (int session = random.nextInt(6); session > 0; session--) {
                read(log, settings(), false, false);
                inMidTransaction += position.live().last().isStart() ? 0 : 1;
            }
            read(log, settings(), false, true);
        }
        assertThat(inMidTransaction).isGreaterThan(ROUNDS / 2);
    }

    @Test
    void topicsThatLagBehindGetWhatTheOthersHave() throws SQLException {
        putTables();
        int split = 0;
        for (int round = 0; round < ROUNDS; round++) {
            begin();
            List<Change> log = log();
            for (int session = random.nextInt(4); session > 0; session--) {
                read(log, settings(), true, false);
            }
            split += position.isSplit() ? 1 : 0;
            position = StreamPosition.atSeam(position, new Anchor(GENERATION, ANCHOR), false);
            for (int session = random.nextInt(4); session > 0; session--) {
                read(log, settings(), false, false);
            }
            read(log, settings(), false, true);
            assertThat(position.isSplit()).isFalse();
        }
        assertThat(split).isGreaterThan(ROUNDS / 4);
    }

    /** An earlier release says how many records of the transaction Kafka has, which may end within a change. */
    @Test
    void offsetsOfAnEarlierReleaseAreCountedOnce() throws SQLException {
        putTables();
        for (int round = 0; round < ROUNDS; round++) {
            begin();
            List<Change> log = log();
            Settings settings = settings();
            ChangeId cut = log.get(random.nextInt(log.size())).id();
            List<Change> transaction = log.stream()
                    .filter(change -> change.id().commitLsn().equals(cut.commitLsn()))
                    .toList();
            boolean lagging = random.nextBoolean();
            List<String> live = new ArrayList<>();
            List<String> behind = new ArrayList<>();
            for (Change change : transaction) {
                for (int table : change.tables()) {
                    boolean isLive = !lagging || LIVE.contains("shop.public." + TABLES.get(table));
                    if (settings.captures(table)) {
                        (isLive ? live : behind).addAll(counted(change, table, settings));
                    }
                }
            }
            int liveCount = random.nextInt(live.size() + 1);
            Map<String, Object> offset = new HashMap<>(
                    Map.of("lsn", cut.commitLsn().toString(), "seq", (long) liveCount, "caught_up", 4L, "seam", 4L));
            int behindCount = 0;
            if (lagging) {
                behindCount = random.nextInt(behind.size() + 1);
                offset.put("joining_lsn", cut.commitLsn().toString());
                offset.put("joining_seq", (long) behindCount);
                offset.put("joins_at", "0/FFFF");
            }
            position = Objects.requireNonNull(StreamPosition.fromSourceOffset(offset));
            List<String> expected = expectedAfter(log, cut.commitLsn(), lagging, liveCount, behindCount, settings);
            RecordingSink sink = play(log, settings, false, Integer.MAX_VALUE);
            assertThat(tableRecords(sink, sink.records().size()))
                    .as("round %d", round)
                    .isEqualTo(expected);
            long highest = Math.max(liveCount, behindCount);
            for (SourceRecord record : sink.records()) {
                Matcher matcher = NUMBERS.matcher(text(record.value()));
                if (matcher.find()
                        && Long.parseLong(matcher.group(2)) == cut.commitLsn().value()) {
                    assertThat(Long.parseLong(matcher.group(3))).isGreaterThan(highest);
                }
            }
            assertThat(sink.offsets().stream()
                            .map(StreamPosition::toString)
                            .filter(text -> text.contains("record 0 of")))
                    .isEmpty();
        }
    }

    private List<String> expectedAfter(
            List<Change> log, Lsn cut, boolean lagging, int liveCount, int behindCount, Settings settings) {
        List<String> expected = new ArrayList<>();
        int live = 0;
        int behind = 0;
        for (Change change : log) {
            int order = change.id().commitLsn().compareTo(cut);
            for (int table : change.tables()) {
                if (order < 0 || !settings.captures(table)) {
                    continue;
                }
                boolean isLive = !lagging || LIVE.contains("shop.public." + TABLES.get(table));
                for (String record : counted(change, table, settings)) {
                    boolean had = order == 0 && (isLive ? live++ < liveCount : behind++ < behindCount);
                    if (!had && record.startsWith("shop")) {
                        expected.add(record);
                    }
                }
            }
        }
        return expected;
    }

    private void putTables() {
        for (int table = 0; table < TABLES.size(); table++) {
            catalog.put(table, TABLES.get(table), "id", "note");
        }
    }

    private void begin() {
        numbers.clear();
        position = StreamPosition.before(ANCHOR, GENERATION, 1);
    }

    private Settings settings() {
        Set<String> leftOut = new HashSet<>();
        for (String table : TABLES) {
            if (random.nextInt(3) == 0) {
                leftOut.add(table);
            }
        }
        return new Settings(leftOut, random.nextBoolean(), random.nextInt(4) == 0);
    }

    private List<Change> log() {
        List<Change> log = new ArrayList<>();
        long lsn = ANCHOR.value();
        for (int number = 1 + random.nextInt(5); number > 0; number--) {
            long record = 0;
            int index = 0;
            int table = 0;
            for (int change = random.nextInt(12); change >= 0; change--) {
                String kind = KINDS.get(random.nextInt(KINDS.size()));
                boolean same = kind.equals("same") && record > 0;
                index = same ? index + 1 : 0;
                record += same ? 0 : 1;
                // The rows of one WAL record are of one table.
                table = same ? table : random.nextInt(TABLES.size());
                log.add(new Change(
                        new ChangeId(new Lsn(lsn), new Lsn(record), index),
                        kind.equals("same") && !same ? "insert" : kind,
                        table,
                        String.valueOf(random.nextInt(100))));
            }
            lsn += 1 + random.nextInt(20);
        }
        return log;
    }

    /**
     * One task: reads from where the slot has to be read, up to its end.
     *
     * @param whole whether it comes to the end of the log, and everything is durable; else it ends anywhere
     */
    private void read(List<Change> log, Settings settings, boolean liveOnly, boolean whole) throws SQLException {
        StreamPosition before = liveOnly ? position.split() : position;
        RecordingSink sink = play(log, settings, liveOnly, whole ? Integer.MAX_VALUE : random.nextInt(log.size() + 1));
        int last = whole ? sink.records().size() : random.nextInt(sink.records().size() + 1);
        while (!sink.isWhole(last)) {
            last--;
        }
        StreamPosition after = last == 0 ? before : sink.offsets().get(last - 1);
        assertThat(after.readFrom().isBefore(before.readFrom())).isFalse();
        List<String> expected = new ArrayList<>();
        for (Change change : log) {
            for (int table : change.tables()) {
                boolean came = !before.covers(change.id(), group(table, before))
                        && after.covers(change.id(), group(table, after));
                if (came && settings.captures(table)) {
                    expected.addAll(sent(change, table, settings));
                }
            }
        }
        assertThat(tableRecords(sink, last)).isEqualTo(expected);
        checkNumbers(sink, log);
        position = after;
    }

    /** A record that is sent again, by whatever task, has the number that it had; those of a transaction grow. */
    private void checkNumbers(RecordingSink sink, List<Change> log) {
        long lsn = 0;
        long sequence = 0;
        for (SourceRecord record : sink.records()) {
            Matcher matcher = NUMBERS.matcher(text(record.value()));
            if (record.topic().equals(CONTROL) || !matcher.find()) {
                continue;
            }
            long next = Long.parseLong(matcher.group(3));
            if (Long.parseLong(matcher.group(2)) == lsn) {
                assertThat(next).isGreaterThan(sequence);
            }
            lsn = Long.parseLong(matcher.group(2));
            sequence = next;
            String name = changeOf(record, log) + " " + matcher.group(1);
            assertThat(numbers.merge(name, next, (had, now) -> had)).as(name).isEqualTo(next);
        }
    }

    private static ChangeId changeOf(SourceRecord record, List<Change> log) {
        io.pgseam.phase.StreamOffset offset = (io.pgseam.phase.StreamOffset) record.sourceOffset();
        ChangeId found = null;
        for (Change change : log) {
            found = offset.isOfOrAfter(change.id()) ? change.id() : found;
        }
        return Objects.requireNonNull(found);
    }

    private RecordingSink play(List<Change> log, Settings settings, boolean liveOnly, int changes) throws SQLException {
        catalog.leaveOut(settings.leftOut());
        RecordingSink sink = new RecordingSink();
        StreamCursor cursor = new StreamCursor(position, LIVE, liveOnly);
        RoutedStream stream = new RoutedStream(catalog, sink, cursor, records(settings));
        Lsn from = liveOnly ? position.lsn() : position.readFrom();
        Lsn open = null;
        boolean described = false;
        int left = changes;
        for (Change change : log) {
            Lsn commitLsn = change.id().commitLsn();
            // The server sends whole transactions that commit at the LSN asked for or later.
            if (commitLsn.isBefore(from) || left-- <= 0) {
                continue;
            }
            if (!commitLsn.equals(open)) {
                commit(stream, open);
                stream.begin(commitLsn.value());
                open = commitLsn;
            }
            for (int table = 0; !described && table < TABLES.size(); table++) {
                stream.relation(table, TABLES.get(table), "id", "note");
            }
            described = true;
            send(stream, change);
        }
        if (changes == Integer.MAX_VALUE && open != null) {
            stream.commit(open.value());
            Lsn end = new Lsn(open.value() + 1);
            assertThat(stream.router().catchesUpAt(end))
                    .isEqualTo(stream.router().position().isSplit());
            stream.router().heartbeat(end);
        }
        return sink;
    }

    private void commit(RoutedStream stream, @Nullable Lsn open) throws SQLException {
        if (open != null) {
            stream.commit(open.value());
            if (random.nextInt(5) == 0) {
                stream.router().heartbeat(new Lsn(open.value() + 1));
            }
        }
    }

    private static void send(RoutedStream stream, Change change) throws SQLException {
        long table = change.table();
        switch (change.kind()) {
            case "insert" -> stream.insert(table, change.key(), "new");
            case "same" -> stream.insertInSameRecord(table, change.key(), "new");
            case "update" -> stream.update(table, change.key(), "changed");
            case "rekey" -> stream.update(table, 'K', new String[] {change.key(), NULL}, change.key() + "0", "moved");
            case "delete" -> stream.delete(table, 'K', change.key(), NULL);
            default ->
                stream.truncate(
                        change.tables().stream().mapToLong(Integer::longValue).toArray());
        }
    }

    private static List<String> tableRecords(RecordingSink sink, int count) {
        List<String> records = new ArrayList<>();
        for (SourceRecord record : sink.records().subList(0, count)) {
            if (!record.topic().equals(CONTROL)) {
                String value = record.value() == null ? "" : text(record.value());
                String what = value.isEmpty() ? "tombstone" : value.contains("\"__op\":1") ? "delete" : "upsert";
                records.add(record.topic() + " " + text(record.key()) + " " + what);
            }
        }
        return records;
    }

    private static String text(@Nullable Object bytes) {
        return bytes == null ? "" : new String((byte[]) bytes, StandardCharsets.UTF_8);
    }

    /** The flat records, without deletes if they are skipped, as Debezium's format does it. */
    private static TableRecordsFactory records(Settings settings) {
        TableRecordsFactory flat = RoutedStream.records(null, settings.tombstones());
        return settings.skipsDeletes()
                ? (table, columns) -> new WithoutDeletes(flat.recordsOf(table, columns), settings.tombstones())
                : flat;
    }

    private record WithoutDeletes(TableRecords records, boolean tombstones) implements TableRecords {
        @Override
        public String topic() {
            return records.topic();
        }

        @Override
        public SourceRecord snapshotRow(
                TextRow row, SnapshotPlace place, Lsn anchor, Map<String, ?> partition, Map<String, ?> offset) {
            return records.snapshotRow(row, place, anchor, partition, offset);
        }

        @Override
        public void insert(TextRow row, ChangeWriter writer) {
            records.insert(row, writer);
        }

        @Override
        public void update(@Nullable TextRow oldRow, boolean oldRowWhole, TextRow newRow, ChangeWriter writer) {
            if (oldRow != null) {
                delete(oldRow, oldRowWhole, writer);
            }
            records.update(null, false, newRow, writer);
        }

        @Override
        public void updateOfLostRow(
                @Nullable TextRow oldRow, boolean oldRowWhole, TextRow newRow, ChangeWriter writer) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void delete(TextRow oldRow, boolean oldRowWhole, ChangeWriter writer) {
            writer.begin(What.GONE);
            if (tombstones) {
                writer.begin(What.GONE);
            }
        }

        @Override
        public boolean needsWholeRows() {
            return records.needsWholeRows();
        }
    }
}
