package io.pgseam.phase;

import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.phase.TableShape.ShapeColumn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One thing in which a shape of a table differs from the one before. Its text is for the log. */
public sealed interface ShapeChange {

    /** Nothing was known of the table before. */
    record FirstSeen() implements ShapeChange {
        @Override
        public String toString() {
            return "seen for the first time";
        }
    }

    /** The same table has another name: its records go to another topic. */
    record TableRenamed(TableId from) implements ShapeChange {
        @Override
        public String toString() {
            return "was called " + from;
        }
    }

    /**
     * A new column.
     *
     * @param known whether the catalogue still knew it, and the rest of this is true
     * @param defaultExpression its default as SQL; null for none
     * @param existing what rows have that were written before, as PostgreSQL's text; null for NULL, or where it is not known
     * @param existingKnown whether {@code existing} is known
     */
    record ColumnAdded(
            ShapeColumn column,
            boolean known,
            @Nullable String defaultExpression,
            @Nullable String existing,
            boolean existingKnown)
            implements ShapeChange {
        @Override
        public String toString() {
            return "column " + column.name() + " added, " + column.type();
        }
    }

    /** A column is gone. */
    record ColumnDropped(ShapeColumn column) implements ShapeChange {
        @Override
        public String toString() {
            return "column " + column.name() + " dropped";
        }
    }

    /** The same column has another name. */
    record ColumnRenamed(String from, String to) implements ShapeChange {
        @Override
        public String toString() {
            return "column " + from + " renamed to " + to;
        }
    }

    /** A column has another type. */
    record TypeChanged(ShapeColumn from, ShapeColumn to) implements ShapeChange {
        @Override
        public String toString() {
            return "column " + to.name() + " now of type " + to.type() + ", was " + from.type();
        }
    }

    /** A column forbids NULL, or does so no longer. */
    record NullabilityChanged(ShapeColumn to) implements ShapeChange {
        @Override
        public String toString() {
            return "column " + to.name() + (to.notNull() ? " now NOT NULL" : " may be NULL now");
        }
    }

    /** Records have another key from here on, and those before keep theirs. */
    record KeyChanged(List<String> from, List<String> to) implements ShapeChange {

        public KeyChanged {
            from = List.copyOf(from);
            to = List.copyOf(to);
        }

        @Override
        public String toString() {
            return "key is now " + to + ", was " + from;
        }
    }

    /** Updates and deletes say something else of the old row. */
    record IdentityChanged(ReplicaIdentity from, ReplicaIdentity to) implements ShapeChange {
        @Override
        public String toString() {
            return "replica identity is now " + to + ", was " + from;
        }
    }
}
