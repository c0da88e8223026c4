package io.pgseam.tool.topic;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where copied rows end and changes begin, as the control topic says.
 *
 * @param generation number of the anchor at which the copy was completed
 * @param lsn its LSN
 * @param slot the slot from which the changes come
 * @param rows rows copied
 * @param exact whether the offsets cover every copied row
 * @param writtenMs when it was written, in ms since 1970
 * @param topics by topic the partitions that have copied rows, in order; empty for a topic of an empty table
 */
public record Seam(
        int generation,
        Lsn lsn,
        String slot,
        long rows,
        boolean exact,
        long writtenMs,
        Map<String, List<Partition>> topics) {

    /**
     * One partition that has copied rows.
     *
     * @param number the partition
     * @param first offset of the first copied row
     * @param last offset of the last copied row
     * @param changesFrom from this offset on there are changes only
     */
    public record Partition(int number, long first, long last, long changesFrom) {}

    public Seam {
        topics = new TreeMap<>(topics);
    }

    /** @param tables what the records of tables say, for a seam of so many topics that it does not say it itself */
    static Seam of(JsonNode record, Map<String, List<Partition>> tables) {
        Map<String, List<Partition>> topics = record.path("topics").isObject() ? topics(record.path("topics")) : tables;
        return new Seam(
                record.path("generation").asInt(),
                Lsn.parse(record.path("lsn").asText()),
                record.path("slot").asText(),
                record.path("rows").asLong(),
                record.path("offsets_exact").asBoolean(),
                record.path("ts_ms").asLong(),
                topics);
    }

    /** Reads offsets by topic and partition. */
    static Map<String, List<Partition>> topics(JsonNode offsets) {
        Map<String, List<Partition>> topics = new TreeMap<>();
        offsets.properties()
                .forEach(topic -> topics.put(
                        topic.getKey(),
                        topic.getValue().properties().stream()
                                .map(entry -> new Partition(
                                        Integer.parseInt(entry.getKey()),
                                        entry.getValue().path("first").asLong(),
                                        entry.getValue().path("last").asLong(),
                                        entry.getValue().path("changes_from").asLong()))
                                .sorted(Comparator.comparingInt(Partition::number))
                                .toList()));
        return topics;
    }

    /** What it says of one partition; empty if no row was copied to it. */
    public Optional<Partition> partition(String topic, int number) {
        return topics.getOrDefault(topic, List.of()).stream()
                .filter(partition -> partition.number() == number)
                .findFirst();
    }
}
