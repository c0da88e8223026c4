package io.pgseam.control;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.catalog.CompositeTypes.TypeAttribute;
import io.pgseam.phase.CompositeHistory.Form;
import io.pgseam.phase.ShapeChange;
import io.pgseam.phase.ShapeChange.ColumnAdded;
import io.pgseam.phase.ShapeChange.ColumnDropped;
import io.pgseam.phase.ShapeChange.ColumnRenamed;
import io.pgseam.phase.ShapeChange.FirstSeen;
import io.pgseam.phase.ShapeChange.IdentityChanged;
import io.pgseam.phase.ShapeChange.KeyChanged;
import io.pgseam.phase.ShapeChange.NullabilityChanged;
import io.pgseam.phase.ShapeChange.TableRenamed;
import io.pgseam.phase.ShapeChange.TypeChanged;
import io.pgseam.phase.TableShape;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Writes shapes of tables, and what changed in them, as JSON. */
final class SchemaJson {

    private SchemaJson() {}

    static String name(ReplicaIdentity identity) {
        return identity.name().toLowerCase(Locale.ROOT);
    }

    static void putColumns(ArrayNode columns, TableShape shape) {
        shape.columns()
                .forEach(column -> columns.addObject()
                        .put("name", column.name())
                        .put("type", column.type())
                        .put("nullable", !column.notNull()));
    }

    /** @param masked names of columns whose values are not told */
    static void putChanges(ArrayNode nodes, Collection<ShapeChange> changes, Predicate<String> masked) {
        changes.forEach(change -> put(nodes.addObject(), change, masked));
    }

    private static void put(ObjectNode node, ShapeChange change, Predicate<String> masked) {
        if (change instanceof FirstSeen) {
            node.put("what", "first_seen");
        } else if (change instanceof TableRenamed renamed) {
            node.put("what", "table_renamed")
                    .put("from_schema", renamed.from().schema())
                    .put("from_table", renamed.from().name());
        } else if (change instanceof ColumnAdded added) {
            put(
                    node.put("what", "column_added"),
                    added,
                    masked.test(added.column().name()));
        } else if (change instanceof ColumnDropped dropped) {
            node.put("what", "column_dropped")
                    .put("column", dropped.column().name())
                    .put("type", dropped.column().type());
        } else if (change instanceof ColumnRenamed renamed) {
            node.put("what", "column_renamed").put("column", renamed.to()).put("from", renamed.from());
        } else if (change instanceof TypeChanged changed) {
            node.put("what", "type_changed")
                    .put("column", changed.to().name())
                    .put("from", changed.from().type())
                    .put("to", changed.to().type());
        } else if (change instanceof NullabilityChanged changed) {
            node.put("what", "nullability_changed")
                    .put("column", changed.to().name())
                    .put("nullable", !changed.to().notNull());
        } else if (change instanceof KeyChanged changed) {
            node.put("what", "key_changed");
            changed.from().forEach(node.putArray("from")::add);
            changed.to().forEach(node.putArray("to")::add);
        } else if (change instanceof IdentityChanged changed) {
            node.put("what", "replica_identity_changed")
                    .put("from", name(changed.from()))
                    .put("to", name(changed.to()));
        }
    }

    static void putAttributes(ArrayNode nodes, Form form, Map<Long, String> typeNames) {
        form.attributes()
                .forEach(attribute -> nodes.addObject()
                        .put("name", attribute.name())
                        .put("type", typeNames.get(attribute.typeOid())));
    }

    /** An attribute keeps its number for life, and no other one gets it. */
    static void putChanges(ArrayNode nodes, Form now, @Nullable Form before) {
        if (before == null) {
            nodes.addObject().put("what", "first_seen");
            return;
        }
        Map<Integer, TypeAttribute> old = new LinkedHashMap<>();
        before.attributes().forEach(attribute -> old.put(attribute.number(), attribute));
        for (TypeAttribute attribute : now.attributes()) {
            TypeAttribute same = old.remove(attribute.number());
            if (same == null) {
                nodes.addObject().put("what", "attribute_added").put("attribute", attribute.name());
            } else if (!same.name().equals(attribute.name())) {
                nodes.addObject()
                        .put("what", "attribute_renamed")
                        .put("attribute", attribute.name())
                        .put("from", same.name());
            }
        }
        old.values()
                .forEach(attribute ->
                        nodes.addObject().put("what", "attribute_dropped").put("attribute", attribute.name()));
    }

    /** What the catalogue does not know any more is left out, and so are values of a masked column. */
    private static void put(ObjectNode node, ColumnAdded added, boolean masked) {
        node.put("column", added.column().name())
                .put("type", added.column().type())
                .put("nullable", !added.column().notNull());
        if (added.known() && !masked) {
            node.put("default", added.defaultExpression());
        }
        if (added.existingKnown() && !masked) {
            node.put("existing", added.existing());
        }
    }
}
