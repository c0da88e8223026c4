package io.pgseam.preflight;

import io.pgseam.config.ConnectionDefinition;
import io.pgseam.config.Fault;
import io.pgseam.pg.TableId;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Whether the primary that the settings name is the one of the standby, and may be asked for what only a primary can do. */
final class PrimaryCheck {

    private static final String SYSTEM = "SELECT system_identifier::text FROM pg_control_system()";

    /** The standby has the primary's rights. */
    private static final String MAY_LOG =
            "SELECT has_function_privilege('pg_catalog.pg_log_standby_snapshot()', 'EXECUTE')";

    private PrimaryCheck() {}

    /**
     * Checks the primary, if the settings name one.
     *
     * @param standby a session with the source, which is a standby
     */
    static void check(Sessions sessions, Connection standby, Consumer<Fault> faults, Consumer<String> warnings)
            throws SQLException {
        Sessions primary = sessions.primary();
        if (primary == null) {
            return;
        }
        String fault = fault(primary, text(standby, SYSTEM));
        if (fault != null) {
            faults.accept(new Fault(ConnectionDefinition.PRIMARY_HOSTNAME, fault));
        } else if ("f".equals(text(standby, MAY_LOG))) {
            warnings.accept("Role " + sessions.settings().user()
                    + " may not run pg_log_standby_snapshot(), so each anchor waits until the primary logs its running transactions by"
                    + " itself. Run on the primary: GRANT EXECUTE ON FUNCTION pg_catalog.pg_log_standby_snapshot() TO "
                    + TableId.quoteIdentifier(sessions.settings().user()));
        }
    }

    private static @Nullable String fault(Sessions primary, String system) {
        String target = primary.settings().target();
        try (Connection session = primary.open("preflight")) {
            return text(session, SYSTEM).equals(system)
                    ? null
                    : target + " is not the primary of the standby: it has another system identifier";
        } catch (SQLException e) {
            return target + " cannot be used as the primary of the standby: " + SqlErrors.describe(e)
                    + ". Correct " + ConnectionDefinition.PRIMARY_HOSTNAME + " and " + ConnectionDefinition.PRIMARY_PORT
                    + ", or remove them";
        }
    }

    private static String text(Connection session, String query) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
