package io.pgseam.snapshot;

import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.catalog.Leaf;
import io.pgseam.pg.catalog.PublicationVersions;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.CopyRequest;
import io.pgseam.phase.CopyRequests;
import io.pgseam.phase.SnapshotMode;
import io.pgseam.phase.StreamPosition;
import io.pgseam.record.SnapshotPlace;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is copied at an anchor: every captured relation on its chunk grid, largest first, so that the last minutes keep every
 * task busy. Made from one look at the catalogue; no rows are counted.
 *
 * @param relations in the order in which their chunks are dealt out
 * @param goingOn by generation, the topics that continue with changes while rows are copied to others at its anchor. Besides those
 *     of this plan's own anchor, those of anchors before, as long as the stream may have parted there and not joined again
 */
public record CopyPlan(List<PlannedRelation> relations, Map<Integer, Set<String>> goingOn) {

    private static final Comparator<PlannedRelation> LARGEST_FIRST =
            Comparator.comparingLong(PlannedRelation::bytes).reversed().thenComparing(PlannedRelation::relation);

    public CopyPlan {
        relations = List.copyOf(relations);
        goingOn = Map.copyOf(goingOn);
    }

    /** A plan during whose copy the stream stands still. */
    public CopyPlan(List<PlannedRelation> relations) {
        this(relations, Map.of());
    }

    /** The plan that has the relations and topics of all of these. A table that several of them have is kept once. */
    static CopyPlan joined(List<CopyPlan> parts) {
        List<PlannedRelation> relations = new ArrayList<>();
        Map<PlannedTable, PlannedTable> tables = new HashMap<>();
        Map<Integer, Set<String>> goingOn = new HashMap<>();
        for (CopyPlan part : parts) {
            for (PlannedRelation relation : part.relations) {
                PlannedTable known = tables.putIfAbsent(relation.table(), relation.table());
                relations.add(known == null ? relation : relation.of(known));
            }
            part.goingOn.forEach((generation, topics) ->
                    goingOn.computeIfAbsent(generation, any -> new HashSet<>()).addAll(topics));
        }
        return new CopyPlan(relations, goingOn).ordered();
    }

    /** This plan in the order that follows from the sizes and names of its relations. */
    CopyPlan ordered() {
        return new CopyPlan(relations.stream().sorted(LARGEST_FIRST).toList(), goingOn);
    }

    /** Nothing to copy. */
    public static final CopyPlan NOTHING = new CopyPlan(List.of());

    /**
     * Plans the copy of these tables.
     *
     * @param chunkBytes size of a chunk, in bytes of heap and TOAST
     * @param blockBytes the server's block size, in bytes
     * @param generation the anchor at which the copy begins
     */
    public static CopyPlan of(List<CapturedTable> tables, long chunkBytes, int blockBytes, int generation) {
        List<PlannedRelation> relations = new ArrayList<>();
        for (CapturedTable table : tables) {
            PlannedTable planned = PlannedTable.of(table);
            for (Leaf leaf : table.leaves()) {
                relations.add(new PlannedRelation(
                        planned,
                        leaf.id(),
                        leaf.oid(),
                        leaf.filenode(),
                        leaf.blocks(),
                        leaf.bytes(),
                        ChunkSize.blocks(leaf, chunkBytes, blockBytes),
                        generation,
                        false,
                        leaf.place()));
            }
        }
        relations.sort(LARGEST_FIRST);
        return new CopyPlan(relations);
    }

    /**
     * This plan, in which the copy of each relation continues that an earlier plan has begun. Its chunks stay those of the
     * earlier plan, however much it has grown: rows beyond are younger than the earlier anchor, and come by the stream.
     *
     * <p>A relation that has another file by now begins again, unless it is copied already and was only packed: the same
     * columns, and nothing of it is to be read any more. A relation whose publication was changed begins again, too: changes
     * since the earlier anchor may be missing.
     *
     * <p>A partition that was made inside of what an earlier plan covers needs no copy, unless the publication was changed: its
     * first row came by the stream.
     *
     * @param madeInside whether a relation was made as a partition, and not attached
     * @param isCopied whether every chunk of a relation of the earlier plan is done
     */
    public CopyPlan continuing(
            CopyPlan earlier, Predicate<PlannedRelation> madeInside, Predicate<PlannedRelation> isCopied) {
        Map<Long, PlannedRelation> begun = new HashMap<>();
        earlier.relations.forEach(relation -> begun.put(relation.oid(), relation));
        List<PlannedRelation> continued = new ArrayList<>();
        for (PlannedRelation now : relations) {
            PlannedRelation before = begun.get(now.oid());
            if (before != null) {
                continued.add(next(before, now, isCopied));
            } else {
                boolean streamed =
                        earlier.covers(now.table().member(), now.table().published()) && madeInside.test(now);
                continued.add(streamed ? now.withoutCopy() : now);
            }
        }
        continued.sort(LARGEST_FIRST);
        return new CopyPlan(continued, goingOn);
    }

    /**
     * This plan, by which only tables that are added are copied, while the stream continues with everything that an earlier plan covers. What is
     * neither covered nor passed over by the stream is left for a later anchor: changes of it may be in Kafka that are newer than this one.
     *
     * <p>What is covered stays as the earlier plan says, name and version of the publication included: if they have changed meanwhile, the
     * next look finds it, and not this plan.
     *
     * @param earlier the plan all of which is copied
     * @param added OIDs of the tables whose changes the stream passes over
     * @param madeInside whether a relation was made as a partition, and not attached
     */
    public CopyPlan adding(CopyPlan earlier, Set<Long> added, Predicate<PlannedRelation> madeInside) {
        Map<Long, PlannedRelation> copied = new HashMap<>();
        earlier.relations.forEach(relation -> copied.put(relation.oid(), relation));
        List<PlannedRelation> all = new ArrayList<>();
        for (PlannedRelation now : relations) {
            PlannedRelation before = copied.get(now.oid());
            if (before != null) {
                all.add(before);
            } else if (added.contains(now.table().oid())) {
                all.add(now);
            } else if (earlier.covers(now.table().member(), now.table().published()) && madeInside.test(now)) {
                all.add(now.withoutCopy());
            }
        }
        all.sort(LARGEST_FIRST);
        return new CopyPlan(all, goingOn);
    }

    /**
     * The same plan, at whose anchor these topics continue.
     *
     * @param generation the anchor
     * @param topics to which nothing has to be copied any more; may be none
     * @param earlier the plan before, whose topics may be those with which the stream has parted
     * @param caughtUp the newest generation whose anchor the stream is known to have reached
     */
    public CopyPlan goingOn(int generation, Set<String> topics, CopyPlan earlier, int caughtUp) {
        Map<Integer, Set<String>> all = new HashMap<>(earlier.goingOn);
        all.keySet().removeIf(older -> older < caughtUp);
        if (!topics.isEmpty()) {
            all.put(generation, Set.copyOf(topics));
        }
        return new CopyPlan(relations, all);
    }

    /** Returns a copy in which nothing has to be copied: all of it is streamed only. */
    public CopyPlan withoutCopies() {
        return new CopyPlan(relations.stream().map(PlannedRelation::withoutCopy).toList(), goingOn);
    }

    /**
     * This plan, as far as it covers what a mode asks for. With {@link SnapshotMode#INITIAL} it covers nothing if it was made with
     * {@link SnapshotMode#NO_DATA}, so that the tables are copied if the mode is changed.
     */
    public CopyPlan coveredIn(SnapshotMode mode) {
        return mode == SnapshotMode.INITIAL && chunks() == 0 ? new CopyPlan(List.of(), goingOn) : this;
    }

    /**
     * This plan, with the live topics of a copy that ended before it told the ledger its own plan. The stream had split for it, beside tables that
     * were added: everything that this plan covers was live.
     *
     * @param position the committed one
     * @param topics the topic of a relation
     */
    public CopyPlan withLiveTopics(StreamPosition position, Function<PlannedRelation, String> topics) {
        if (!position.isSplit() || goingOn.containsKey(position.caughtUp())) {
            return this;
        }
        Map<Integer, Set<String>> all = new HashMap<>(goingOn);
        all.put(position.caughtUp(), relations.stream().map(topics).collect(Collectors.toSet()));
        return new CopyPlan(relations, all);
    }

    /**
     * This plan, in which tables are known to miss changes that were not sent: they are copied again, if they can be captured.
     *
     * @param missed gives, of OIDs of tables, those of which changes were not sent, each with the newest anchor then
     */
    public CopyPlan withMissed(Function<Collection<Long>, Map<Long, Integer>> missed) {
        Map<Long, Integer> since = new HashMap<>();
        for (PlannedRelation relation : relations) {
            since.merge(relation.table().oid(), relation.since(), Math::min);
            since.merge(relation.oid(), relation.since(), Math::min);
        }
        Map<Long, Integer> found = new HashMap<>(missed.apply(since.keySet()));
        found.keySet().removeIf(oid -> found.getOrDefault(oid, 0) < since.getOrDefault(oid, 0));
        if (found.isEmpty()) {
            return this;
        }
        // A partition may have been published by itself then: its table lacks the changes all the same.
        Set<Long> lacking = new HashSet<>();
        relations.stream()
                .filter(relation -> found.containsKey(relation.oid())
                        || found.containsKey(relation.table().oid()))
                .forEach(relation -> lacking.add(relation.table().oid()));
        return new CopyPlan(
                relations.stream()
                        .map(relation -> lacking.contains(relation.table().oid())
                                ? relation.of(relation.table().missingChanges())
                                : relation)
                        .toList(),
                goingOn);
    }

    /** This plan, no change of which is missing, though the publication was created again and has these versions now. */
    public CopyPlan publishedBy(PublicationVersions versions) {
        return new CopyPlan(
                relations.stream()
                        .map(relation -> relation.of(relation.table().publishedBy(versions))
                                .at(versions.placeOf(
                                        relation.oid(), relation.table().member())))
                        .toList(),
                goingOn);
    }

    /** This plan, in which the tables are marked of which signals asked for a copy that has not begun: they are copied again. */
    public CopyPlan withRequested(CopyRequests requests) {
        if (requests.isEmpty()) {
            return this;
        }
        return new CopyPlan(
                relations.stream()
                        .map(relation -> asked(
                                relation, requests.rowsWanted(relation.table().oid(), relation.since())))
                        .toList(),
                goingOn);
    }

    private static PlannedRelation asked(PlannedRelation relation, @Nullable String rows) {
        if (rows == null) {
            return relation;
        }
        return rows.isEmpty()
                ? relation.of(relation.table().requested())
                : relation.choosing(relation.condition(), rows);
    }

    /**
     * Whether the tables of a request are copied by this plan: those of them that are still captured.
     *
     * @return false also if none of them is captured
     */
    public boolean beginsToMeet(CopyRequest request) {
        List<PlannedRelation> asked = relations.stream()
                .filter(relation ->
                        request.tables().containsKey(relation.table().oid()))
                .toList();
        return request.begun() == null
                && !asked.isEmpty()
                && asked.stream().allMatch(relation -> relation.since() > request.after() && !relation.needsNoCopy());
    }

    /** OIDs of the relations of which changes were not sent. */
    public Set<Long> missingChanges() {
        return oids(relation -> relation.table().isMissingChanges());
    }

    /** OIDs of the relations that have to be copied again, because changes of them were not sent, or because a signal asked for it. */
    public Set<Long> toCopyAgain() {
        return oids(relation -> relation.table().isMissingChanges() || relation.isAskedFor());
    }

    private Set<Long> oids(Predicate<PlannedRelation> which) {
        return relations.stream().filter(which).map(PlannedRelation::oid).collect(Collectors.toSet());
    }

    /** The topics that continue while rows are copied at an anchor of this generation; empty where the stream stands still. */
    public Set<String> goingOn(int generation) {
        return goingOn.getOrDefault(generation, Set.of());
    }

    /**
     * Whether something is covered that is published by this member of the publication: then the member was published before
     * the first anchor of this plan, and has published every change since.
     *
     * @param member OID of a table
     * @param published the version by which it is published now
     */
    public boolean covers(long member, String published) {
        return relations.stream()
                .map(PlannedRelation::table)
                .anyMatch(table -> table.member() == member && table.isPublishedBy(published));
    }

    /**
     * Whether nothing of this plan is copied yet, and everything will be, so that no change before its anchor is needed.
     *
     * @param caughtUp the newest generation whose anchor the stream has reached. Nothing is copied at a newer one before; only at
     *     the first one, which needs no stream
     */
    public boolean beginsAnew(int caughtUp) {
        int newest = Math.max(1, caughtUp);
        return !relations.isEmpty()
                && relations.stream()
                        .allMatch(
                                relation -> relation.since() > newest && !relation.needsNoCopy() && relation.isWhole());
    }

    /**
     * OIDs of the tables without a key that are copied from this generation on, beside others that were copied before. If they were streamed
     * before their copy, their rows would be in Kafka twice.
     */
    public Set<Long> newTablesWithoutKey(int generation) {
        if (relations.stream().allMatch(relation -> relation.since() == generation)) {
            return Set.of();
        }
        Set<Long> tables = new HashSet<>();
        relations.stream()
                .filter(relation -> relation.table().recordKey().isEmpty())
                .forEach(relation -> tables.add(relation.table().oid()));
        relations.stream()
                .filter(relation -> relation.since() != generation || relation.needsNoCopy())
                .forEach(relation -> tables.remove(relation.table().oid()));
        return tables;
    }

    /**
     * The tables of an earlier plan that are in this one too, and whose changes in between may be missing, because they
     * were published in another way. Not those whose copy continues all the same, because nothing is missing: see {@link #publishedBy}.
     */
    public List<PlannedTable> publishedOtherwiseThan(CopyPlan earlier) {
        Map<Long, PlannedTable> before = new HashMap<>();
        earlier.tables().forEach(table -> before.put(table.oid(), table));
        Set<Long> goOn = goingOnSince(earlier);
        Set<Long> moved = movedSince(earlier);
        goOn.removeAll(moved);
        return tables().stream()
                .filter(table -> {
                    PlannedTable known = before.get(table.oid());
                    return known != null
                            && (moved.contains(table.oid()) || !known.isPublishedBy(table.published()))
                            && !goOn.contains(table.oid());
                })
                .toList();
    }

    /** OIDs of the tables that have a relation which was not at its place all the time, and is copied again. */
    private Set<Long> movedSince(CopyPlan earlier) {
        Map<Long, PlannedRelation> before = new HashMap<>();
        earlier.relations.forEach(relation -> before.put(relation.oid(), relation));
        return relations.stream()
                .filter(relation -> {
                    PlannedRelation known = before.get(relation.oid());
                    return known != null && known.isSameAs(relation) && !known.isAt(relation.place());
                })
                .map(relation -> relation.table().oid())
                .collect(Collectors.toSet());
    }

    /** OIDs of the tables that have a relation whose copy began before, and continues. */
    private Set<Long> goingOnSince(CopyPlan earlier) {
        Map<Long, Integer> begun = new HashMap<>();
        earlier.relations.forEach(relation -> begun.put(relation.oid(), relation.since()));
        return relations.stream()
                .filter(relation -> Objects.equals(begun.get(relation.oid()), relation.since()))
                .map(relation -> relation.table().oid())
                .collect(Collectors.toSet());
    }

    /** A copy of some rows begins only when all rows were copied, or streamed: whatever it leaves out is in Kafka. */
    private static PlannedRelation next(
            PlannedRelation before, PlannedRelation now, Predicate<PlannedRelation> isCopied) {
        if (!goesOn(before, now, isCopied)) {
            return now;
        }
        if (before.asked().isEmpty() || !(before.needsNoCopy() || isCopied.test(before))) {
            return before.of(now.table()).at(now.place()).choosing(before.condition(), "");
        }
        // Without a key, a row that is sent twice is there twice, unless a target can tell that the whole table was
        // sent.
        return now.table().recordKey().isEmpty() ? now : now.choosing(before.asked(), "");
    }

    private static boolean goesOn(PlannedRelation before, PlannedRelation now, Predicate<PlannedRelation> isCopied) {
        if (!before.isSameAs(now)
                || !before.table().isPublishedBy(now.table().published())
                || !before.isAt(now.place())
                || !Objects.equals(before.table().rowFilter(), now.table().rowFilter())) {
            return false;
        }
        return before.filenode() == now.filenode()
                || (before.table().columns().equals(now.table().columns()) && isCopied.test(before));
    }

    /** The tables, each once. */
    public List<PlannedTable> tables() {
        return relations.stream().map(PlannedRelation::table).distinct().toList();
    }

    /** OIDs by which changes name the tables: of a partitioned table that may be the table, or each of its partitions. */
    public Set<Long> published() {
        return relations.stream().map(relation -> relation.table().oid()).collect(Collectors.toSet());
    }

    /** The number of chunks of all relations. */
    public long chunks() {
        return relations.stream().mapToLong(PlannedRelation::chunks).sum();
    }

    /** Every chunk of every relation: the share of a task that is alone. */
    public List<PlannedChunk> everyChunk() {
        return share(0, 1);
    }

    /** Heap and TOAST of all relations, in bytes. */
    public long bytes() {
        return relations.stream().mapToLong(PlannedRelation::bytes).sum();
    }

    /**
     * The chunks of one task, see {@link Deal}.
     *
     * @param task the task's number, from 0
     * @param tasks how many tasks share the plan
     */
    public List<PlannedChunk> share(int task, int tasks) {
        return deal(tasks).share(task);
    }

    /** Which task copies which chunks, if so many tasks share the plan. */
    public Deal deal(int tasks) {
        return new Deal(this, tasks);
    }

    /** Where the first row of a chunk stands in the copy. */
    SnapshotPlace placeOfFirstRow(PlannedChunk chunk) {
        PlannedRelation relation = chunk.relation();
        if (chunk.id().number() > 0) {
            return SnapshotPlace.WITHIN;
        }
        if (relation.equals(relations.get(0))) {
            return SnapshotPlace.FIRST;
        }
        PlannedRelation firstOfTable = relations.stream()
                .filter(other -> other.table().id().equals(relation.table().id()))
                .findFirst()
                .orElse(relation);
        return relation.equals(firstOfTable) ? SnapshotPlace.FIRST_OF_TABLE : SnapshotPlace.WITHIN;
    }

    /** In short, for the log: there may be thousands of relations. */
    @Override
    public String toString() {
        return relations.size() + " relations in " + chunks() + " chunks";
    }

    /**
     * One chunk of the plan.
     *
     * @param relation the relation that it is a part of
     * @param id its identity
     */
    public record PlannedChunk(PlannedRelation relation, ChunkId id) {}
}
