package io.pgseam.leader;

import io.pgseam.pg.catalog.ReplayLag;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log when a standby that is the source falls behind its primary, and when it has caught up. */
final class ReplayWatch {

    private static final Logger LOG = LoggerFactory.getLogger(ReplayWatch.class);
    private static final long LATE_MS = 60_000;
    private static final long ON_TIME_MS = 10_000;

    private boolean told;

    /** @param lag as of now; null if the server is no standby */
    void look(@Nullable ReplayLag lag) {
        if (lag == null) {
            told = false;
        } else if (!told && lag.ms() >= LATE_MS) {
            told = true;
            LOG.warn(
                    "The standby is {} s behind its primary ({} MB received and not replayed{}): changes come that much later",
                    lag.ms() / 1000,
                    Math.round(lag.bytes() / 1e6),
                    lag.connected() ? "" : "; it receives no WAL");
        } else if (told && lag.connected() && lag.ms() >= 0 && lag.ms() < ON_TIME_MS) {
            told = false;
            LOG.info("The standby has caught up with its primary");
        }
    }
}
