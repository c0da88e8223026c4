package io.pgseam.tool.dialect;

import java.util.List;

/** Writes the statements of one kind of database. */
public interface Dialect {

    /** Its name, for people. */
    String name();

    /** A statement that makes the database. */
    String createDatabase(TargetSettings settings);

    /** Statements that make the table, and a view if there is one; without semicolons. */
    List<String> create(TargetTable table, TargetSettings settings);

    /** Statements that begin to load it. */
    List<String> load(TargetTable table, TargetSettings settings, LoadSettings load);

    /**
     * Statements that have a load that exists read from other offsets.
     *
     * @throws UnsupportedOperationException if the database has no such statement
     */
    List<String> move(TargetTable table, TargetSettings settings, LoadSettings load);

    /** What the target cannot hold, or what has to be known, of this table. */
    List<String> warnings(TargetTable table, TargetSettings settings);

    /**
     * Metadata fields that messages need to have for this.
     *
     * @return names that {@code flat.metadata.fields} has to have
     */
    List<String> neededFields(TargetSettings settings);

    /** The name of the load of a table, which is also the end of its consumer group's. */
    String loadName(TargetTable table);
}
