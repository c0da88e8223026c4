package io.pgseam.stream;

import static io.pgseam.stream.RoutedStream.NULL;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.StreamPosition;
import io.pgseam.testing.Seed;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

/**
 * Some topics go on while rows are copied to the others, which read the slot again afterwards: with tasks that end anywhere, each
 * topic gets each of its records once, in the order of the commits (invariants I2 and I4).
 */
class PartedStreamTest {

    private static final int ROUNDS = 1_000;
    private static final List<String> KINDS =
            List.of("insert", "update", "rekey", "delete", "insert", "update", "rekey", "delete", "truncate");
    private static final Lsn ANCHOR = new Lsn(500);
    private static final int GENERATION = 4;
    private static final String CONTROL = "shop.seam";

    /** The first two go on; of the third rows are copied, and the fourth has come meanwhile. */
    private static final List<String> TABLES = List.of("a", "b", "copied", "unknown");

    private static final Set<String> GOING_ON = Set.of("shop.public.a", "shop.public.b");

    private final Random random = Seed.random(PartedStreamTest.class);
    private final FakeCatalog catalog = new FakeCatalog();

    private record Change(String kind, long table, String key) {}

    private record Transaction(long lsn, List<Change> changes) {}

    /** What is durable: records by topic, without the number that names them within their transaction. */
    private final Map<String, List<String>> durable = new TreeMap<>();

    /** Everything that was ever sent, by what names it: what is repeated is the same again. */
    private final Map<String, String> sent = new HashMap<>();

    private StreamPosition position = start();

    private static StreamPosition start() {
        return new StreamPosition(ANCHOR, 0, GENERATION, 1, false);
    }

    @Test
    void eachTopicGetsEachRecordOnceInItsOrder() throws SQLException {
        for (int table = 0; table < TABLES.size(); table++) {
            catalog.put(table, TABLES.get(table), "id", "note");
        }
        int parted = 0;
        for (int round = 0; round < ROUNDS; round++) {
            List<Transaction> log = log();
            sent.clear();
            Map<String, List<String>> expected = unparted(log);
            durable.clear();
            sent.clear();
            position = start();
            int seen = 0;
            for (int session = random.nextInt(4); session > 0; session--) {
                seen = Math.max(seen, 1 + random.nextInt(log.size()));
                read(log.subList(0, seen), true, false);
            }
            durable.forEach((topic, records) -> assertThat(GOING_ON).contains(topic));
            parted += position.isParted() ? 1 : 0;
            long end = log.get(log.size() - 1).lsn() + 1;
            long written = seen == 0 ? ANCHOR.value() : log.get(seen - 1).lsn() + 1 + random.nextInt(15);
            position = StreamPosition.atSeam(position.parted(), new Anchor(GENERATION, ANCHOR), false)
                    .thatJoinsAt(new Lsn(Math.min(written, end)));
            for (int session = random.nextInt(4); session > 0; session--) {
                read(log, false, false);
            }
            read(log, false, true);
            assertThat(durable).as("round %d", round).isEqualTo(expected);
            assertThat(position.isParted()).isFalse();
        }
        assertThat(parted).isGreaterThan(ROUNDS / 4);
    }

    private List<Transaction> log() {
        List<Transaction> log = new ArrayList<>();
        long lsn = ANCHOR.value();
        for (int number = 1 + random.nextInt(6); number > 0; number--) {
            List<Change> changes = new ArrayList<>();
            for (int change = random.nextInt(6); change >= 0; change--) {
                String kind = KINDS.get(random.nextInt(KINDS.size()));
                changes.add(new Change(kind, random.nextInt(TABLES.size()), String.valueOf(random.nextInt(100))));
            }
            log.add(new Transaction(lsn, changes));
            lsn += 1 + random.nextInt(20);
        }
        return log;
    }

    private Map<String, List<String>> unparted(List<Transaction> log) throws SQLException {
        durable.clear();
        position = start();
        read(log, false, true);
        return new TreeMap<>(durable);
    }

    /**
     * One task: reads from where the slot has to be read, up to its end.
     *
     * @param whole whether it comes to the end of the log, and everything is durable; else it ends anywhere
     */
    private void read(List<Transaction> log, boolean besideCopy, boolean whole) throws SQLException {
        RecordingSink sink = new RecordingSink();
        RoutedStream stream = new RoutedStream(catalog, sink, position, GOING_ON, besideCopy);
        Lsn from = besideCopy ? position.lsn() : position.readFrom();
        int changes = whole ? Integer.MAX_VALUE : random.nextInt(20);
        boolean first = true;
        for (Transaction transaction : log) {
            // The server sends whole transactions that commit at the LSN asked for or later.
            if (transaction.lsn() < from.value() || changes < 0) {
                continue;
            }
            stream.begin(transaction.lsn());
            for (int table = 0; first && table < TABLES.size(); table++) {
                stream.relation(table, TABLES.get(table), "id", "note");
            }
            first = false;
            for (Change change : transaction.changes()) {
                if (changes-- > 0) {
                    send(stream, change);
                }
            }
            if (changes >= 0) {
                stream.commit(transaction.lsn());
                if (random.nextInt(5) == 0) {
                    stream.router().heartbeat(new Lsn(transaction.lsn() + 1));
                }
            }
        }
        if (whole) {
            Lsn end = new Lsn(log.get(log.size() - 1).lsn() + 1);
            assertThat(stream.router().joinsAt(end))
                    .isEqualTo(stream.router().position().isParted());
            stream.router().heartbeat(end);
        }
        for (SourceRecord record : sink.records()) {
            if (!record.topic().equals(CONTROL)) {
                String value = text(record.value());
                String name = record.topic() + value.replaceAll(".*(\"__lsn\":\\d+,\"__seq\":\\d+).*", "$1");
                assertThat(sent.merge(name, text(record.key()) + value, (before, now) -> before))
                        .isEqualTo(text(record.key()) + value);
            }
        }
        int last = whole ? sink.records().size() : random.nextInt(sink.records().size() + 1);
        for (SourceRecord record : sink.records().subList(0, last)) {
            StreamPosition next = Objects.requireNonNull(StreamPosition.fromSourceOffset(record.sourceOffset()));
            assertThat(next.readFrom().isBefore(position.readFrom())).isFalse();
            assertThat(next.lsn().isBefore(position.lsn())).isFalse();
            position = next;
            if (!record.topic().equals(CONTROL)) {
                durable.computeIfAbsent(record.topic(), topic -> new ArrayList<>())
                        .add(text(record.key()) + " " + text(record.value()).replaceAll("\"__seq\":\\d+,", ""));
            }
        }
    }

    private static void send(RoutedStream stream, Change change) throws SQLException {
        long table = change.table();
        switch (change.kind()) {
            case "insert" -> stream.insert(table, change.key(), "new");
            case "update" -> stream.update(table, change.key(), "changed");
            case "rekey" -> stream.update(table, 'K', new String[] {change.key(), NULL}, change.key() + "0", "moved");
            case "delete" -> stream.delete(table, 'K', change.key(), NULL);
            default -> stream.truncate(table, (table + 1) % TABLES.size());
        }
    }

    private static String text(Object bytes) {
        return new String((byte[]) bytes, StandardCharsets.UTF_8);
    }
}
