package io.pgseam.snapshot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A plan and the text that stands for it in the configurations of tasks and in the ledger. A short plan is that text itself. A longer one is cut
 * into parts, which the ledger has to have before a task is configured: the text then is the digest of the part that lists the others.
 *
 * <p>Where a plan is cut depends on what it is cut between, so that most parts stay the same if a table is added.
 *
 * @param plan the plan
 * @param text what stands for it
 * @param parts by their digests, the index first; none if the text is the plan, or if it was read from the ledger
 */
public record StoredPlan(CopyPlan plan, String text, Map<String, String> parts) {

    static final String IN_LEDGER = "ledger:";

    /** A text of up to so many characters is given to tasks whole. Connect keeps their configurations in the memory of every worker. */
    private static final int MOST_LENGTH = 8_000;

    /** A part ends before one of so many relations, and before one of so many topics, on the average. */
    private static final int MEAN_SIZE = 64;

    /** So many columns a part has at most, with names of 63 bytes 250 kB before it is compressed: an entry of the ledger is one Kafka record. */
    private static final int MOST_COLUMNS = 4_000;

    private static final int CHARACTERS_PER_COLUMN = 64;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The order of relations in a part. That of the plan follows from their sizes. */
    private static final Comparator<PlannedRelation> BY_OID = Comparator.<PlannedRelation>comparingLong(
                    relation -> relation.table().oid())
            .thenComparingLong(PlannedRelation::oid);

    /** Nothing to copy. */
    public static final StoredPlan NOTHING = of(CopyPlan.NOTHING);

    /** A plan that is to be given to tasks. */
    public static StoredPlan of(CopyPlan plan) {
        CopyPlan ordered = plan.ordered();
        // A relation takes more than one character.
        if (ordered.relations().size() <= MOST_LENGTH) {
            String whole = CopyPlanCodec.encode(ordered);
            if (whole.length() <= MOST_LENGTH) {
                return new StoredPlan(ordered, whole, Map.of());
            }
        }
        Map<String, String> parts = new LinkedHashMap<>();
        for (CopyPlan part : cut(ordered)) {
            String text = CopyPlanCodec.encode(part);
            parts.put(digest(text), text);
        }
        String index = JSON.valueToTree(parts.keySet()).toString();
        Map<String, String> all = new LinkedHashMap<>();
        all.put(digest(index), index);
        all.putAll(parts);
        return new StoredPlan(ordered, IN_LEDGER + digest(index), all);
    }

    /** A plan that the ledger has, under the text that it has there. Tasks are given the same, or Connect would restart them. */
    public static StoredPlan known(CopyPlan plan, String text) {
        return new StoredPlan(plan, text, Map.of());
    }

    /** The digest of the index that this text stands for; empty if the text is a plan itself. */
    public static String indexOf(String text) {
        return text.startsWith(IN_LEDGER) ? text.substring(IN_LEDGER.length()) : "";
    }

    /**
     * The digests of the parts that an index lists.
     *
     * @throws IllegalArgumentException if it is no index
     */
    public static List<String> listedIn(String index) {
        try {
            return List.of(JSON.readValue(index, String[].class));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not the index of a plan", e);
        }
    }

    /** By what a part is known. */
    static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static List<CopyPlan> cut(CopyPlan plan) {
        List<CopyPlan> parts = new ArrayList<>();
        List<PlannedRelation> part = new ArrayList<>();
        Set<Long> tables = new HashSet<>();
        int columns = 0;
        for (PlannedRelation relation : plan.relations().stream().sorted(BY_OID).toList()) {
            int more = (tables.contains(relation.table().oid()) ? 1 : columns(relation.table()))
                    + relation.condition().length() / CHARACTERS_PER_COLUMN;
            if (!part.isEmpty() && (isCut(relation.oid()) || columns + more > MOST_COLUMNS)) {
                parts.add(new CopyPlan(part));
                part.clear();
                tables.clear();
                columns = 0;
                more = columns(relation.table());
            }
            part.add(relation);
            tables.add(relation.table().oid());
            columns += more;
        }
        if (!part.isEmpty()) {
            parts.add(new CopyPlan(part));
        }
        new TreeMap<>(plan.goingOn()).forEach((generation, topics) -> addTopics(parts, generation, topics));
        return parts;
    }

    private static void addTopics(List<CopyPlan> parts, int generation, Set<String> topics) {
        Set<String> part = new HashSet<>();
        for (String topic : topics.stream().sorted().toList()) {
            if (!part.isEmpty() && (isCut(topic.hashCode()) || part.size() >= MOST_COLUMNS / 4)) {
                parts.add(new CopyPlan(List.of(), Map.of(generation, Set.copyOf(part))));
                part.clear();
            }
            part.add(topic);
        }
        parts.add(new CopyPlan(List.of(), Map.of(generation, Set.copyOf(part))));
    }

    private static int columns(PlannedTable table) {
        String filter = table.rowFilter();
        return 2 + table.columns().size() + (filter == null ? 0 : filter.length() / CHARACTERS_PER_COLUMN);
    }

    /** Fibonacci hashing: OIDs of tables that were made together have a common step. */
    private static boolean isCut(long number) {
        return Math.floorMod((number * 0x9E3779B97F4A7C15L) >>> 32, MEAN_SIZE) == 0;
    }

    /** In short, for the log. */
    @Override
    public String toString() {
        return plan + " as " + (parts.isEmpty() ? text.length() + " characters" : parts.size() + " parts");
    }
}
