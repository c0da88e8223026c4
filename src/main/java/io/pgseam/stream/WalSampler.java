package io.pgseam.stream;

import io.pgseam.pg.catalog.WalClock;
import io.pgseam.pg.session.SqlErrors;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the source every few seconds where its WAL ends, for the metrics. */
final class WalSampler {

    private static final Logger LOG = LoggerFactory.getLogger(WalSampler.class);
    private static final long INTERVAL_NANOS = Duration.ofSeconds(2).toNanos();

    private final SourceCatalog catalog;
    private final StreamMetrics metrics;
    private long lastLook = System.nanoTime() - INTERVAL_NANOS;

    WalSampler(SourceCatalog catalog, StreamMetrics metrics) {
        this.catalog = catalog;
        this.metrics = metrics;
    }

    /** Looks, if it is time to. Finds nothing that a record has to say. */
    List<SourceRecord> look() {
        if (System.nanoTime() - lastLook >= INTERVAL_NANOS) {
            lastLook = System.nanoTime();
            try {
                // The time before the question: the age of a position is rather a little too high than too low.
                WalClock now = catalog.walClock();
                metrics.sample(now, lastLook, System.currentTimeMillis());
            } catch (SQLException e) {
                LOG.debug("No answer on where the WAL ends: {}", SqlErrors.describe(e));
            }
        }
        return List.of();
    }
}
