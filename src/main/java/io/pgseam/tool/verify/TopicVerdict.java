package io.pgseam.tool.verify;

import io.pgseam.pg.Lsn;
import io.pgseam.tool.console.Figures;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Compares what a topic has with what the manifests claim.
 *
 * <p>A match of count and sum is a proof, whichever rows it is made of. So if the topic has more rows than are claimed, it is tried without
 * those of earlier anchors, and with each row once.
 */
final class TopicVerdict {

    private final TopicClaims claims;
    private final Collection<PartitionScan> scans;
    private final List<String> reasons = new ArrayList<>();
    private final RowSum all;

    TopicVerdict(TopicClaims claims, Collection<PartitionScan> scans) {
        this.claims = claims;
        this.scans = scans;
        this.all = since(Lsn.NONE);
    }

    private RowSum since(Lsn lsn) {
        RowSum sum = RowSum.NONE;
        for (PartitionScan scan : scans) {
            sum = sum.plus(scan.copiedSince(lsn));
        }
        return sum;
    }

    /**
     * The result.
     *
     * @param shortened why records may be missing that were there once, in words; empty if none may
     * @param distinct gives rows and hashes of an anchor and later ones, each row once; reads the topic again
     */
    TopicResult of(Optional<String> shortened, Function<Lsn, RowSum> distinct) {
        Verdict verdict = claims.gaps().isEmpty() ? Verdict.EQUAL : Verdict.UNKNOWN;
        reasons.addAll(claims.gaps());
        long faults = scans.stream().mapToLong(PartitionScan::faultCount).sum();
        if (faults > 0) {
            verdict = Verdict.DIFFERENT;
            scans.forEach(scan -> reasons.addAll(scan.faults()));
            reasons.add(Figures.count(faults, "message") + " out of place");
        }
        Optional<RowSum> total = claims.total();
        Optional<Map<Integer, RowSum>> byPartition = claims.byPartition();
        Match match = byPartition
                .map(this::matchPartitions)
                .orElseGet(() -> total.map(this::matchTotal).orElse(Match.NONE));
        boolean mayBeRepetitions = false;
        if (match.isNone() && all.rows() > claims.rows() && total.isPresent()) {
            match = matchDistinct(total.get(), distinct);
            mayBeRepetitions = match.isNone()
                    && mayHaveEqualRows()
                    && distinct.apply(Lsn.NONE).rows() < claims.rows();
        }
        if (match.isNone() && mayBeRepetitions) {
            reasons.add(
                    Figures.count(all.rows() - claims.rows(), "row")
                            + " more than claimed. Rows without a key may be equal, so that nobody can tell whether these were sent twice");
            verdict = verdict.and(Verdict.UNKNOWN);
        } else if (match.isNone()) {
            verdict = verdict.and(explain(total, byPartition, shortened));
        }
        return new TopicResult(
                claims.topic(),
                verdict,
                claims.rows(),
                all.rows(),
                Math.max(0, match.redelivered()),
                Math.max(0, match.earlier()),
                scans.stream().mapToLong(PartitionScan::changes).sum(),
                scans.stream().mapToLong(PartitionScan::repeated).sum(),
                reasons);
    }

    private record Match(long earlier, long redelivered) {
        private static final Match NONE = new Match(-1, -1);

        private boolean isNone() {
            return earlier < 0;
        }
    }

    private Match matchPartitions(Map<Integer, RowSum> claimed) {
        for (Lsn since : candidates()) {
            boolean equal = scans.stream()
                    .allMatch(scan ->
                            scan.copiedSince(since).equals(claimed.getOrDefault(scan.partition(), RowSum.NONE)));
            boolean allThere = claimed.keySet().stream()
                    .allMatch(partition -> scans.stream().anyMatch(scan -> scan.partition() == partition));
            if (equal && allThere) {
                return new Match(all.rows() - claims.rows(), 0);
            }
        }
        return Match.NONE;
    }

    private Match matchTotal(RowSum claimed) {
        for (Lsn since : candidates()) {
            if (since(since).equals(claimed)) {
                return new Match(all.rows() - claims.rows(), 0);
            }
        }
        return Match.NONE;
    }

    private Match matchDistinct(RowSum claimed, Function<Lsn, RowSum> distinct) {
        for (Lsn since : candidates()) {
            if (distinct.apply(since).equals(claimed)) {
                long recent = since(since).rows();
                return new Match(all.rows() - recent, recent - claimed.rows());
            }
        }
        return Match.NONE;
    }

    /**
     * Two rows with a key are never equal. If so many different rows are there as are claimed, or more, then one of them is not claimed, with
     * a key or without.
     */
    private boolean mayHaveEqualRows() {
        return claims.mayBeKeyless() || scans.stream().anyMatch(scan -> scan.keyless() > 0);
    }

    private List<Lsn> candidates() {
        List<Lsn> candidates = new ArrayList<>(List.of(Lsn.NONE));
        candidates.addAll(claims.anchors());
        return candidates;
    }

    private Verdict explain(
            Optional<RowSum> total, Optional<Map<Integer, RowSum>> byPartition, Optional<String> shortened) {
        if (shortened.isPresent()) {
            reasons.add(shortened.get());
            return Verdict.UNKNOWN;
        }
        if (!claims.gaps().isEmpty() && all.rows() >= claims.rows()) {
            // The rows may be those that no manifest covers.
            return Verdict.UNKNOWN;
        }
        byPartition.filter(unused -> !claims.mayHaveEarlierCopies()).ifPresent(this::namePartitions);
        if (all.rows() < claims.rows()) {
            reasons.add(Figures.count(claims.rows() - all.rows(), "row") + " missing");
            return Verdict.DIFFERENT;
        }
        if (total.isEmpty() && byPartition.isEmpty()) {
            reasons.add(
                    "the manifests have no hashes of what was sent (a transformation, Debezium's format, or an earlier version)");
            return Verdict.UNKNOWN;
        }
        if (claims.mayHaveEarlierCopies()) {
            reasons.add(
                    "the topic has rows of a copy that was given up, and no manifest counts all of those: pgseam verify --source proves"
                            + " what is in it now");
            return Verdict.UNKNOWN;
        }
        reasons.add(
                all.rows() == claims.rows()
                        ? "as many rows as claimed, but other keys or values"
                        : Figures.count(all.rows() - claims.rows(), "row")
                                + " more than claimed, which are no repetitions of others");
        return Verdict.DIFFERENT;
    }

    private void namePartitions(Map<Integer, RowSum> claimed) {
        for (PartitionScan scan : scans) {
            RowSum found = scan.copiedSince(Lsn.NONE);
            RowSum expected = claimed.getOrDefault(scan.partition(), RowSum.NONE);
            if (!found.equals(expected)) {
                reasons.add("partition " + scan.partition() + " has " + Figures.count(found.rows(), "copied row") + ", "
                        + (found.rows() == expected.rows()
                                ? "as claimed, with other keys or values"
                                : "and " + Figures.count(expected.rows()) + " are claimed"));
            }
        }
    }
}
