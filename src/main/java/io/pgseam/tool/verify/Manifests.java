package io.pgseam.tool.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the control topic claims of the copy: which blocks of which relation were to be copied, and of each chunk how many rows are where,
 * with which hashes. Takes records in any order. Memory: an entry for each chunk and each of its partitions.
 */
public final class Manifests {

    /**
     * What a manifest claims of one partition.
     *
     * @param last offset of the last row
     * @param sum rows and hashes; empty if they are not known
     */
    record Claim(long last, Optional<RowSum> sum) {

        Claim plus(Claim other) {
            return new Claim(Math.max(last, other.last), sum.flatMap(mine -> other.sum.map(mine::plus)));
        }
    }

    private record Relation(
            String name,
            String publishedAs,
            String topic,
            long filenode,
            long blocks,
            long blocksPerChunk,
            long chunks) {}

    private record ChunkKey(String relation, long filenode, long blocks, long number) {}

    private record Chunk(
            ChunkKey key,
            Lsn lsn,
            long firstBlock,
            long nextBlock,
            long rows,
            long leftOut,
            @Nullable Long hash,
            boolean exact,
            Map<String, Map<Integer, Claim>> partitions) {}

    private Lsn beginning = Lsn.NONE;
    private final Map<Lsn, Map<String, Relation>> planned = new TreeMap<>();
    private final Map<ChunkKey, Chunk> chunks = new HashMap<>();
    private final TreeSet<Lsn> anchors = new TreeSet<>();

    /** Anchors at which a chunk was read that another one has replaced since. */
    private final List<Chunk> replaced = new ArrayList<>();

    private final Map<String, Lsn> misfits = new TreeMap<>();
    private final Map<String, NavigableSet<Truncation>> truncations = new TreeMap<>();

    /** By {@code schema.table}, whether its rows have had a key ever since. */
    private final Map<String, Boolean> keyed = new TreeMap<>();

    private Lsn seam = Lsn.NONE;
    private int generation;
    private long leftOut;

    /** Takes one record's key and value. */
    public void take(JsonNode key, JsonNode value) {
        switch (value.path("type").asText()) {
            case "anchor" -> takeAnchor(value);
            case "table" ->
                planned.computeIfAbsent(lsn(value), unused -> new TreeMap<>()).put(name(value), relation(value));
            case "chunk" -> takeChunk(key, value);
            case "misfit" -> misfits.merge(name(value), lsn(value), Lsn::max);
            case "truncate" ->
                truncations
                        .computeIfAbsent(value.path("topic").asText(), unused -> new TreeSet<>())
                        .add(Truncation.of(value));
            case "schema" -> keyed.merge(name(value), isKeyed(value), Boolean::logicalAnd);
            case "seam" -> takeSeam(value);
            default -> {
                // Says nothing of copied rows.
            }
        }
    }

    private static String name(JsonNode value) {
        return value.path("schema").asText() + "." + value.path("table").asText();
    }

    private static Lsn lsn(JsonNode value) {
        return Lsn.parse(value.path("lsn").asText());
    }

    private void takeAnchor(JsonNode value) {
        anchors.add(lsn(value));
        if (value.path("generation").asInt() == 1) {
            beginning = Lsn.max(beginning, lsn(value));
        }
    }

    private static Relation relation(JsonNode value) {
        return new Relation(
                name(value),
                value.path("published_as").asText(),
                value.path("topic").asText(),
                value.path("filenode").asLong(-1),
                value.path("blocks").asLong(-1),
                value.path("blocks_per_chunk").asLong(-1),
                value.path("chunks").asLong());
    }

    private void takeChunk(JsonNode key, JsonNode value) {
        ChunkKey place = new ChunkKey(
                name(value),
                value.path("filenode").asLong(),
                key.path("blocks").asLong(),
                value.path("chunk").asLong());
        Map<String, Map<Integer, Claim>> partitions = new TreeMap<>();
        value.path("offsets").properties().forEach(topic -> {
            Map<Integer, Claim> claims = new TreeMap<>();
            topic.getValue()
                    .properties()
                    .forEach(
                            partition -> claims.put(Integer.parseInt(partition.getKey()), claim(partition.getValue())));
            partitions.put(topic.getKey(), claims);
        });
        Chunk chunk = new Chunk(
                place,
                lsn(value),
                value.path("first_block").asLong(),
                value.path("next_block").asLong(),
                value.path("rows").asLong(),
                value.path("left_out").asLong(),
                hash(value),
                value.path("offsets_exact").asBoolean(),
                partitions);
        anchors.add(chunk.lsn());
        Chunk known = chunks.get(place);
        if (known == null || known.lsn().isBefore(chunk.lsn())) {
            chunks.put(place, chunk);
        }
        if (known != null && !known.lsn().equals(chunk.lsn())) {
            replaced.add(known.lsn().isBefore(chunk.lsn()) ? known : chunk);
        }
    }

    private static Claim claim(JsonNode range) {
        Long hash = hash(range);
        return new Claim(
                range.path("last").asLong(),
                hash == null || !range.path("rows").isNumber()
                        ? Optional.empty()
                        : Optional.of(new RowSum(range.path("rows").asLong(), hash)));
    }

    private static @Nullable Long hash(JsonNode value) {
        return value.path("hash").isTextual()
                ? Long.valueOf(Long.parseUnsignedLong(value.path("hash").asText(), 16))
                : null;
    }

    private static boolean isKeyed(JsonNode schema) {
        boolean keyed = !schema.path("key").isEmpty();
        for (JsonNode change : schema.path("changes")) {
            keyed &= !change.path("what").asText().equals("key_changed")
                    || !change.path("from").isEmpty();
        }
        return keyed;
    }

    private void takeSeam(JsonNode value) {
        if (!lsn(value).isBefore(seam)) {
            seam = lsn(value);
            generation = value.path("generation").asInt();
            leftOut = value.path("left_out").asLong();
        }
    }

    /** LSN of the newest seam; empty as long as not everything is copied. */
    public Optional<Lsn> seam() {
        return seam.equals(Lsn.NONE) || seam.isBefore(beginning) ? Optional.empty() : Optional.of(seam);
    }

    /** Number of the anchor at which the copy was completed. */
    public int generation() {
        return generation;
    }

    /** How many rows are in no topic. */
    public long leftOut() {
        return leftOut;
    }

    /** The newest TRUNCATE of a topic's table that committed before an LSN; {@link Truncation#NONE} if there was none. */
    Truncation truncation(String topic, Lsn before) {
        Truncation newest =
                truncations.getOrDefault(topic, Collections.emptyNavigableSet()).lower(new Truncation(before, -1));
        return newest == null || newest.lsn().isBefore(beginning) ? Truncation.NONE : newest;
    }

    /** What is claimed of each topic of the newest plan, in the order of their names. */
    public Collection<TopicClaims> topics() {
        Map<String, TopicClaims> topics = new TreeMap<>();
        Map<String, Relation> newest = newestPlan();
        Map<String, List<Chunk>> byRelation = new HashMap<>();
        chunks.values().stream()
                .filter(chunk -> !chunk.lsn().isBefore(beginning))
                .forEach(chunk -> byRelation
                        .computeIfAbsent(chunk.key().relation(), unused -> new ArrayList<>())
                        .add(chunk));
        newest.values().forEach(relation -> {
            TopicClaims claims = topics.computeIfAbsent(relation.topic(), TopicClaims::new);
            claim(relation, byRelation.getOrDefault(relation.name(), List.of()), claims);
            if (!keyed.getOrDefault(relation.publishedAs(), false)) {
                claims.mayBeWithoutKey();
            }
        });
        for (Chunk chunk : replaced) {
            Relation relation = newest.get(chunk.key().relation());
            TopicClaims claims = relation == null ? null : topics.get(relation.topic());
            if (claims != null && !chunk.lsn().isBefore(beginning)) {
                claims.copiedBefore();
            }
        }
        anchors.stream()
                .filter(anchor -> !anchor.isBefore(beginning))
                .forEach(anchor -> topics.values().forEach(claims -> claims.anchor(anchor)));
        return topics.values();
    }

    /** A plan names every relation that is covered from then on. */
    private Map<String, Relation> newestPlan() {
        Map<String, Relation> newest = new TreeMap<>();
        planned.forEach((lsn, relations) -> {
            if (!lsn.isBefore(beginning)) {
                newest.clear();
                newest.putAll(relations);
            }
        });
        return newest;
    }

    private void claim(Relation relation, List<Chunk> of, TopicClaims claims) {
        long file = relation.filenode() >= 0 ? relation.filenode() : newestFile(of);
        long chunksCovered = 0;
        long blocksCovered = 0;
        for (Chunk chunk : of) {
            if (chunk.key().filenode() != file
                    || (relation.blocksPerChunk() >= 0 && chunk.key().blocks() != relation.blocksPerChunk())) {
                claims.copiedBefore();
            } else if (chunk.key().number() < relation.chunks()) {
                chunksCovered++;
                blocksCovered += chunk.nextBlock() - chunk.firstBlock();
                claims.add(chunk.rows(), chunk.leftOut(), chunk.hash(), chunk.exact());
                chunk.partitions().getOrDefault(relation.topic(), Map.of()).forEach(claims::add);
                chunk.partitions().keySet().stream()
                        .filter(topic -> !topic.equals(relation.topic()))
                        .forEach(claims::rowsElsewhere);
            }
        }
        if (misfits.containsKey(relation.name())
                && !misfits.getOrDefault(relation.name(), Lsn.NONE).isBefore(beginning)) {
            claims.copiedBefore();
        }
        if (relation.blocks() == 0) {
            // There was nothing to copy.
            return;
        }
        claims.relation(
                relation.name(),
                relation.chunks(),
                chunksCovered,
                relation.blocks() < 0 ? blocksCovered : relation.blocks(),
                blocksCovered);
    }

    private static long newestFile(List<Chunk> chunks) {
        return chunks.stream()
                .max((one, other) ->
                        Long.compareUnsigned(one.lsn().value(), other.lsn().value()))
                .map(chunk -> chunk.key().filenode())
                .orElse(-1L);
    }
}
