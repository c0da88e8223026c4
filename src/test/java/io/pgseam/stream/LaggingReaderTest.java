package io.pgseam.stream;

import static io.pgseam.pg.pgoutput.MessageEncoder.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.metrics.MetricRegistry;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.pgoutput.MessageDecoder;
import io.pgseam.pg.pgoutput.MessageEncoder;
import io.pgseam.phase.ChangeId;
import io.pgseam.phase.StreamPosition;
import io.pgseam.phase.StreamPosition.Place;
import io.pgseam.phase.TopicGroup;
import io.pgseam.testing.Seed;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two readings of one log that take turns at random, lose their sessions and their task at random, and come together. */
class LaggingReaderTest {

    private static final int ROUNDS = 1_000;
    private static final long LIVE = 16_400;
    private static final long ADDED = 16_500;
    private static final String LIVE_TOPIC = "shop.public.live";
    private static final String ADDED_TOPIC = "shop.public.added";
    private static final Pattern ID = Pattern.compile("\"id\":(\\d+)");

    private final Random random = Seed.random(LaggingReaderTest.class);
    private final MessageDecoder decoder = new MessageDecoder();
    private final FakeCatalog catalog = new FakeCatalog();

    /** What Kafka has: the ids of each table. */
    private final List<Integer> live = new ArrayList<>();

    private final List<Integer> added = new ArrayList<>();
    private StreamPosition position = StreamPosition.before(Lsn.NONE, 1, 1);

    private RecordingSink sink = new RecordingSink();
    private StreamCursor cursor = new StreamCursor(position, Set.of(), false);
    private RoutedStream first = new RoutedStream(catalog, sink, position);
    private LaggingReader second = reader(first, cursor, 1);

    /** Rows of a transaction: of each the table, the ids grow over the whole log. */
    private record Transaction(Lsn commitLsn, int firstId, List<Long> tables) {
        Lsn endLsn() {
            return new Lsn(commitLsn.value() + 8);
        }

        Lsn at(int row) {
            return new Lsn(commitLsn.value() - 50 + row);
        }
    }

    private record Sent(MessageEncoder message, Lsn at) {}

    @BeforeEach
    void tables() {
        catalog.put(LIVE, "live", "id", "note");
        catalog.put(ADDED, "added", "id", "note");
    }

    private static LaggingReader reader(RoutedStream stream, StreamCursor lagging, long mostBytes) {
        return new LaggingReader(lagging, stream.window(), new StreamMetrics(MetricRegistry.NONE, 0), mostBytes);
    }

    @Test
    void eachChangeIsSentOnceWhateverIsLost() throws SQLException {
        int joined = 0;
        int cutApart = 0;
        for (int round = 0; round < ROUNDS; round++) {
            List<Transaction> log = log();
            begin(log);
            for (int task = random.nextInt(4); task > 0 && position.isSplit(); task--) {
                run(log, false);
                cutApart += position.isSplit() ? 1 : 0;
            }
            joined += position.isSplit() ? 1 : 0;
            run(log, true);
            assertThat(position.isSplit()).as("round %d", round).isFalse();
            assertThat(live).as("live, round %d", round).isEqualTo(ids(log, LIVE));
            assertThat(added).as("added, round %d", round).isEqualTo(ids(log, ADDED));
        }
        assertThat(joined).isGreaterThan(ROUNDS / 4);
        assertThat(cutApart).isGreaterThan(ROUNDS / 4);
    }

    /** The live topic has a part of the log, up to anywhere. */
    private void begin(List<Transaction> log) {
        live.clear();
        added.clear();
        Transaction at = log.get(random.nextInt(log.size()));
        int rows = random.nextInt(at.tables().size() + 1);
        Place place = rows == 0
                ? Place.before(at.commitLsn())
                : new Place(new ChangeId(at.commitLsn(), at.at(rows - 1), 0), 4L * rows);
        StreamPosition split =
                StreamPosition.before(log.get(0).commitLsn(), 2, 2).split().at(TopicGroup.LIVE, place);
        for (Transaction transaction : log) {
            for (int row = 0; row < transaction.tables().size(); row++) {
                ChangeId change = new ChangeId(transaction.commitLsn(), transaction.at(row), 0);
                if (transaction.tables().get(row) == LIVE && split.covers(change, TopicGroup.LIVE)) {
                    live.add(transaction.firstId() + row);
                }
            }
        }
        position = split;
    }

    private List<Transaction> log() {
        List<Transaction> log = new ArrayList<>();
        long lsn = 1_000;
        int id = 1;
        for (int number = 1 + random.nextInt(8); number > 0; number--) {
            List<Long> tables = new ArrayList<>();
            for (int row = random.nextInt(10); row >= 0; row--) {
                tables.add(random.nextBoolean() ? LIVE : ADDED);
            }
            log.add(new Transaction(new Lsn(lsn), id, tables));
            id += tables.size();
            lsn += 100;
        }
        return log;
    }

    private static List<Integer> ids(List<Transaction> log, long table) {
        List<Integer> ids = new ArrayList<>();
        for (Transaction transaction : log) {
            for (int row = 0; row < transaction.tables().size(); row++) {
                if (transaction.tables().get(row) == table) {
                    ids.add(transaction.firstId() + row);
                }
            }
        }
        return ids;
    }

    /**
     * One task.
     *
     * @param whole whether it comes to the end of the log, and everything is durable; else it ends anywhere
     */
    private void run(List<Transaction> log, boolean whole) throws SQLException {
        sink = new RecordingSink();
        cursor = new StreamCursor(position, Set.of(LIVE_TOPIC), position.isSplit());
        first = new RoutedStream(catalog, sink, cursor, RoutedStream.records(null, false));
        StreamCursor lagging = cursor.forLagging();
        second = reader(
                new RoutedStream(catalog, sink, lagging, RoutedStream.records(null, false)),
                lagging,
                1 + random.nextInt(3_000));
        Lsn liveFrom = position.lsn();
        Lsn border = liveFrom;
        boolean split = position.isSplit();
        List<Sent> toFirst = session(log, liveFrom);
        List<Sent> toSecond = session(log, second.resumeLsn());
        while (split || !toFirst.isEmpty()) {
            if (!whole && random.nextInt(20) == 0) {
                break;
            }
            if (random.nextInt(10) == 0) {
                // Both sessions are lost.
                first.restart();
                second.restart();
                toFirst = session(log, liveFrom);
                toSecond = session(log, second.resumeLsn());
            }
            for (int turns = random.nextInt(3); turns > 0 && !toFirst.isEmpty(); turns--) {
                border = Lsn.max(border, takeTransaction(toFirst));
            }
            if (toFirst.isEmpty() && random.nextBoolean()) {
                // The server has nothing more.
                border = Lsn.max(
                        border, new Lsn(log.get(log.size() - 1).commitLsn().value() + 50));
                first.router().heartbeat(border);
            }
            if (!split) {
                continue;
            }
            if (random.nextInt(10) == 0) {
                second.restart();
                toSecond = session(log, second.resumeLsn());
            }
            turn(log, toSecond, border);
            if (second.isAtBorder() && !cursor.position().isPast(border)) {
                cursor.join();
                first.router().heartbeat(border);
                split = false;
            }
        }
        deliver(whole);
    }

    private void turn(List<Transaction> log, List<Sent> toSecond, Lsn border) throws SQLException {
        second.aimAt(border);
        for (int messages = random.nextInt(30); messages > 0 && !second.isAtBorder(); messages--) {
            if (toSecond.isEmpty()) {
                second.idle(new Lsn(log.get(log.size() - 1).commitLsn().value() + 50));
            } else {
                Sent next = toSecond.remove(0);
                second.take(next.message().toBuffer(), next.at());
            }
        }
        second.pause();
    }

    /** Kafka has the records up to somewhere, between two changes. */
    private void deliver(boolean whole) {
        int last = whole ? sink.records().size() : random.nextInt(sink.records().size() + 1);
        while (!sink.isWhole(last)) {
            last--;
        }
        for (SourceRecord record : sink.records().subList(0, last)) {
            Matcher id = ID.matcher(new String((byte[]) record.value(), StandardCharsets.UTF_8));
            if (record.topic().equals(LIVE_TOPIC) && id.find()) {
                live.add(Integer.parseInt(id.group(1)));
            } else if (record.topic().equals(ADDED_TOPIC) && id.find()) {
                added.add(Integer.parseInt(id.group(1)));
            }
        }
        position = last == 0 ? position : sink.offsets().get(last - 1);
    }

    /** What the server sends to a session: whole transactions that commit at this LSN or later. */
    private static List<Sent> session(List<Transaction> log, Lsn from) {
        List<Sent> sent = new ArrayList<>();
        boolean described = false;
        for (Transaction transaction : log) {
            if (transaction.commitLsn().isBefore(from)) {
                continue;
            }
            Lsn begin = transaction.at(0);
            sent.add(new Sent(
                    message('B').int64(transaction.commitLsn().value()).int64(0).int32(7), begin));
            if (!described) {
                described = true;
                sent.add(new Sent(relation(LIVE, "live"), begin));
                sent.add(new Sent(relation(ADDED, "added"), begin));
            }
            for (int row = 0; row < transaction.tables().size(); row++) {
                MessageEncoder insert = message('I')
                        .int32(transaction.tables().get(row))
                        .int8('N')
                        .int16(2)
                        .value(String.valueOf(transaction.firstId() + row))
                        .value("new");
                sent.add(new Sent(insert, transaction.at(row)));
            }
            Lsn end = transaction.endLsn();
            sent.add(new Sent(
                    message('C')
                            .int8(0)
                            .int64(transaction.commitLsn().value())
                            .int64(end.value())
                            .int64(0),
                    end));
        }
        return sent;
    }

    private static MessageEncoder relation(long oid, String name) {
        return message('R')
                .int32(oid)
                .text("public")
                .text(name)
                .int8('d')
                .int16(2)
                .int8(1)
                .text("id")
                .int32(20)
                .int32(-1)
                .int8(0)
                .text("note")
                .int32(25)
                .int32(-1);
    }

    /** The first reading takes a transaction; gives its end. */
    private Lsn takeTransaction(List<Sent> sent) throws SQLException {
        Lsn end = Lsn.NONE;
        do {
            Sent next = sent.remove(0);
            ByteBuffer encoded = next.message().toBuffer();
            first.window().take(encoded, decoder.decode(encoded), next.at());
            end = next.at();
        } while (first.inTransaction());
        return end;
    }
}
