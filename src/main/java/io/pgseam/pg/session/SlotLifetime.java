package io.pgseam.pg.session;

/** How long a slot is there that is created for its snapshot. */
public enum SlotLifetime {
    /** It is dropped as soon as its snapshot is held. */
    TEMPORARY(" TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT"),
    // The form without parentheses is understood by every supported server.
    /** It stays, on this server. */
    DURABLE(" LOGICAL pgoutput EXPORT_SNAPSHOT"),
    /** It stays, and standbys that synchronise slots have it, too. PostgreSQL 17 or later. */
    FAILOVER(" LOGICAL pgoutput (SNAPSHOT 'export', FAILOVER true)");

    /** The first version whose slots can be kept on a standby. */
    public static final int VERSION_WITH_FAILOVER = 17;

    private final String options;

    SlotLifetime(String options) {
        this.options = options;
    }

    /** What follows the name in CREATE_REPLICATION_SLOT. */
    String options() {
        return options;
    }
}
