package io.pgseam.tool.command;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.Lsn;
import io.pgseam.tool.outcome.CommandFailure;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Waits until the topics have what a snapshot shows, and the target has what the topics have. */
record LoadedTarget(
        PgSeamSettings settings,
        Map<String, Object> clients,
        TargetWait target,
        @Nullable Duration timeout) implements TargetVerification.Arrival {

    @Override
    public void await(Lsn lsn, ProgressLine progress) {
        TopicsWait.await(settings, clients, lsn, timeout, progress);
        progress.begin("waiting until the target has what the topics have", 1);
        TargetWait.Outcome loaded = target.await(Optional.empty(), new Deadline(timeout));
        if (!loaded.reached()) {
            throw new CommandFailure(loaded.target() + " does not have everything that was committed before " + lsn
                    + ": " + loaded.obstacle() + ". For tables that are loaded by other means, see --no-wait");
        }
    }
}
