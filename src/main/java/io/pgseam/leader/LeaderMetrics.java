package io.pgseam.leader;

import io.pgseam.metrics.Metric;
import io.pgseam.metrics.MetricRegistry;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.catalog.ReplayLag;
import io.pgseam.pg.catalog.SlotState;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.Phase;
import io.pgseam.phase.StreamPosition;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** What can be seen of the connector. Written by the leader's thread, which knows all of it anyway. */
public final class LeaderMetrics {

    /** The phase as a monitoring system knows it: one of few, of which one is 1. */
    private enum Shown {
        OPENING,
        COPYING,
        CATCHING_UP,
        ADDING,
        STREAMING,
        ENDED,
        FAILED;

        static Shown of(Phase phase) {
            if (phase instanceof Phase.Copying) {
                return COPYING;
            } else if (phase instanceof Phase.CatchingUp) {
                return CATCHING_UP;
            } else if (phase instanceof Phase.MakingWay || phase instanceof Phase.OpeningBeside) {
                return ADDING;
            } else if (phase instanceof Phase.Streaming) {
                return STREAMING;
            } else if (phase instanceof Phase.StreamedToEnd || phase instanceof Phase.Ended) {
                return ENDED;
            } else if (phase instanceof Phase.Failed) {
                return FAILED;
            }
            return OPENING;
        }

        String tag() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * The slot and the server as of the last look.
     *
     * @param state the slot; null if there is none
     * @param ok whether the slot can be read
     * @param server where the server's WAL ends
     */
    private record Source(@Nullable SlotState state, boolean ok, Lsn server) {}

    private volatile Shown phase = Shown.OPENING;
    private volatile long phaseSince = System.nanoTime();
    private volatile boolean reachable;
    private volatile long captured = -1;
    private volatile long setAside = -1;
    private volatile int seam;
    private volatile int generation;
    private volatile @Nullable Anchor anchor;
    private volatile long openedMs;
    private volatile CopyWatch.@Nullable Progress copy;
    private volatile @Nullable Source source;
    private volatile @Nullable ReplayLag replay;

    /** Shows what it knows. */
    public LeaderMetrics(MetricRegistry registry) {
        for (Shown each : Shown.values()) {
            registry.register(Metric.PHASE, Map.of(Metric.Tag.PHASE, each.tag()), () -> phase == each ? 1L : 0L);
        }
        registry.register(Metric.PHASE_AGE, () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - phaseSince));
        registry.register(Metric.SOURCE_REACHABLE, () -> reachable ? 1L : 0L);
        registry.register(Metric.CAPTURED_TABLES, () -> MetricRegistry.orNaN(captured));
        registry.register(Metric.SET_ASIDE_TABLES, () -> MetricRegistry.orNaN(setAside));
        registry.register(Metric.ANCHOR_GENERATION, () -> (long) generation);
        registry.register(Metric.SEAM_GENERATION, () -> (long) seam);
        registry.register(Metric.ANCHOR_LSN, this::anchorLsn);
        registry.register(Metric.ANCHOR_AGE, this::anchorAgeMs);
        showCopy(registry, Metric.COPY_TABLES, CopyWatch.Progress::tables);
        registry.register(Metric.COPY_TABLES_REMAINING, this::tablesRemaining);
        showCopy(registry, Metric.COPY_CHUNKS, CopyWatch.Progress::chunks);
        showCopy(registry, Metric.COPY_CHUNKS_DONE, CopyWatch.Progress::chunksDone);
        showCopy(registry, Metric.COPY_BYTES, CopyWatch.Progress::bytes);
        showCopy(registry, Metric.COPY_BYTES_DONE, CopyWatch.Progress::bytesDone);
        showCopy(registry, Metric.COPY_ROWS_DONE, CopyWatch.Progress::rowsDone);
        showCopy(registry, Metric.COPY_ROWS_PER_SECOND, CopyWatch.Progress::rowsPerSecond);
        showCopy(registry, Metric.COPY_REMAINING, CopyWatch.Progress::remainingMs);
        showSource(registry, Metric.SLOT_OK, now -> now.ok() ? 1 : 0);
        showSource(
                registry,
                Metric.SLOT_ACTIVE,
                now -> now.state() != null && now.state().active() ? 1 : 0);
        showSource(
                registry,
                Metric.SLOT_RETAINED,
                now -> behind(now, now.state() == null ? null : now.state().restartLsn()));
        showSource(
                registry,
                Metric.SLOT_UNCONFIRMED,
                now -> behind(now, now.state() == null ? null : now.state().confirmedFlushLsn()));
        showSource(registry, Metric.SLOT_SAFE, LeaderMetrics::safeBytes);
        showSource(
                registry,
                Metric.SLOT_CONFIRMED_LSN,
                now -> now.state() == null || now.state().confirmedFlushLsn() == null
                        ? -1
                        : now.state().confirmedFlushLsn().value());
        showSource(registry, Metric.SERVER_LSN, now -> now.server().value());
        showReplay(registry, Metric.REPLAY_LAG, ReplayLag::ms);
        showReplay(registry, Metric.REPLAY_LAG_BYTES, ReplayLag::bytes);
    }

    private void showCopy(MetricRegistry registry, Metric metric, ToLongFunction<CopyWatch.Progress> value) {
        registry.register(metric, () -> {
            CopyWatch.Progress now = copy;
            return now == null ? MetricRegistry.UNKNOWN : MetricRegistry.orNaN(value.applyAsLong(now));
        });
    }

    private void showReplay(MetricRegistry registry, Metric metric, ToLongFunction<ReplayLag> value) {
        registry.register(metric, () -> {
            ReplayLag now = replay;
            return now == null ? MetricRegistry.UNKNOWN : MetricRegistry.orNaN(value.applyAsLong(now));
        });
    }

    private void showSource(MetricRegistry registry, Metric metric, ToLongFunction<Source> value) {
        registry.register(metric, () -> {
            Source now = source;
            return now == null ? MetricRegistry.UNKNOWN : MetricRegistry.orNaN(value.applyAsLong(now));
        });
    }

    private static long behind(Source now, @Nullable Lsn lsn) {
        if (lsn == null) {
            return -1;
        }
        return now.server().isAfter(lsn) ? now.server().value() - lsn.value() : 0;
    }

    private static long safeBytes(Source now) {
        Long safe = now.state() == null ? null : now.state().safeWalSize();
        return safe == null ? -1 : Math.max(0, safe);
    }

    private Number anchorLsn() {
        Anchor now = anchor;
        return now == null ? MetricRegistry.UNKNOWN : Long.valueOf(now.lsn().value());
    }

    private Number anchorAgeMs() {
        return anchor == null ? MetricRegistry.UNKNOWN : Long.valueOf(System.currentTimeMillis() - openedMs);
    }

    private Number tablesRemaining() {
        CopyWatch.Progress now = copy;
        if (now != null) {
            return now.tablesRemaining();
        }
        return phase == Shown.STREAMING ? Long.valueOf(0) : MetricRegistry.UNKNOWN;
    }

    /** The connector is in this phase. */
    void phase(Phase now) {
        show(Shown.of(now));
    }

    /** The connector has failed. */
    void failed() {
        show(Shown.FAILED);
    }

    private void show(Shown now) {
        if (now != phase) {
            phaseSince = System.nanoTime();
            phase = now;
        }
    }

    /** Whether the source has answered the last query. */
    void reachable(boolean answered) {
        reachable = answered;
    }

    /** How many tables are captured, and how many cannot be. */
    void tables(int capturedTables, int setAsideTables) {
        captured = capturedTables;
        setAside = setAsideTables;
    }

    /** The slot and the server now; the slot is null if there is none, and may be there without being usable. */
    void source(@Nullable SlotState state, boolean usable, Lsn server) {
        source = new Source(state, usable, server);
    }

    /** How far the source is behind its primary; null if it is none's standby. */
    void replay(@Nullable ReplayLag lag) {
        replay = lag;
    }

    /** What is committed of the stream; null before the first commit. */
    void stream(@Nullable StreamPosition position) {
        if (position != null) {
            seam = position.seam();
            generation = Math.max(generation, position.caughtUp());
        }
    }

    /** The copy that is under way; null if there is none. */
    void copy(@Nullable HeldAnchor held) {
        if (held == null) {
            anchor = null;
            return;
        }
        copy = held.watch().progress();
        generation = held.anchor().generation();
        openedMs = held.snapshot().openedMs();
        anchor = held.holder() == null ? null : held.anchor();
    }
}
