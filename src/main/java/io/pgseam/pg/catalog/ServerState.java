package io.pgseam.pg.catalog;

/**
 * What a server is, and what the role of the session is to it.
 *
 * @param versionNumber {@code server_version_num}, such as 140024
 * @param inRecovery whether it is a standby, or still recovers
 * @param walLevel its {@code wal_level}
 * @param maxSlots its {@code max_replication_slots}
 * @param usedSlots the number of its replication slots
 * @param maxWalSenders its {@code max_wal_senders}
 * @param usedWalSenders the number of its running walsenders
 * @param role name of the role
 * @param superuser whether the role is a superuser
 * @param mayReplicate whether the role may use replication: by its own attribute, as superuser, or as a member of a role
 *     that a cloud provider made for this
 * @param mayCreate whether the role may create publications in the database
 */
public record ServerState(
        int versionNumber,
        boolean inRecovery,
        String walLevel,
        int maxSlots,
        int usedSlots,
        int maxWalSenders,
        int usedWalSenders,
        String role,
        boolean superuser,
        boolean mayReplicate,
        boolean mayCreate) {

    public int majorVersion() {
        return versionNumber / 10_000;
    }
}
