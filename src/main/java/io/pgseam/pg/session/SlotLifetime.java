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

    /** NAMEDATALEN - 1: longer names would be cut, and the cut name could be that of another object. */
    private static final int MAX_NAME_LENGTH = 63;

    private final String options;

    SlotLifetime(String options) {
        this.options = options;
    }

    /**
     * The name of the slot. A temporary one is named after its session, too: where a worker was killed, the server may take its time
     * to notice, and that session's slot must not be in the way of the next one's.
     *
     * @param name of the durable slot
     * @param pid of the session that creates the slot
     */
    String slotName(String name, int pid) {
        return this == TEMPORARY ? temporaryName(name, "anchor", pid) : name;
    }

    /**
     * The name of a temporary slot.
     *
     * @param name of the durable slot, with which it begins
     * @param purpose what it is for, one word
     * @param pid of the session that creates the slot
     */
    public static String temporaryName(String name, String purpose, int pid) {
        String suffix = "_" + purpose + "_" + pid;
        return name.substring(0, Math.min(name.length(), MAX_NAME_LENGTH - suffix.length())) + suffix;
    }

    /** What follows the name in CREATE_REPLICATION_SLOT. */
    String options() {
        return options;
    }
}
