package io.pgseam.preflight;

import io.pgseam.config.ConnectionDefinition;
import io.pgseam.config.Fault;
import io.pgseam.config.ReplicationSettings;
import io.pgseam.config.StreamSettings;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.PublicationMode;
import io.pgseam.pg.catalog.ServerState;
import io.pgseam.pg.catalog.SlotState;
import io.pgseam.pg.catalog.StandbyState;
import io.pgseam.pg.session.ConnectionSettings;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SlotLifetime;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Whether the server, the role and the slot allow logical replication. Facts in, faults out. */
final class ServerCheck {

    /** The first server that scans ranges of blocks without reading the whole table. */
    static final int OLDEST_VERSION = 14;

    private static final String PLUGIN = "pgoutput";

    private final ConnectionSettings connection;
    private final Consumer<Fault> faults;

    ServerCheck(ConnectionSettings connection, Consumer<Fault> faults) {
        this.connection = connection;
        this.faults = faults;
    }

    /** Whether the server is one that further checks make sense on. */
    boolean supports(ServerState server) {
        if (server.majorVersion() >= OLDEST_VERSION) {
            return true;
        }
        report(
                ConnectionDefinition.HOSTNAME,
                "the server is PostgreSQL " + server.majorVersion() + " (server_version_num " + server.versionNumber()
                        + "): pgseam needs " + OLDEST_VERSION + " or later");
        return false;
    }

    void failover(ServerState server) {
        if (server.majorVersion() < SlotLifetime.VERSION_WITH_FAILOVER) {
            report(ReplicationSettings.SLOT_FAILOVER, ReplicationSettings.noFailover(server.majorVersion()));
        }
    }

    void server(ServerState server) {
        if (server.inRecovery() && !Sessions.isDecodableAsStandby(server.majorVersion())) {
            report(
                    ConnectionDefinition.HOSTNAME,
                    "the server is a standby, or still recovers, and a standby of PostgreSQL " + server.majorVersion()
                            + " cannot decode WAL: give the primary, or a standby of PostgreSQL 16 or later");
        } else if (server.inRecovery() && !connection.acceptsStandby()) {
            report(
                    ConnectionDefinition.HOSTNAME,
                    "the server is a standby, or still recovers, and " + ReplicationSettings.SLOT_FAILOVER
                            + "=true asks for the primary: give the primary, or set it to false to read the standby");
        }
        if (!server.walLevel().equals("logical")) {
            report(
                    ConnectionDefinition.HOSTNAME,
                    "wal_level of the server is " + server.walLevel() + ", and logical is"
                            + " needed: run ALTER SYSTEM SET wal_level = 'logical' (or set it where your provider keeps the"
                            + " server's parameters), then restart the server");
        }
        if (!server.mayReplicate()) {
            String role = TableId.quoteIdentifier(server.role());
            report(
                    ConnectionDefinition.USER,
                    "role " + server.role() + " may not use replication: run ALTER ROLE " + role
                            + " REPLICATION (on Amazon RDS: GRANT rds_replication TO " + role + ")");
        }
    }

    /** Whether a server of {@link #server} is a standby that is to be decoded. */
    boolean isDecodedStandby(ServerState server) {
        return server.inRecovery()
                && connection.acceptsStandby()
                && Sessions.isDecodableAsStandby(server.majorVersion())
                && server.walLevel().equals("logical");
    }

    /** @param mode who makes the publication */
    void standby(StandbyState standby, PublicationMode mode) {
        if (!standby.primaryIsLogical()) {
            report(
                    ConnectionDefinition.HOSTNAME,
                    "the server is a standby, and wal_level of its primary is not logical: run ALTER SYSTEM SET wal_level ="
                            + " 'logical' on the primary, then restart the primary");
        }
        if (!standby.feedback()) {
            report(
                    ConnectionDefinition.HOSTNAME,
                    "the server is a standby with hot_standby_feedback = off: the primary would remove rows that snapshot and slot"
                            + " need, and the standby would cancel the one and invalidate the other. Run on the standby: ALTER SYSTEM"
                            + " SET hot_standby_feedback = on; SELECT pg_reload_conf()");
        }
        if (standby.primarySlot().isEmpty()) {
            report(
                    ConnectionDefinition.HOSTNAME,
                    "the server is a standby without a physical slot on its primary (primary_slot_name is empty): as soon as the"
                            + " standby is cut off, the primary would forget what it has to keep. Run on the primary: SELECT"
                            + " pg_create_physical_replication_slot('standby_1'); and on the standby: ALTER SYSTEM SET"
                            + " primary_slot_name = 'standby_1'; SELECT pg_reload_conf()");
        }
        if (mode != PublicationMode.DISABLED && connection.primary() == null) {
            report(
                    ReplicationSettings.PUBLICATION_AUTOCREATE_MODE,
                    "the server is a standby, on which no publication can be made: set "
                            + ConnectionDefinition.PRIMARY_HOSTNAME
                            + ", or set the mode to disabled and make the publication on the primary");
        }
    }

    /** @param query {@code heartbeat.action.query}; null if it is not set */
    void heartbeatOnStandby(@Nullable String query) {
        if (query != null) {
            report(
                    StreamSettings.HEARTBEAT_QUERY,
                    "the server is a standby, on which no statement can write: remove the query. The slot advances without it. If a"
                            + " monitor needs the row that the query writes, have the primary's own scheduler run it there: the connector"
                            + " reads the change from the standby");
        }
    }

    /** @param slot the slot of the connector's name; null where there is none */
    void slot(ServerState server, String name, @Nullable SlotState slot) {
        boolean ourselves = slot != null && slot.isUsedBy(connection.applicationName());
        if (slot == null) {
            freeSlot(server, name);
        } else {
            taken(slot, ourselves);
        }
        if (!ourselves && server.usedWalSenders() >= server.maxWalSenders()) {
            report(
                    ReplicationSettings.SLOT_NAME,
                    "the server has no free walsender: " + server.usedWalSenders() + " of"
                            + " max_wal_senders = " + server.maxWalSenders() + " are in use. Raise it (ALTER SYSTEM SET"
                            + " max_wal_senders = " + (server.maxWalSenders() + 4)
                            + ", then restart the server), or stop a consumer"
                            + " (SELECT * FROM pg_stat_replication)");
        }
    }

    private void freeSlot(ServerState server, String name) {
        if (server.usedSlots() >= server.maxSlots()) {
            report(
                    ReplicationSettings.SLOT_NAME,
                    "the server has no free replication slot for " + name + ": all of"
                            + " max_replication_slots = " + server.maxSlots()
                            + " exist. Drop one that nobody needs (SELECT slot_name,"
                            + " active FROM pg_replication_slots; SELECT pg_drop_replication_slot('…')), or raise it (ALTER SYSTEM SET"
                            + " max_replication_slots = " + (server.maxSlots() + 4) + ", then restart the server)");
        }
    }

    private void taken(SlotState slot, boolean ourselves) {
        String other = ": choose another slot.name, or drop it: SELECT pg_drop_replication_slot('" + slot.name() + "')";
        if (slot.plugin() == null) {
            report(ReplicationSettings.SLOT_NAME, "slot " + slot.name() + " exists, and is a physical slot" + other);
        } else if (!slot.plugin().equals(PLUGIN)) {
            report(
                    ReplicationSettings.SLOT_NAME,
                    "slot " + slot.name() + " exists, with the output plugin " + slot.plugin() + " instead of " + PLUGIN
                            + other);
        } else if (!connection.database().equals(slot.database())) {
            report(
                    ReplicationSettings.SLOT_NAME,
                    "slot " + slot.name() + " exists, on database " + slot.database() + " instead of "
                            + connection.database() + other);
        } else if (slot.temporary()) {
            report(
                    ReplicationSettings.SLOT_NAME,
                    "slot " + slot.name() + " exists, and is a temporary slot of process " + slot.activePid()
                            + ": choose another slot.name, or wait for that session's end");
        } else if (slot.synced()) {
            report(
                    ReplicationSettings.SLOT_NAME,
                    "slot " + slot.name()
                            + " exists on the standby, and is a copy of its primary's slot, which cannot be read there"
                            + " before the standby is promoted: give the primary, or choose another slot.name to read the standby, for"
                            + " which all tables are copied");
        } else if (slot.active() && !ourselves) {
            report(
                    ReplicationSettings.SLOT_NAME,
                    "slot " + slot.name() + " is in use by process " + slot.activePid()
                            + " (application_name '" + slot.activeApplication()
                            + "'), which is not this connector: choose another"
                            + " slot.name, or stop that consumer");
        } else if (slot.isInvalidated()) {
            report(
                    ReplicationSettings.SLOT_NAME,
                    "slot " + slot.name() + " was invalidated by the server (" + slot.invalidation()
                            + "), and changes are lost" + other + "; the tables have to be copied again");
        }
    }

    private void report(String setting, String message) {
        faults.accept(new Fault(setting, message));
    }
}
