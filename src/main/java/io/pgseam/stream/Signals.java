package io.pgseam.stream;

import io.pgseam.control.SignalAnswer;
import io.pgseam.control.SignalAnswer.Outcome;
import io.pgseam.pg.TableId;
import io.pgseam.phase.CopyRequest;
import io.pgseam.phase.CopyRequests;
import io.pgseam.phase.SetAsideTable;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlannedRelation;
import io.pgseam.snapshot.PlannedTable;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of signals. Whatever a signal says, it gets an answer, and the stream continues.
 *
 * <p>Used by the thread that reads the slot.
 */
final class Signals {

    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    /** The requests are part of every offset of the stream. */
    private static final int MOST_TABLES = 500;

    private static final int LONGEST_LOG = 2_000;

    private final CopyPlan plan;
    private final int newestCopy;
    private final @Nullable String notCopying;
    private final SourceCatalog catalog;

    /**
     * @param plan what is captured
     * @param newestCopy the newest anchor that is open when a signal arrives: a copy at it shows the source as it was before the signal
     * @param notCopying why no rows are copied; null if they are
     */
    Signals(CopyPlan plan, int newestCopy, @Nullable String notCopying, SourceCatalog catalog) {
        this.plan = plan;
        this.newestCopy = newestCopy;
        this.notCopying = notCopying;
        this.catalog = catalog;
    }

    /**
     * What becomes of a signal.
     *
     * @param answers for the control topic; the last one is the signal's own
     * @param requests the copies that are asked for from here on
     */
    record Decision(List<SignalAnswer> answers, CopyRequests requests) {}

    /**
     * Decides.
     *
     * @param requests the copies that signals before this one asked for
     * @throws SQLException if the source has to be asked and does not answer
     */
    Decision decide(Signal signal, CopyRequests requests) throws SQLException {
        try {
            Decision decision = take(signal, requests);
            LOG.info(
                    "Signal {} ({}) at {}: {}",
                    printable(signal.id()),
                    printable(signal.type()),
                    signal.at(),
                    decision.answers().get(decision.answers().size() - 1).outcome());
            return decision;
        } catch (Refusal e) {
            LOG.warn(
                    "Signal {} ({}) at {} is refused: {}",
                    printable(signal.id()),
                    printable(signal.type()),
                    signal.at(),
                    printable(String.valueOf(e.getMessage())));
            SignalAnswer answer = new SignalAnswer(signal.id(), signal.at(), Outcome.REFUSED, e.getMessage());
            return new Decision(List.of(answer), requests);
        }
    }

    private Decision take(Signal signal, CopyRequests requests) throws SQLException, Refusal {
        if (signal.fault() != null) {
            throw new Refusal(signal.fault());
        }
        return switch (signal.type()) {
            case "execute-snapshot" -> request(signal, requests);
            case "stop-snapshot" -> stop(signal, requests);
            case "log" -> log(signal, requests);
            case "pause-snapshot", "resume-snapshot" ->
                throw new Refusal(
                        "a copy cannot be paused by a signal: pause the connector (PUT /connectors/<name>/pause)");
            default ->
                throw new Refusal("there is no signal of this type; there are execute-snapshot, stop-snapshot and log");
        };
    }

    private Decision request(Signal signal, CopyRequests requests) throws SQLException, Refusal {
        if (notCopying != null) {
            throw new Refusal(notCopying);
        }
        ensureKnownKind(signal);
        if (requests.has(signal.id())) {
            throw new Refusal("a signal of this id is under way");
        }
        Map<Long, TableId> tables = tables(signal);
        if (tables.isEmpty()) {
            throw new Refusal("data-collections names no table");
        }
        int asked = requests.all().stream()
                .mapToInt(request -> request.tables().size())
                .sum();
        if (asked + tables.size() > MOST_TABLES) {
            throw new Refusal("with it, copies of more than " + MOST_TABLES
                    + " tables would be under way. Wait until others are done");
        }
        ensureReadable(tables);
        CopyRequest request = new CopyRequest(
                signal.id(), signal.at(), newestCopy, tables, new SignalConditions(plan, catalog).of(signal, tables));
        CopyRequests all = requests.with(request);
        if (all.all().stream().mapToInt(CopyRequest::charactersOfConditions).sum() > SignalConditions.MOST_CHARACTERS) {
            throw new Refusal("with it, the conditions of all copies under way would have more than "
                    + SignalConditions.MOST_CHARACTERS + " characters. Wait until others are done");
        }
        return new Decision(
                List.of(new SignalAnswer(signal.id(), signal.at(), Outcome.ACCEPTED, null, tables.values())), all);
    }

    private static void ensureKnownKind(Signal signal) throws Refusal {
        String kind = signal.data().path("type").asText("incremental");
        if (!kind.equalsIgnoreCase("incremental") && !kind.equalsIgnoreCase("blocking")) {
            throw new Refusal("the type in data is neither incremental nor blocking");
        }
    }

    /** The captured tables that a signal names, by OID; none if it names none. */
    private Map<Long, TableId> tables(Signal signal) throws Refusal {
        List<String> names = signal.texts("data-collections");
        if (names == null) {
            throw new Refusal("data-collections is no array of names");
        }
        Map<Long, TableId> tables = new TreeMap<>();
        try {
            for (String name : names) {
                TableExpression expression = TableExpression.parse(name);
                boolean found = false;
                for (PlannedTable table : plan.tables()) {
                    if (expression.matches(table.id())) {
                        tables.put(table.oid(), table.id());
                        found = true;
                    }
                }
                if (!found) {
                    throw new Refusal(
                            "no captured table has a name that " + name + " matches. Tables are named schema.table;"
                                    + " partitions by their root, if they are published by it");
                }
            }
        } catch (IllegalArgumentException e) {
            throw new Refusal(String.valueOf(e.getMessage()));
        }
        return tables;
    }

    /** A table that cannot be read would be set aside when it is to be copied, and not be streamed any more. */
    private void ensureReadable(Map<Long, TableId> tables) throws SQLException, Refusal {
        Set<Long> gone = catalog.gone(tables.keySet()).oids();
        for (Map.Entry<Long, TableId> table : tables.entrySet()) {
            if (gone.contains(table.getKey())) {
                throw new Refusal("table " + table.getValue() + " was dropped");
            }
        }
        Set<Long> relations = new HashSet<>();
        for (PlannedRelation relation : plan.relations()) {
            if (tables.containsKey(relation.table().oid())) {
                relations.add(relation.oid());
            }
        }
        for (SetAsideTable unfit : catalog.setAside(relations)) {
            if (relations.contains(unfit.oid()) || tables.containsKey(unfit.oid())) {
                throw new Refusal("table " + unfit.table() + " cannot be copied: " + unfit.detail() + ". What to do: "
                        + unfit.remedy());
            }
        }
    }

    private Decision stop(Signal signal, CopyRequests requests) throws Refusal {
        ensureKnownKind(signal);
        Map<Long, TableId> tables = tables(signal);
        List<SignalAnswer> answers = new ArrayList<>();
        @Nullable String begun = null;
        List<CopyRequest> stopped = new ArrayList<>();
        for (CopyRequest request : requests.all()) {
            if (!tables.isEmpty()
                    && !tables.keySet().containsAll(request.tables().keySet())) {
                continue;
            }
            if (request.begun() != null) {
                begun = request.id();
                continue;
            }
            stopped.add(request);
            answers.add(new SignalAnswer(
                    request.id(),
                    request.at(),
                    Outcome.STOPPED,
                    "stopped by signal " + signal.id(),
                    request.tables().values()));
        }
        if (stopped.isEmpty()) {
            throw new Refusal(
                    begun == null
                            ? "there is no copy to stop: none was asked for by a signal, or it is done, or it is of other tables, too"
                            : "the copy that signal " + begun + " asked for has begun, and cannot be stopped any more");
        }
        answers.add(new SignalAnswer(signal.id(), signal.at(), Outcome.DONE, null));
        return new Decision(answers, requests.without(stopped::contains));
    }

    private static Decision log(Signal signal, CopyRequests requests) throws Refusal {
        if (!signal.data().path("message").isTextual()) {
            throw new Refusal("data has no message");
        }
        String message =
                signal.data().path("message").asText().replace("{}", signal.at().toString());
        LOG.info("{}", printable(message));
        return new Decision(List.of(new SignalAnswer(signal.id(), signal.at(), Outcome.DONE, null)), requests);
    }

    /** A signal must not write lines of its own into the log. */
    private static String printable(String text) {
        String line = text.length() > LONGEST_LOG ? text.substring(0, LONGEST_LOG) + "…" : text;
        return line.replaceAll("\\p{Cntrl}", " ");
    }
}
