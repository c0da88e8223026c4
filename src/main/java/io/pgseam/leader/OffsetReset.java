package io.pgseam.leader;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.catalog.ServerCatalog;
import io.pgseam.pg.catalog.SlotState;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SlotDropper;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.phase.PlanState;
import io.pgseam.phase.ShareState;
import io.pgseam.phase.StreamPosition;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of the slot when a user deletes the connector's offsets: if it is the connector's own, it is dropped, so that the next
 * start begins again; else it stays, and the log says what to do.
 * Offsets cannot be set to anything else, for they say what slot and snapshot have to fit.
 */
public final class OffsetReset {

    private static final Logger LOG = LoggerFactory.getLogger(OffsetReset.class);

    private OffsetReset() {}

    /**
     * Prepares the source for the deletion of all offsets.
     *
     * @param offsets what is to be stored, by source partition; null for what is to be deleted
     * @throws ConnectException where that is anything but a deletion, or where the slot cannot be dropped
     */
    public static void prepare(
            PgSeamSettings settings, Map<Map<String, ?>, ? extends @Nullable Map<String, ?>> offsets) {
        if (offsets.values().stream().anyMatch(offset -> offset != null)) {
            throw new ConnectException(
                    "Offsets of pgseam cannot be altered, only deleted all together: replication slot \""
                            + settings.replication().slotName()
                            + "\" has no changes from before its own position, and rows that were"
                            + " copied belong to one snapshot. To copy everything again, stop the connector and send DELETE"
                            + " /connectors/" + settings.connectorName() + "/offsets");
        }
        if (offsets.isEmpty()) {
            return;
        }
        if (!isWhole(settings.topics().prefix(), offsets.keySet())) {
            throw new ConnectException("Offsets of pgseam can only be deleted all together: DELETE /connectors/"
                    + settings.connectorName() + "/offsets");
        }
        dropSlot(settings);
    }

    /** Once anything is committed, there is an offset of the stream, or of the copy's first task. */
    private static boolean isWhole(String server, Collection<Map<String, ?>> partitions) {
        return partitions.contains(StreamPosition.sourcePartition(server))
                || partitions.contains(PlanState.sourcePartition(server))
                || partitions.contains(ShareState.sourcePartition(server, 0));
    }

    private static void dropSlot(PgSeamSettings settings) {
        String name = settings.replication().slotName();
        try (Sessions sessions = new Sessions(settings.connection());
                PgConnection session = sessions.open("offsets")) {
            Optional<SlotState> slot = new ServerCatalog(session).slot(name);
            if (slot.isEmpty()) {
                warnOfEarlierName(settings, session);
                return;
            }
            if (!SlotClaim.isOurs(settings, session, slot.get())) {
                LOG.warn(
                        "The offsets of connector {} are deleted, but replication slot \"{}\" stays: nothing says that it was made"
                                + " for this connector. It keeps WAL, and the connector does not start beside it. If nobody else needs"
                                + " it, drop it: SELECT pg_drop_replication_slot('{}')",
                        settings.connectorName(),
                        name,
                        name);
                return;
            }
            SlotDropper.drop(sessions, name, "the offsets of connector " + settings.connectorName() + " are deleted");
        } catch (SQLException e) {
            throw new ConnectException(
                    "Replication slot \"" + name + "\" could not be dropped, and the offsets are kept: "
                            + SqlErrors.describe(e) + ". Try again when the connector's tasks have stopped",
                    e);
        }
    }

    /** It may be another connector's: the offsets that say whose it is are not shown here. */
    private static void warnOfEarlierName(PgSeamSettings settings, PgConnection session) throws SQLException {
        String earlier = settings.replication().earlierDefaultName();
        if (settings.replication().hasOtherNamesThanEarlier()
                && new ServerCatalog(session).slot(earlier).isPresent()) {
            LOG.warn(
                    "The offsets of connector {} are deleted, but replication slot \"{}\" stays: if a release before 0.1 made it for"
                            + " this connector, drop it: SELECT pg_drop_replication_slot('{}')",
                    settings.connectorName(),
                    earlier,
                    earlier);
        }
    }
}
