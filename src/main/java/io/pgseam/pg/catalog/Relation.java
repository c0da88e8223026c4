package io.pgseam.pg.catalog;

import io.pgseam.pg.TableId;
import java.util.List;

/**
 * Something of the source database that has the form of a table.
 *
 * @param oid its OID
 * @param id its name
 * @param kind what it is
 * @param permanent whether it is written to the WAL; false where it is unlogged or temporary
 * @param owned whether the role of the session may act as its owner
 * @param ancestors OIDs of the partitioned tables that it is a partition of, nearest first; empty for all but partitions
 */
public record Relation(long oid, TableId id, Kind kind, boolean permanent, boolean owned, List<Long> ancestors) {

    /** What a relation is, after {@code pg_class.relkind}. */
    public enum Kind {
        TABLE('r', "a table"),
        PARTITIONED_TABLE('p', "a partitioned table"),
        FOREIGN_TABLE('f', "a foreign table"),
        VIEW('v', "a view"),
        MATERIALIZED_VIEW('m', "a materialized view");

        private final char code;
        private final String text;

        Kind(char code, String text) {
            this.code = code;
            this.text = text;
        }

        static Kind ofCode(char code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("unknown relation kind '" + code + "'");
        }

        /** With its article, for messages. */
        @Override
        public String toString() {
            return text;
        }
    }

    public Relation {
        ancestors = List.copyOf(ancestors);
    }

    /** Whether a publication can hold it. */
    public boolean publishable() {
        return permanent && (kind == Kind.TABLE || kind == Kind.PARTITIONED_TABLE);
    }
}
