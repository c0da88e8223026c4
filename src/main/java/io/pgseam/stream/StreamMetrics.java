package io.pgseam.stream;

import io.pgseam.metrics.Counter;
import io.pgseam.metrics.Metric;
import io.pgseam.metrics.MetricRegistry;
import io.pgseam.metrics.TableCounters;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.catalog.WalClock;
import io.pgseam.pg.pgoutput.Delete;
import io.pgseam.pg.pgoutput.Insert;
import io.pgseam.pg.pgoutput.Message;
import io.pgseam.pg.pgoutput.Truncate;
import io.pgseam.pg.pgoutput.Update;
import io.pgseam.task.DroppedRecords;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What can be seen of a stream task. Written by the thread that reads the slot, unless a method says otherwise; read by any thread.
 *
 * <p>How far the task is behind is known from samples of the source's WAL position: {@link PositionAge}. Commit times alone would not do: the
 * last change may be hours old because nothing was changed, or because hours of WAL of other tables are still to be read.
 */
public final class StreamMetrics {

    private final MetricRegistry registry;
    private final TableCounters tables;
    private final Counter inserts = new Counter();
    private final Counter updates = new Counter();
    private final Counter deletes = new Counter();
    private final Counter truncates = new Counter();
    private final Counter transactions = new Counter();
    private final Counter receivedBytes = new Counter();
    private final Counter records = new Counter();
    private final Counter heartbeats = new Counter();
    private final Counter reconnects = new Counter();
    private final Counter schemaChanges = new Counter();
    private final Counter lookups = new Counter();
    private final Counter lookupNanos = new Counter();
    private final Counter lookupsMissing = new Counter();

    private final PositionAge readAge = new PositionAge();
    private final PositionAge committedAge = new PositionAge();

    private boolean opened;
    private volatile boolean connected;
    private volatile boolean idle;
    private volatile Lsn received = Lsn.NONE;
    private volatile Lsn committed = Lsn.NONE;
    private volatile Lsn confirmed = Lsn.NONE;
    private volatile Lsn source = Lsn.NONE;
    private volatile long clockDifferenceMs;
    private volatile long commitTimeMs;
    private boolean inTransaction;
    private volatile long lastChangeMs;
    private volatile long lastRecordNanos = System.nanoTime();
    private volatile LongSupplier oldestWaitingMs = () -> 0;

    /**
     * Shows what it knows.
     *
     * @param mostTables how many tables get a counter of their own
     */
    public StreamMetrics(MetricRegistry registry, int mostTables) {
        this.registry = registry;
        this.tables = new TableCounters(registry, Metric.TABLE_CHANGES, mostTables);
        showChanges("insert", inserts);
        showChanges("update", updates);
        showChanges("delete", deletes);
        showChanges("truncate", truncates);
        registry.register(Metric.TRANSACTIONS, transactions::get);
        registry.register(Metric.RECEIVED_BYTES, receivedBytes::get);
        registry.register(Metric.RECORDS, records::get);
        registry.register(Metric.HEARTBEATS, heartbeats::get);
        registry.register(Metric.CONNECTED, () -> connected ? 1L : 0L);
        registry.register(Metric.LAG, () -> MetricRegistry.orNaN(lagMs()));
        registry.register(Metric.LAG_BYTES, () -> behind(received));
        registry.register(Metric.COMMITTED_LAG, () -> MetricRegistry.orNaN(committedAge.ms(System.nanoTime())));
        registry.register(Metric.COMMITTED_LAG_BYTES, () -> behind(committed));
        registry.register(Metric.RECEIVED_LSN, () -> received.value());
        registry.register(Metric.COMMITTED_LSN, () -> committed.value());
        registry.register(Metric.CONFIRMED_LSN, () -> confirmed.value());
        registry.register(Metric.LAST_CHANGE_TIME, () -> MetricRegistry.orNaN(lastChangeMs == 0 ? -1 : lastChangeMs));
        registry.register(Metric.SINCE_LAST_RECORD, this::msSinceLastRecord);
        registry.register(Metric.LOOKUPS, lookups::get);
        registry.register(Metric.LOOKUP_TIME, () -> TimeUnit.NANOSECONDS.toMillis(lookupNanos.get()));
        registry.register(Metric.LOOKUPS_MISSING, lookupsMissing::get);
        registry.register(Metric.RECONNECTS, reconnects::get);
        registry.register(Metric.SCHEMA_CHANGES, schemaChanges::get);
    }

    private void showChanges(String operation, Counter counter) {
        registry.register(Metric.CHANGES, Map.of(Metric.Tag.OPERATION, operation), counter::get);
    }

    /** Shows the queue to Connect, too. */
    void queue(ChangeQueue queue, long capacityBytes) {
        oldestWaitingMs = queue::oldestCommitMs;
        registry.register(Metric.QUEUE_BYTES, queue::bytes);
        registry.register(Metric.QUEUE_CAPACITY, () -> capacityBytes);
    }

    /** Shows what Connect has dropped, too. */
    void dropped(DroppedRecords dropped) {
        registry.register(Metric.DROPPED_RECORDS, dropped::total);
    }

    /** A session reads the slot from now on. */
    void sessionOpened() {
        connected = true;
        if (opened) {
            reconnects.add();
        }
        opened = true;
    }

    /** No session reads the slot any more. */
    void sessionLost() {
        connected = false;
    }

    /**
     * A message was read.
     *
     * @param bytes its size
     * @param at where it stands in the WAL
     */
    void received(int bytes, Lsn at) {
        receivedBytes.add(bytes);
        received = at;
        if (idle) {
            idle = false;
        }
    }

    /**
     * A message was read from a copy of the slot, for topics that lag behind.
     *
     * @param bytes its size
     */
    void receivedBeside(int bytes) {
        receivedBytes.add(bytes);
    }

    /** The server has sent everything up to this LSN, and everything is routed. */
    void idle(Lsn upTo) {
        received = upTo;
        idle = true;
    }

    /** A transaction begins, whose changes are routed. */
    void begin(long commitMicros) {
        commitTimeMs = TimeUnit.MICROSECONDS.toMillis(commitMicros);
        inTransaction = true;
    }

    void commit() {
        transactions.add();
        inTransaction = false;
    }

    /**
     * How new a record is, by the server's clock, in ms since 1970: when its transaction committed. What is written between transactions says
     * where the stream is now.
     */
    long recordTimeMs() {
        return inTransaction ? commitTimeMs : System.currentTimeMillis() + clockDifferenceMs;
    }

    /** A change of a table became records. */
    void change(Message change, @Nullable CapturedRelation table) {
        if (table != null) {
            table.countChange(this);
        }
        lastChangeMs = commitTimeMs;
        if (change instanceof Insert) {
            inserts.add();
        } else if (change instanceof Update) {
            updates.add();
        } else if (change instanceof Delete) {
            deletes.add();
        } else if (change instanceof Truncate) {
            truncates.add();
        }
    }

    /** The counter of a table. */
    Counter of(CapturedRelation relation) {
        return tables.of(relation.id());
    }

    /**
     * Records were made.
     *
     * @param nanos the time, as of {@link System#nanoTime()}
     */
    void records(int count, long nanos) {
        records.add(count);
        lastRecordNanos = nanos;
    }

    void heartbeat() {
        heartbeats.add();
    }

    void schemaChange() {
        schemaChanges.add();
    }

    /** Values were read from the source for so many updates; for so many of them the row was gone. */
    void lookups(int count, int missing, long nanos) {
        lookups.add(count);
        lookupsMissing.add(missing);
        lookupNanos.add(nanos);
    }

    /** This position is committed in Kafka, and this one is confirmed to the slot. */
    void committed(Lsn position, Lsn confirmedToSlot) {
        committed = position;
        confirmed = confirmedToSlot;
        committedAge.reached(position);
    }

    /**
     * The source's position and clock now. From the thread that looks at the catalogue.
     *
     * @param nanos now, as of {@link System#nanoTime()}
     * @param clockMs now by the worker's clock, in ms since 1970
     */
    void sample(WalClock now, long nanos, long clockMs) {
        source = now.lsn();
        clockDifferenceMs = now.clockMs() - clockMs;
        readAge.sample(now.lsn(), nanos);
        committedAge.sample(now.lsn(), nanos);
        readAge.reached(received);
        committedAge.reached(committed);
    }

    private Number behind(Lsn position) {
        Lsn now = source;
        if (now.equals(Lsn.NONE) || position.equals(Lsn.NONE)) {
            return MetricRegistry.UNKNOWN;
        }
        return Math.max(0, now.value() - position.value());
    }

    private long msSinceLastRecord() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastRecordNanos);
    }

    /** See {@link Metric#LAG}; -1 if unknown. */
    private long lagMs() {
        long now = System.currentTimeMillis() + clockDifferenceMs;
        long waiting = oldestWaitingMs.getAsLong();
        if (waiting > 0) {
            return Math.max(0, now - waiting);
        }
        if (idle && !received.isBefore(source)) {
            return 0;
        }
        long byPosition = readAge.ms(System.nanoTime());
        long byCommit = commitTimeMs == 0 ? -1 : Math.max(0, now - commitTimeMs);
        if (byPosition < 0 || byCommit < 0) {
            return Math.max(byPosition, byCommit);
        }
        return Math.min(byPosition, byCommit);
    }
}
