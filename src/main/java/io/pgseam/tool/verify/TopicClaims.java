package io.pgseam.tool.verify;

import io.pgseam.pg.Lsn;
import io.pgseam.tool.console.Figures;
import io.pgseam.tool.verify.Manifests.Claim;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the manifests claim of one topic. */
public final class TopicClaims {

    private final String topic;
    private final Map<Integer, Claim> partitions = new TreeMap<>();
    private final TreeSet<Lsn> anchors = new TreeSet<>();
    private final List<String> gaps = new ArrayList<>();
    private long rows;
    private long leftOut;
    private long hash;
    private boolean hashed = true;
    private boolean exact = true;
    private boolean copiedBefore;
    private boolean elsewhere;
    private boolean mayBeKeyless;
    private long blocks;
    private long blocksCovered;

    TopicClaims(String topic) {
        this.topic = topic;
    }

    void add(long chunkRows, long chunkLeftOut, @Nullable Long chunkHash, boolean chunkExact) {
        rows += chunkRows;
        leftOut += chunkLeftOut;
        hash += chunkHash == null ? 0 : chunkHash;
        hashed &= chunkHash != null;
        exact &= chunkExact;
    }

    void add(int partition, Claim claim) {
        partitions.merge(partition, claim, Claim::plus);
    }

    /** Rows of it were sent to another topic, by a transformation. */
    void rowsElsewhere(String other) {
        elsewhere |= !other.isEmpty();
    }

    /** The topic has rows of a copy that was given up, of which no manifest counts all. */
    void copiedBefore() {
        copiedBefore = true;
    }

    /** A table of the topic has or had rows without a key, or nothing says that it has one. */
    void mayBeWithoutKey() {
        mayBeKeyless = true;
    }

    void anchor(Lsn anchor) {
        anchors.add(anchor);
    }

    void relation(String name, long chunks, long chunksCovered, long blocksOfIt, long covered) {
        blocks += blocksOfIt;
        blocksCovered += Math.min(covered, blocksOfIt);
        if (chunksCovered < chunks || covered < blocksOfIt) {
            gaps.add("no manifest covers " + Figures.count(blocksOfIt - Math.min(covered, blocksOfIt), "block") + " of "
                    + name + " (" + Figures.count(chunksCovered) + " of " + Figures.count(chunks, "chunk") + ")");
        }
    }

    public String topic() {
        return topic;
    }

    /** Rows that are claimed to be in the topic. */
    public long rows() {
        return rows;
    }

    /** Blocks that were to be copied. */
    public long blocks() {
        return blocks;
    }

    /** Blocks of them for which there is a manifest. */
    public long blocksCovered() {
        return blocksCovered;
    }

    /** What no manifest covers, in words. */
    public List<String> gaps() {
        return gaps;
    }

    /** Rows and hashes of the whole topic; empty if they are not known. Exact, whatever has died. */
    Optional<RowSum> total() {
        return hashed && leftOut == 0 && !elsewhere ? Optional.of(new RowSum(rows, hash)) : Optional.empty();
    }

    /** Rows and hashes of each partition; empty if a part is not known. */
    Optional<Map<Integer, RowSum>> byPartition() {
        if (!exact
                || elsewhere
                || partitions.values().stream().anyMatch(claim -> claim.sum().isEmpty())) {
            return Optional.empty();
        }
        Map<Integer, RowSum> sums = new TreeMap<>();
        partitions.forEach((partition, claim) -> sums.put(partition, claim.sum().orElse(RowSum.NONE)));
        return Optional.of(sums);
    }

    /** Where the last copied row of a partition is: empty if that is not known; -1 if it has none. */
    Optional<Long> last(int partition) {
        if (!exact) {
            return Optional.empty();
        }
        Claim claim = partitions.get(partition);
        return Optional.of(claim == null ? -1L : claim.last());
    }

    /** The anchors: rows that were copied before one of them may be of a copy that was given up. */
    Collection<Lsn> anchors() {
        return anchors;
    }

    /** Whether rows of it may have no key, and so be equal. Messages do not tell: those that are packed have a key of their own. */
    boolean mayBeKeyless() {
        return mayBeKeyless;
    }

    /** Whether some rows in the topic may be of a copy that was given up. */
    boolean mayHaveEarlierCopies() {
        return copiedBefore;
    }
}
