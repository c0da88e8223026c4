package io.pgseam.pg.session;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Drops replication slots. */
public final class SlotDropper {

    private static final Logger LOG = LoggerFactory.getLogger(SlotDropper.class);

    private SlotDropper() {}

    /**
     * Drops a slot of this database; nothing happens where there is none.
     *
     * @param why for the log
     * @throws SQLException with SQLSTATE 55006 where a session is reading the slot
     */
    public static void drop(Sessions sessions, String slot, String why) throws SQLException {
        try (PgConnection session = sessions.open("slot");
                PreparedStatement statement =
                        session.prepareStatement("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                                + " WHERE slot_name = ? AND database = current_database()")) {
            statement.setString(1, slot);
            if (statement.executeQuery().next()) {
                LOG.info("Dropped replication slot \"{}\": {}", slot, why);
            }
        }
    }
}
