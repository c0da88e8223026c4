package io.pgseam.capture;

import io.pgseam.config.CaptureFilter;
import io.pgseam.config.ConnectionDefinition;
import io.pgseam.config.MaskSettings;
import io.pgseam.config.OutputSettings;
import io.pgseam.config.ReplicationSettings;
import io.pgseam.config.TopicNaming;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Why a selected table cannot be captured. */
public enum Unfitness {
    NO_REPLICA_IDENTITY(
            CaptureFilter.TABLE_INCLUDE_LIST,
            "no usable replica identity",
            "Once it is published, PostgreSQL refuses the application's UPDATE and DELETE",
            """
            SELECT oid::regclass FROM pg_class c WHERE relkind = 'r' AND relpersistence = 'p' AND oid >= 16384 AND relreplident \
            IN ('d', 'n') AND NOT (relreplident = 'd' AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND \
            i.indisprimary AND i.indimmediate AND i.indisvalid))"""),
    INCOMPLETE_KEY(
            CaptureFilter.TABLE_INCLUDE_LIST,
            "a key that is not published as a whole",
            "Rows that differ in the rest of the key would overwrite each other",
            null),
    PARTITION_IDENTITY(
            CaptureFilter.TABLE_INCLUDE_LIST,
            "partitions whose updates and deletes do not tell the key of the partitioned table, as which they are published",
            "If the partitioned table is REPLICA IDENTITY FULL or has no key, they have to tell the whole row",
            null),
    MESSAGE_KEY(
            CaptureFilter.MESSAGE_KEY_COLUMNS,
            "message.key.columns names columns that are not part of the replica identity",
            "Updates and deletes would not tell the old values of the key",
            null),
    NOT_OWNER(
            ReplicationSettings.PUBLICATION_AUTOCREATE_MODE,
            "not owned by the connector's role",
            "Only the owner of a table can put it into a publication",
            "SELECT oid::regclass, relowner::regrole FROM pg_class WHERE relkind IN ('r', 'p') AND oid >= 16384 AND NOT"
                    + " pg_has_role(relowner, 'USAGE')"),
    NOT_PUBLISHED(
            ReplicationSettings.PUBLICATION_NAME,
            "not in the publication, which the connector must not change",
            "Nothing of it is streamed",
            null),
    NO_PRIVILEGE(
            ConnectionDefinition.USER,
            "the connector's role may not read it",
            "The copy would fail",
            "SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'p') AND oid >= 16384 AND NOT"
                    + " has_table_privilege(oid, 'SELECT')"),
    ROW_SECURITY(
            ConnectionDefinition.USER,
            "row level security hides rows from the connector's role",
            "The copy would miss these rows",
            "SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'p') AND row_security_active(oid)"),
    NOT_LOGGED(
            CaptureFilter.TABLE_INCLUDE_LIST, "its changes are not in the WAL", "Nothing of it can be streamed", null),
    ROWS_IN_CHILDREN(
            CaptureFilter.TABLE_INCLUDE_LIST,
            "rows are in tables that inherit from it, and these are not selected",
            "Its topic would lack their rows",
            null),
    NO_COLUMNS(CaptureFilter.TABLE_INCLUDE_LIST, "no columns", "There is nothing to send", null),
    RESERVED_COLUMN(
            OutputSettings.METADATA_FIELDS,
            "a column has the name of a metadata field",
            "A message cannot have both",
            null),
    MASK(
            MaskSettings.UNMATCHED,
            "a column that a masking rule matches cannot be masked",
            "Its values would be sent in clear",
            null),
    TOPIC(TopicNaming.TOPIC_NAMING, "no topic of its own", "Its rows would be mixed with others", null),
    REFUSED(
            ReplicationSettings.PUBLICATION_NAME,
            "the server refuses to add it to the publication",
            "Nothing of it is streamed",
            null),
    TOO_MANY(CaptureFilter.MOST_TABLES, "more tables than tables.max allows", "It is not captured", null);

    private final String setting;
    private final String text;
    private final String consequence;
    private final @Nullable String query;

    Unfitness(String setting, String text, String consequence, @Nullable String query) {
        this.setting = setting;
        this.text = text;
        this.consequence = consequence;
        this.query = query;
    }

    /** The name of the reason on the control topic. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The setting at which validation reports it. */
    public String setting() {
        return setting;
    }

    /** The reason, for messages. */
    public String text() {
        return text;
    }

    /** What would happen if the table were captured all the same; a sentence without a full stop. */
    public String consequence() {
        return consequence;
    }

    /** A query that gives all tables of the database with this problem; null if there is none. */
    public @Nullable String query() {
        return query;
    }
}
