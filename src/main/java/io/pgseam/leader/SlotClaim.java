package io.pgseam.leader;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.catalog.Publications;
import io.pgseam.pg.catalog.SlotState;
import java.sql.SQLException;
import org.postgresql.jdbc.PgConnection;

/** Whether a slot that is there already is this connector's. */
final class SlotClaim {

    private SlotClaim() {}

    /** A slot is ours by its default name, or by the mark that the connector leaves on the publication it creates. */
    static boolean isOurs(PgSeamSettings settings, PgConnection session, SlotState slot) throws SQLException {
        if (!"pgoutput".equals(slot.plugin())
                || !settings.connection().database().equals(slot.database())) {
            return false;
        }
        return slot.name().equals(settings.replication().defaultSlotName())
                || new Publications(session)
                        .find(settings.replication().publicationName())
                        .map(publication -> slot.name().equals(publication.markedSlot()))
                        .orElse(false);
    }
}
