package io.pgseam.config;

/** What validation does about selected tables that cannot be captured. */
public enum UnfitTables {
    /** Accepts the configuration if other tables are left, and if no such table is spelled out. */
    SET_ASIDE,
    /** Refuses the configuration, and names every such table. */
    FAIL
}
