package io.pgseam.stream;

import io.pgseam.pg.catalog.WalClock;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.connect.source.SourceRecord;

/** Asks the source every few seconds where its WAL ends, for the metrics. */
final class WalSampler {
    private static final long INTERVAL_NANOS = Duration.ofSeconds(2).toNanos();

    private final SourceCatalog catalog;
    private final StreamMetrics metrics;
    private final Consumer<WalClock> observer;
    private long lastLook = System.nanoTime() - INTERVAL_NANOS;

    /** @param observer takes each sample, too */
    WalSampler(SourceCatalog catalog, StreamMetrics metrics, Consumer<WalClock> observer) {
        this.observer = observer;
        this.catalog = catalog;
        this.metrics = metrics;
    }

    /** Looks, if it is time to. Finds nothing that a record has to say. */
    List<SourceRecord> look() throws SQLException {
        if (System.nanoTime() - lastLook >= INTERVAL_NANOS) {
            lastLook = System.nanoTime();
            // The time before the question: the age of a position is rather a little too high than too low.
            WalClock now = catalog.walClock();
            observer.accept(now);
            metrics.sample(now, lastLook, System.currentTimeMillis());
        }
        return List.of();
    }
}
