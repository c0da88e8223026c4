package io.pgseam.pg.catalog;

import io.pgseam.pg.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Of which tables PostgreSQL would refuse UPDATE and DELETE, because they have no usable replica identity, if they were published. */
public final class RefusedChanges {

    private RefusedChanges() {}

    /**
     * The tables of the database, captured or not, whose UPDATE and DELETE PostgreSQL would refuse if all tables were published
     * together.
     */
    public static List<TableId> ifAllArePublished(Connection session) throws SQLException {
        return ifPublished(session, Catalog.topmost(new RelationCatalog(session).relations(), table -> true));
    }

    /** Those of these tables, with their partitions, of which PostgreSQL would refuse UPDATE and DELETE if they were published. */
    public static List<TableId> ifPublished(Connection session, List<Relation> published) throws SQLException {
        RelationCatalog catalog = new RelationCatalog(session);
        int version = session.getMetaData().getDatabaseMajorVersion();
        List<Long> tables = published.stream().map(Relation::oid).toList();
        return catalog.leafStates(tables, new RelationCatalog.Publishing(0, false, false), List.of()).stream()
                .filter(leaf -> leaf.isLogged() && leaf.refusesChanges(version))
                .map(LeafState::id)
                .toList();
    }
}
