package io.pgseam.tool.report;

import io.pgseam.tool.console.Figures;
import io.pgseam.tool.report.Finding.Weight;
import io.pgseam.tool.topic.ConnectorLog;
import io.pgseam.tool.topic.ConnectorLog.Phase;
import io.pgseam.tool.topic.Seam;
import io.pgseam.tool.topic.SetAsideTable;
import io.pgseam.tool.topic.TableProgress;
import io.pgseam.tool.topic.TopicOffsets.Extent;
import io.pgseam.tool.verify.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Whether a copy can be signed off, and why.
 *
 * @param outcome the answer
 * @param findings the reasons, the weightiest first
 */
public record Assessment(Outcome outcome, List<Finding> findings) {

    /** The answer. */
    public enum Outcome {
        /** Everything is there, and that is proved. */
        PROVED("Complete, and proved"),
        /** The copy is complete, and nothing proves it. */
        UNPROVED("Complete, not proved"),
        /** The copy is complete, but for something that a person has to judge. */
        RESERVED("Complete, with reservations"),
        /** The copy is not complete. */
        INCOMPLETE("Not complete"),
        /** Something differs. */
        DIFFERENT("Different");

        private final String headline;

        Outcome(String headline) {
            this.headline = headline;
        }

        /** For people. */
        public String headline() {
            return headline;
        }

        /** As JSON has it. */
        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A sentence with more names than that is not read. */
    private static final int MOST_NAMES = 5;

    public Assessment {
        findings = findings.stream()
                .sorted(Comparator.comparing(Finding::weight).reversed())
                .toList();
    }

    static Assessment of(CopyReport report) {
        List<Finding> findings = new ArrayList<>();
        boolean complete = completeness(report, findings);
        reservations(report, findings);
        Seam seam = report.log().seam().orElse(null);
        if (!complete || seam == null) {
            return new Assessment(Outcome.INCOMPLETE, findings);
        }
        boolean proved = proofs(report, seam, findings);
        if (report.proofs().stream()
                .anyMatch(proof -> proof.verdict() == Verdict.DIFFERENT && proof.isOf(seam.lsn()))) {
            return new Assessment(Outcome.DIFFERENT, findings);
        }
        Weight worst = findings.stream()
                .map(Finding::weight)
                .max(Comparator.naturalOrder())
                .orElse(Weight.GOOD);
        if (worst == Weight.GOOD) {
            return new Assessment(Outcome.PROVED, findings);
        }
        boolean onlyProofIsMissing = !proved
                && findings.stream()
                                .filter(finding -> finding.weight() != Weight.GOOD)
                                .count()
                        == 1;
        return new Assessment(onlyProofIsMissing ? Outcome.UNPROVED : Outcome.RESERVED, findings);
    }

    private static boolean completeness(CopyReport report, List<Finding> findings) {
        ConnectorLog log = report.log();
        Phase phase = log.phase();
        if (phase == Phase.STREAMING || phase == Phase.ENDED) {
            if (log.seam().isPresent()) {
                Seam seam = log.seam().get();
                findings.add(new Finding(
                        Weight.GOOD,
                        "Every planned block was copied, and Kafka has acknowledged "
                                + Figures.count(seam.rows(), "row") + " of "
                                + Figures.count(log.tables().size(), "table") + ", as of LSN " + seam.lsn()));
                return true;
            }
            findings.add(
                    new Finding(Weight.BAD, "The connector streams changes, and has copied nothing: there is no seam"));
            return false;
        }
        List<TableProgress> open = log.tables().stream()
                .filter(table -> table.chunksDone() < table.chunks())
                .toList();
        findings.add(new Finding(
                Weight.BAD,
                switch (phase) {
                    case STARTING -> "Nothing was copied yet";
                    case CATCHING_UP ->
                        "A newer anchor is open; what is missing is copied when the stream has reached it";
                    default ->
                        open.isEmpty()
                                ? "The seam is not written yet"
                                : "Rows of " + Figures.count(open.size(), "table") + " are still to be copied: "
                                        + names(open.stream()
                                                .map(TableProgress::relation)
                                                .toList());
                }));
        return false;
    }

    private static void reservations(CopyReport report, List<Finding> findings) {
        ConnectorLog log = report.log();
        if (!log.setAside().isEmpty()) {
            findings.add(new Finding(
                    Weight.RESERVATION,
                    Figures.count(log.setAside().size(), "selected table")
                            + (log.setAside().size() == 1 ? " is" : " are") + " not captured: "
                            + names(log.setAside().stream()
                                    .map(SetAsideTable::table)
                                    .toList())));
        }
        long leftOut = report.leftOut();
        if (leftOut > 0) {
            findings.add(new Finding(
                    Weight.RESERVATION,
                    Figures.count(leftOut, "row")
                            + " of the source are in no topic: too large, or dropped by Connect"));
        }
        if (log.oversize() > 0) {
            findings.add(new Finding(
                    Weight.RESERVATION,
                    Figures.count(log.oversize(), "message") + " larger than the producer takes "
                            + (log.oversize() == 1 ? "was" : "were") + " left out"));
        }
        List<String> incomplete = report.timeline().incompleteTables();
        if (!incomplete.isEmpty()) {
            findings.add(new Finding(
                    Weight.RESERVATION,
                    "The publication was changed, and changes may be missing that nothing copies: "
                            + names(incomplete)));
        }
        retention(report, findings);
    }

    private static void retention(CopyReport report, List<Finding> findings) {
        List<String> gone = new ArrayList<>();
        List<String> cut = new ArrayList<>();
        report.log()
                .seam()
                .ifPresent(seam -> seam.topics().forEach((topic, partitions) -> {
                    Map<Integer, Extent> extents = report.extents().getOrDefault(topic, Map.of());
                    if (!partitions.isEmpty() && extents.isEmpty()) {
                        gone.add(topic);
                    } else if (partitions.stream().anyMatch(partition -> {
                        Extent extent = extents.get(partition.number());
                        return extent == null || extent.earliest() > partition.first();
                    })) {
                        cut.add(topic);
                    }
                }));
        if (!gone.isEmpty()) {
            findings.add(new Finding(
                    Weight.RESERVATION,
                    "Kafka does not have " + Figures.count(gone.size(), "topic") + " with copied rows any more: "
                            + names(gone)));
        }
        if (!cut.isEmpty()) {
            findings.add(new Finding(
                    Weight.RESERVATION,
                    "Retention has removed copied rows of " + Figures.count(cut.size(), "topic") + ": " + names(cut)));
        }
    }

    /** @return whether one of the proofs holds for every topic of the copy */
    private static boolean proofs(CopyReport report, Seam seam, List<Finding> findings) {
        boolean proved = false;
        for (Proof proof : report.proofs()) {
            List<String> missing = report.log().tables().stream()
                    .filter(table -> proof.of(table).isEmpty())
                    .map(TableProgress::publishedAs)
                    .distinct()
                    .sorted()
                    .toList();
            if (!proof.isOf(seam.lsn())) {
                findings.add(new Finding(
                        Weight.RESERVATION,
                        proof.claim() + ": the result is that of an earlier copy (LSN " + proof.lsn() + ")"));
            } else if (proof.verdict() == Verdict.DIFFERENT) {
                findings.add(
                        new Finding(Weight.BAD, proof.claim() + ": different in " + names(proof, Verdict.DIFFERENT)));
            } else if (proof.verdict() == Verdict.UNKNOWN) {
                findings.add(new Finding(
                        Weight.RESERVATION, proof.claim() + ": not proved for " + names(proof, Verdict.UNKNOWN)));
            } else if (!missing.isEmpty()) {
                findings.add(new Finding(
                        Weight.RESERVATION, proof.claim() + ": equal, but not compared: " + names(missing)));
            } else {
                findings.add(new Finding(
                        Weight.GOOD,
                        proof.claim() + ": " + Figures.count(proof.items().size(), proof.unit())
                                + (proof.items().size() == 1 ? "" : ", all") + " equal as of LSN " + proof.lsn()));
                proved = true;
            }
        }
        if (report.proofs().isEmpty()) {
            findings.add(
                    new Finding(
                            Weight.RESERVATION,
                            "Nothing proves that the topics have what was copied. pgseam verify does; add its result with --proof"));
        }
        return proved;
    }

    private static String names(Proof proof, Verdict verdict) {
        return names(proof.items().stream()
                .filter(item -> item.verdict() == verdict)
                .map(Proof.Item::name)
                .toList());
    }

    private static String names(List<String> names) {
        return names.stream().limit(MOST_NAMES).collect(Collectors.joining(", "))
                + (names.size() > MOST_NAMES ? ", and " + Figures.count(names.size() - MOST_NAMES) + " more" : "");
    }
}
