package io.pgseam.stream;

import static io.pgseam.pg.pgoutput.MessageEncoder.message;
import static io.pgseam.stream.RoutedStream.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.ledger.Ledger;
import io.pgseam.metrics.MetricRegistry;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.pgoutput.MessageEncoder;
import io.pgseam.pg.session.ConnectionSettings;
import io.pgseam.pg.session.Sessions;
import io.pgseam.phase.StreamLimits;
import io.pgseam.phase.StreamPosition;
import io.pgseam.testing.CommittedOffsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A reader to which the server sends without pause: it is never idle. */
class SlotReaderTest {

    private static final long ORDERS = 16_400;
    private static final long OTHER = 16_600;

    private static final StreamMetrics METRICS = new StreamMetrics(MetricRegistry.NONE, 0);

    private final FakeCatalog catalog = new FakeCatalog();
    private final RecordingSink sent = new RecordingSink();
    private final AtomicLong now = new AtomicLong();
    private final CountDownLatch stopped = new CountDownLatch(1);

    @BeforeEach
    void tables() {
        catalog.put(ORDERS, "orders", "id", "note");
    }

    private SlotReader reader(long heartbeatMs, @Nullable ReadingEnd end) {
        Ledger ledger = new Ledger("shop", new CommittedOffsets());
        SlotConfirmer confirmer = new SlotConfirmer(ledger, at(100, 0), false, null, METRICS, stopped);
        RoutedStream stream = new RoutedStream(catalog, sent, at(100, 0));
        return new SlotReader(
                new Sessions(new ConnectionSettings("nowhere", 1, "none", "nobody", "", 1, Map.of(), "test")),
                "stream",
                new StreamSettings(
                        "slot",
                        "publication",
                        100,
                        1_000_000,
                        heartbeatMs,
                        10_000,
                        10_000,
                        false,
                        false,
                        StreamLimits.NONE,
                        false,
                        true,
                        SignalChannels.NONE,
                        null,
                        null),
                ledger,
                confirmer,
                new QueueSink(new ChangeQueue(1_000_000, 100, 1_000_000), confirmer, now::get, METRICS),
                stream.router(),
                stream.window(),
                METRICS,
                end,
                null,
                null,
                stopped);
    }

    private static void take(SlotReader reader, MessageEncoder message, long at) throws SQLException {
        reader.take(message.toBuffer(), new Lsn(at));
    }

    /** A transaction of a table that is not captured. */
    private static void transaction(SlotReader reader, long commitLsn) throws SQLException {
        take(reader, message('B').int64(commitLsn).int64(0).int32(7), commitLsn - 8);
        take(reader, message('I').int32(OTHER).int8('N').int16(1).value("1"), commitLsn - 4);
        take(reader, message('C').int8(0).int64(commitLsn).int64(commitLsn + 8).int64(0), commitLsn + 8);
    }

    private List<Lsn> positions() {
        return sent.offsets().stream().map(StreamPosition::lsn).toList();
    }

    @Test
    void movesOnWithTransactionsThatSendNothing() throws SQLException {
        SlotReader reader = reader(1, null);
        now.addAndGet(2_000_000);
        transaction(reader, 500);
        transaction(reader, 600);
        assertThat(positions()).containsExactly(new Lsn(508), new Lsn(608));
        assertThat(sent.records()).extracting(SourceRecord::topic).containsOnly("shop.seam");
    }

    @Test
    void doesNotMoveOnWithoutHeartbeats() throws SQLException {
        SlotReader reader = reader(0, null);
        now.addAndGet(2_000_000);
        transaction(reader, 500);
        assertThat(sent.records()).isEmpty();
    }

    @Test
    void doesNotPassItsEnd() throws SQLException {
        SlotReader reader = reader(1, new ReadingEnd(new Lsn(505), false, false, () -> {}));
        now.addAndGet(2_000_000);
        transaction(reader, 500);
        assertThat(sent.records()).isEmpty();
    }
}
