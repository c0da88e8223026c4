package io.pgseam.control;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.phase.Anchor;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What became of a signal, as the control topic says it.
 *
 * @param id the signal's id
 * @param at LSN of the signal's WAL record
 * @param outcome what became of it
 * @param reason why it was refused; null if it was not
 * @param tables the tables that it is about
 * @param copied the anchor at which these were copied; null unless a copy is complete
 * @param isWhole whether every row of these was copied
 */
public record SignalAnswer(
        String id,
        Lsn at,
        Outcome outcome,
        @Nullable String reason,
        Collection<TableId> tables,
        @Nullable Anchor copied,
        boolean isWhole) {

    /** What became of a signal. */
    public enum Outcome {
        /** It will be done, and a further answer follows. */
        ACCEPTED,
        DONE,
        /** Another signal stopped it before it was begun. */
        STOPPED,
        /** It cannot be done. */
        REFUSED
    }

    /** An answer about no copy. */
    public SignalAnswer(String id, Lsn at, Outcome outcome, @Nullable String reason) {
        this(id, at, outcome, reason, List.of());
    }

    /** An answer about tables that are not copied, or not yet. */
    public SignalAnswer(String id, Lsn at, Outcome outcome, @Nullable String reason, Collection<TableId> tables) {
        this(id, at, outcome, reason, tables, null, true);
    }

    ObjectNode putInto(ObjectNode value) {
        value.put("id", id)
                .put("lsn", at.toString())
                .put("outcome", outcome.name().toLowerCase(Locale.ROOT))
                .put("reason", reason);
        ArrayNode names = value.putArray("tables");
        tables.forEach(table -> names.add(table.toString()));
        return value.put("generation", copied == null ? null : copied.generation())
                .put(
                        "sweep_below",
                        copied == null || !isWhole ? null : copied.lsn().toString());
    }
}
