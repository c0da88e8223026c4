package io.pgseam.pg.catalog;

/** Who makes the publication, and of what. */
public enum PublicationMode {
    /** The connector, of just the captured tables; it adds tables as more are captured. */
    FILTERED,
    /** The connector, FOR ALL TABLES, where none of that name exists. */
    ALL_TABLES,
    /** A person: the connector never creates and never alters it. */
    DISABLED
}
