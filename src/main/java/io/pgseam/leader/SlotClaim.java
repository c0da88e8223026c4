package io.pgseam.leader;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.catalog.Publications;
import io.pgseam.pg.catalog.SlotState;
import java.sql.SQLException;
import org.postgresql.jdbc.PgConnection;

/** Whether a slot that is there already is this connector's. */
final class SlotClaim {

    private SlotClaim() {}

    /** Whether the connector may read a slot: it is its own, or {@code stream.begin.lsn} says that it takes over from another connector. */
    static boolean mayRead(PgSeamSettings settings, PgConnection session, SlotState slot) throws SQLException {
        boolean handedOver = settings.stream().limits().begin() != null && isReadable(settings, slot);
        return handedOver || isOurs(settings, session, slot);
    }

    private static boolean isReadable(PgSeamSettings settings, SlotState slot) {
        return "pgoutput".equals(slot.plugin())
                && settings.connection().database().equals(slot.database());
    }

    /** A slot is ours by its default name, or by the mark that the connector leaves on the publication it creates. */
    static boolean isOurs(PgSeamSettings settings, PgConnection session, SlotState slot) throws SQLException {
        if (!isReadable(settings, slot)) {
            return false;
        }
        return slot.name().equals(settings.replication().defaultSlotName())
                || new Publications(session)
                        .find(settings.replication().publicationName())
                        .map(publication -> slot.name().equals(publication.markedSlot()))
                        .orElse(false);
    }
}
