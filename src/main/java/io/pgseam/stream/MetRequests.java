package io.pgseam.stream;

import io.pgseam.control.SignalAnswer;
import io.pgseam.control.SignalAnswer.Outcome;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.CopyRequest;
import io.pgseam.phase.CopyRequests;
import io.pgseam.phase.StreamPosition;
import io.pgseam.snapshot.PlannedRelation;
import io.pgseam.snapshot.PlannedTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The requests for copies that are over with a seam: their rows are in Kafka, or their tables are not captured any more.
 *
 * @param met those whose tables are copied
 * @param parts OIDs of the tables of which only some rows are copied
 * @param answers what their signals are told
 * @param left the requests that are still to be met
 */
record MetRequests(List<CopyRequest> met, Set<Long> parts, List<SignalAnswer> answers, CopyRequests left) {

    /** @param before the committed position; null if nothing is streamed yet */
    static MetRequests at(StreamAssignment assignment, @Nullable StreamPosition before) {
        CopyRequests requests = before == null ? CopyRequests.NONE : before.requests();
        Set<Long> captured = new HashSet<>();
        assignment.plan().tables().forEach(table -> captured.add(table.oid()));
        Set<Long> parts = assignment.plan().relations().stream()
                .filter(relation -> !relation.isWhole())
                .map(PlannedRelation::table)
                .map(PlannedTable::oid)
                .collect(Collectors.toSet());
        List<CopyRequest> met = new ArrayList<>();
        List<CopyRequest> over = new ArrayList<>();
        List<SignalAnswer> answers = new ArrayList<>();
        for (CopyRequest request : requests.all()) {
            List<TableId> copied = request.tables().entrySet().stream()
                    .filter(table -> captured.contains(table.getKey()))
                    .map(Map.Entry::getValue)
                    .toList();
            Anchor begun = request.begun();
            if (copied.isEmpty()) {
                over.add(request);
                answers.add(new SignalAnswer(
                        request.id(),
                        request.at(),
                        Outcome.REFUSED,
                        notCopied(request, copied),
                        request.tables().values()));
            } else if (begun != null
                    && begun.generation() <= assignment.anchor().generation()) {
                over.add(request);
                met.add(request);
                answers.add(new SignalAnswer(
                        request.id(),
                        request.at(),
                        Outcome.DONE,
                        notCopied(request, copied),
                        copied,
                        begun,
                        Collections.disjoint(request.tables().keySet(), parts)));
            }
        }
        return new MetRequests(met, parts, answers, requests.without(over::contains));
    }

    private static @Nullable String notCopied(CopyRequest request, List<TableId> copied) {
        return copied.size() == request.tables().size()
                ? null
                : request.tables().values().stream()
                        .filter(table -> !copied.contains(table))
                        .map(TableId::toString)
                        .collect(Collectors.joining(", ", "not captured any more: ", ""));
    }

    /**
     * By topic of the tables that were copied whole, the LSN below which a target has nothing that the source has.
     *
     * @param topics the topic of a table
     */
    Map<String, Lsn> copiedAgain(Function<TableId, String> topics) {
        Map<String, Lsn> again = new TreeMap<>();
        for (CopyRequest request : met) {
            Anchor begun = request.begun();
            if (begun != null) {
                request.tables().forEach((oid, table) -> {
                    if (!parts.contains(oid)) {
                        again.merge(topics.apply(table), begun.lsn(), Lsn::max);
                    }
                });
            }
        }
        return again;
    }
}
