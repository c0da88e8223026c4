package io.pgseam.stream;

import io.pgseam.pg.PgType;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CompositeTypes;
import io.pgseam.pg.catalog.GoneTables;
import io.pgseam.pg.catalog.Partition;
import io.pgseam.pg.catalog.PresentTable;
import io.pgseam.pg.catalog.PresentTables;
import io.pgseam.pg.catalog.PublicationVersions;
import io.pgseam.pg.catalog.WalClock;
import io.pgseam.phase.SetAsideTable;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the stream asks of the source's catalogue. */
public interface SourceCatalog {

    /** The same catalogue, asked in a session of its own: who asks it does not wait for the answers to others. */
    SourceCatalog another();

    /** The table of this OID as it is now, whether it is captured or not; empty where it is gone. */
    Optional<PresentTable> table(long oid) throws SQLException;

    /**
     * The tables of these OIDs as they are now, in one look.
     *
     * @param oids OIDs of tables; one that is gone is left out
     */
    PresentTables tables(Collection<Long> oids) throws SQLException;

    /** Whether a copy task of this connector is in a session with the source, on whatever worker. */
    boolean isCopying() throws SQLException;

    /** Whether the lists of tables select this one. */
    boolean includes(TableId table);

    /**
     * Whether changes of a selected table are sent. While rows are copied that are older than any change, a table has to wait for its copy, also
     * if it is published already: in its topic, no change may come before its rows (invariant I4).
     *
     * @param oid OID by which changes name the table
     * @throws SQLException if the source does not answer
     */
    default boolean covers(long oid) throws SQLException {
        return true;
    }

    /** Whether the lists of columns select this one. */
    boolean includes(TableId table, String column);

    /** Names of the columns that are the record key of the table by its own name; an empty list where its row key is. */
    default List<String> messageKey(TableId table) {
        return List.of();
    }

    /** The leaves, as they are now, of the partitioned tables that the lists select. */
    default List<Partition> partitions() throws SQLException {
        return List.of();
    }

    /** By which versions the publication of this name publishes tables now. */
    PublicationVersions published(String publication) throws SQLException;

    /**
     * The selected tables that are not captured. Unlike the other questions, this one may be asked by any thread at any time.
     *
     * @throws SQLException if the source does not answer
     */
    default List<SetAsideTable> setAside() throws SQLException {
        return setAside(Set.of());
    }

    /**
     * The same, if rows of some relations are to be copied.
     *
     * @param unread OIDs of these relations
     */
    default List<SetAsideTable> setAside(Set<Long> unread) throws SQLException {
        return List.of();
    }

    /**
     * Why the server would not choose rows of a table by a condition, for the writer of a signal; empty if it would.
     *
     * @param oid the table's OID
     * @param captured names of its columns that are captured
     * @param condition its text has no fault
     * @throws SQLException if the source does not answer
     */
    Optional<String> fault(long oid, Collection<String> captured, RowCondition condition) throws SQLException;

    /**
     * Which of these tables are gone.
     *
     * @param oids OIDs of tables
     */
    GoneTables gone(Collection<Long> oids) throws SQLException;

    /** Where the server's WAL ends now. */
    default WalClock walClock() throws SQLException {
        throw new SQLException("the source does not say where its WAL ends");
    }

    /** Whether there is a table of this name at present. */
    boolean exists(TableId table) throws SQLException;

    /**
     * Composite types as they are now.
     *
     * @param oids OIDs of types; one that is gone is left out
     */
    CompositeTypes composites(Collection<Long> oids) throws SQLException;

    /** The type of this OID; empty where there is none at present. */
    Optional<PgType> type(long oid) throws SQLException;
}
