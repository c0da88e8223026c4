package io.pgseam.tool.dialect;

import io.pgseam.tool.target.DatabaseKind;
import java.util.List;

/** Writes the statements of one kind of database. */
public interface Dialect {

    /** The dialect of a kind of database; of StarRocks that of {@link StarRocks#USUAL_VERSION}. */
    static Dialect of(DatabaseKind kind) {
        return switch (kind) {
            case STARROCKS -> new StarRocks(ServerVersion.parse(StarRocks.USUAL_VERSION));
            case DORIS -> new Doris();
            case CLICKHOUSE -> new ClickHouse();
        };
    }

    /** What it is. */
    DatabaseKind kind();

    /** Its name, for people. */
    default String name() {
        return kind().displayName();
    }

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

    /** Statements that end the load of a table. How far it was is known to Kafka or to the job before it ends. */
    List<String> stop(TargetTable table, TargetSettings settings);

    /** Statements that give a table, and its view if it has one, the columns that it has to have. */
    List<String> alter(TableChange change, TargetSettings settings);

    /** The type of a column, as the database writes it. */
    String typeOf(TargetColumn column, TargetSettings settings);

    /** What the target cannot hold, or what has to be known, of this table. */
    List<String> warnings(TargetTable table, TargetSettings settings);

    /**
     * Metadata fields that messages need to have for this.
     *
     * @return names that {@code flat.metadata.fields} has to have
     */
    List<String> neededFields(TargetSettings settings);

    /** Whether a load takes several JSON objects of one message, one a line ({@code flat.pack.form=lines}). */
    default boolean readsLines() {
        return true;
    }

    /** The name of the load of a table, which is also the end of its consumer group's. */
    String loadName(TargetTable table);

    /** The consumer group that reads the topic of a table. */
    default String group(TargetTable table, String database) {
        return kind().scheme() + "-" + database + "-" + loadName(table);
    }
}
