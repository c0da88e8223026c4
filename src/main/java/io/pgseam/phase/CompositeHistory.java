package io.pgseam.phase;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.catalog.CompositeTypes.TypeAttribute;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The attributes that a composite type had, one time after the other, as far as is known: a source offset of its own. Values in
 * the stream have the form of their time, and the catalogue knows the present one only.
 *
 * @param forms in their order; the last one holds for all that follows
 */
public record CompositeHistory(List<Form> forms) {

    /** Before anything is known of a type. */
    public static final CompositeHistory EMPTY = new CompositeHistory(List.of());

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FIELD = "forms";

    /** An offset has to stay small. */
    private static final int MOST_FORMS = 6;

    /**
     * What a type consisted of.
     *
     * @param since the LSN at which it was seen to have this form: values of commits at or after it have it. Those before may
     *     have it, too, from the commit of the ALTER TYPE on, which nothing tells
     * @param attributes in their order
     */
    public record Form(Lsn since, List<TypeAttribute> attributes) {

        public Form {
            attributes = List.copyOf(attributes);
        }
    }

    public CompositeHistory {
        forms = List.copyOf(forms.subList(Math.max(0, forms.size() - MOST_FORMS), forms.size()));
    }

    /**
     * The source partition of a type's forms.
     *
     * @param server {@code topic.prefix}
     * @param typeOid the type's OID
     */
    public static Map<String, Object> sourcePartition(String server, long typeOid) {
        return LedgerMap.of("server", server, "composite_type", typeOid);
    }

    /** The form that holds for all that follows; null where none is known. */
    public @Nullable Form last() {
        return forms.isEmpty() ? null : forms.get(forms.size() - 1);
    }

    /** With a new last form. */
    public CompositeHistory with(Form next) {
        List<Form> all = new ArrayList<>(forms);
        all.add(next);
        return new CompositeHistory(all);
    }

    /**
     * The forms, the likeliest first: the one that was seen last at or before a place of the stream, then those that follow it,
     * which may have begun already, then those before.
     *
     * @param commitLsn commit LSN of the transaction at hand
     */
    public List<Form> likeliestFirst(Lsn commitLsn) {
        int begun = changesBy(commitLsn);
        List<Form> likeliest = new ArrayList<>(forms.subList(begun, forms.size()));
        for (int i = begun - 1; i >= 0; i--) {
            likeliest.add(forms.get(i));
        }
        return likeliest;
    }

    /** How often the type was seen with another form than before, up to a place of the stream. */
    public int changesBy(Lsn commitLsn) {
        int changes = 0;
        for (int i = 1; i < forms.size() && !commitLsn.isBefore(forms.get(i).since()); i++) {
            changes = i;
        }
        return changes;
    }

    /** Reads a source offset as {@link #toSourceOffset()} wrote it; {@link #EMPTY} where there is none. */
    public static CompositeHistory fromSourceOffset(@Nullable Map<String, ?> offset) {
        if (offset == null) {
            return EMPTY;
        }
        try {
            List<Form> forms = new ArrayList<>();
            for (JsonNode form : JSON.readTree(new OffsetFields(offset).text(FIELD))) {
                List<TypeAttribute> attributes = new ArrayList<>();
                for (JsonNode attribute : form.required("attributes")) {
                    attributes.add(new TypeAttribute(
                            attribute.required(0).asInt(),
                            attribute.required(1).asText(),
                            attribute.required(2).asLong(),
                            attribute.required(3).asInt()));
                }
                forms.add(new Form(Lsn.parse(form.required("since").asText()), attributes));
            }
            return new CompositeHistory(forms);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new IllegalStateException(
                    "the committed source offset of a composite type cannot be read: stop the connector and delete its offsets"
                            + " (DELETE /connectors/<name>/offsets) to begin anew",
                    e);
        }
    }

    /** The source offset that says this. */
    public Map<String, Object> toSourceOffset() {
        ArrayNode nodes = JSON.createArrayNode();
        for (Form form : forms) {
            ObjectNode node = nodes.addObject().put("since", form.since().toString());
            ArrayNode attributes = node.putArray("attributes");
            for (TypeAttribute attribute : form.attributes()) {
                attributes
                        .addArray()
                        .add(attribute.number())
                        .add(attribute.name())
                        .add(attribute.typeOid())
                        .add(attribute.modifier());
            }
        }
        return LedgerMap.of(FIELD, nodes.toString());
    }
}
