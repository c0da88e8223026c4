package io.pgseam.stream;

import io.pgseam.pg.Column;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.pgoutput.Relation;
import io.pgseam.pg.pgoutput.RelationColumn;
import io.pgseam.record.TableRecordsFactory;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The captured tables by the OID that changes name them with. Relation messages drive their columns: a changed set takes
 * effect from that message on.
 */
final class CapturedRelations {

    private static final Logger LOG = LoggerFactory.getLogger(CapturedRelations.class);

    private final SourceCatalog catalog;
    private final TableRecordsFactory recordsFactory;
    private final Map<Long, CapturedRelation> byOid = new HashMap<>();
    private final Map<Long, CapturedTable> known = new HashMap<>();

    CapturedRelations(SourceCatalog catalog, TableRecordsFactory recordsFactory) {
        this.catalog = catalog;
        this.recordsFactory = recordsFactory;
    }

    /** The table of this OID; null where it is not captured. */
    @Nullable
    CapturedRelation find(long oid) {
        return byOid.get(oid);
    }

    /**
     * Takes in a Relation message.
     *
     * @param transactionId the transaction in which it came
     * @param visibility waits until the catalogue shows that transaction
     * @return the table where its columns are no longer what they were; null where nothing changed or it is not captured
     * @throws SQLException where the catalogue cannot be read
     */
    @Nullable
    CapturedRelation update(Relation relation, long transactionId, ChangeRouter.Visibility visibility)
            throws SQLException {
        CapturedTable table = known.get(relation.oid());
        if (table == null || !describes(table, relation)) {
            table = catalog.table(relation.oid()).orElse(null);
            if (table == null ? catalog.includes(relation.id()) : !describes(table, relation)) {
                // The transaction may have made the table, a column or the key itself, and not be visible yet.
                visibility.await(transactionId);
                table = catalog.table(relation.oid()).orElse(null);
            }
            if (table == null) {
                known.remove(relation.oid());
            } else {
                known.put(relation.oid(), table);
            }
        }
        if (table == null && !catalog.includes(relation.id())) {
            byOid.remove(relation.oid());
            return null;
        }
        CapturedRelation before = byOid.get(relation.oid());
        CapturedRelation after = build(relation, table);
        byOid.put(relation.oid(), after);
        if (before == null
                || (before.columns().equals(after.columns()) && before.id().equals(after.id()))) {
            return null;
        }
        LOG.info(
                "Table {} has changed: its columns are now {}",
                after.id(),
                after.columns().stream().map(Column::name).toList());
        if (!recordKey(before).equals(recordKey(after))) {
            LOG.warn(
                    "The key of table {} has changed from {} to {}: records of topic {} from here on have the new key, and"
                            + " those before keep the old one; a target that applies the topic by key has to be loaded anew",
                    after.id(),
                    recordKey(before),
                    recordKey(after),
                    after.records().topic());
        }
        return after;
    }

    /**
     * Whether what is known of the table has just the columns that the message has, and the same key, so that it can be
     * trusted. A message of REPLICA IDENTITY FULL does not tell the key.
     */
    private boolean describes(CapturedTable table, Relation relation) {
        if (relation.replicaIdentity() != table.replicaIdentity()
                || relation.replicaIdentity() == ReplicaIdentity.FULL
                || !isKeyOf(table, relation)) {
            return false;
        }
        Set<String> columns = table.columns().stream().map(Column::name).collect(Collectors.toSet());
        Set<String> published = relation.columns().stream()
                .map(RelationColumn::name)
                .filter(name -> columns.contains(name) || catalog.includes(table.id(), name))
                .collect(Collectors.toSet());
        return table.id().equals(relation.id()) && published.equals(columns);
    }

    /** Whether the key of the table is the one that the message had, as far as that tells it. */
    private static boolean isKeyOf(CapturedTable table, Relation relation) {
        Set<String> published = relation.columns().stream()
                .filter(RelationColumn::key)
                .map(RelationColumn::name)
                .collect(Collectors.toSet());
        return published.isEmpty()
                || relation.replicaIdentity() == ReplicaIdentity.FULL
                || published.equals(table.columns().stream()
                        .filter(Column::inRowKey)
                        .map(Column::name)
                        .collect(Collectors.toSet()));
    }

    private static List<String> recordKey(CapturedRelation relation) {
        return relation.columns().stream()
                .filter(Column::isKey)
                .sorted(Comparator.comparingInt(Column::keyPosition))
                .map(Column::name)
                .toList();
    }

    private CapturedRelation build(Relation relation, @Nullable CapturedTable table) throws SQLException {
        TableId name = table == null ? relation.id() : table.id();
        List<String> messageKey = table == null ? catalog.messageKey(name) : table.messageKey();
        Map<String, Column> columnsNow = new HashMap<>();
        if (table != null) {
            table.columns().forEach(column -> columnsNow.put(column.name(), column));
        }
        List<Column> columns = new ArrayList<>();
        List<Integer> picked = new ArrayList<>();
        boolean keyAsPublished = table == null || !isKeyOf(table, relation);
        int keyFields = 0;
        for (int field = 0; field < relation.columns().size(); field++) {
            RelationColumn published = relation.columns().get(field);
            Column now = columnsNow.get(published.name());
            boolean inRowKey;
            int rowKeyPosition = 0;
            if (keyAsPublished) {
                // The table is gone by now or has another key, so its row key is what the message calls the key:
                // deletes
                // have no other columns.
                inRowKey = published.key() && relation.replicaIdentity() != ReplicaIdentity.FULL;
                rowKeyPosition = inRowKey ? ++keyFields : 0;
            } else {
                inRowKey = now != null && now.inRowKey();
                rowKeyPosition = now != null && inRowKey ? now.keyPosition() : 0;
            }
            int keyPosition = messageKey.isEmpty() ? rowKeyPosition : messageKey.indexOf(published.name()) + 1;
            if (now != null || inRowKey || keyPosition > 0 || catalog.includes(name, published.name())) {
                boolean notNull = now != null && now.notNull();
                columns.add(new Column(
                        published.name(),
                        catalog.type(published.typeOid()),
                        published.modifier(),
                        notNull,
                        keyPosition,
                        inRowKey));
                picked.add(field);
            }
        }
        int[] places = picked.size() == relation.columns().size()
                ? null
                : picked.stream().mapToInt(Integer::intValue).toArray();
        return new CapturedRelation(
                relation.oid(),
                name,
                columns,
                recordsFactory.recordsOf(name, columns),
                places,
                messageKeyInOldRows(name, messageKey, relation));
    }

    /**
     * Whether an old row is sent wherever the record key changes, and tells it: with a message key only where the replica
     * identity covers that. The row key is always covered.
     */
    private static boolean messageKeyInOldRows(TableId table, List<String> messageKey, Relation relation) {
        Map<String, RelationColumn> published = new HashMap<>();
        relation.columns().forEach(column -> published.put(column.name(), column));
        boolean covered = true;
        for (String name : messageKey) {
            RelationColumn column = published.get(name);
            if (column == null) {
                throw new ConnectException("Column \"" + name + "\" of table " + table + " is part of its key by"
                        + " message.key.columns, and is no longer published: correct message.key.columns, or the column list"
                        + " of the publication");
            }
            covered &= column.key();
        }
        return covered;
    }
}
