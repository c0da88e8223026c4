package io.pgseam.testing.routineload;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A job as a CREATE ROUTINE LOAD describes it.
 *
 * @param merge whether it is Doris' WITH MERGE, where {@code __op} = 1 deletes and {@code __ver} orders
 * @param columns the fields that COLUMNS names, without those that it computes; empty for a job without COLUMNS
 * @param properties the job's and Kafka's properties
 */
record LoadJob(boolean merge, List<String> columns, Map<String, String> properties) {

    private static final Pattern PROPERTY = Pattern.compile("^ {2}\"([^\"]+)\" = \"([^\"]*)\"", Pattern.MULTILINE);
    private static final Pattern COLUMNS = Pattern.compile("^COLUMNS \\((.*)\\),?$", Pattern.MULTILINE);

    static LoadJob parse(String sql) {
        Map<String, String> properties = new TreeMap<>();
        Matcher property = PROPERTY.matcher(sql);
        while (property.find()) {
            properties.put(property.group(1), property.group(2));
        }
        Matcher columns = COLUMNS.matcher(sql);
        List<String> fields = columns.find()
                ? Arrays.stream(columns.group(1).split(", "))
                        .filter(field -> !field.contains(" = "))
                        .map(field -> field.replace("`", ""))
                        .toList()
                : List.of();
        return new LoadJob(sql.contains("WITH MERGE"), fields, properties);
    }

    /** Whether {@code __op} of messages is looked at: StarRocks does it by itself, unless COLUMNS computes it. */
    boolean deletes() {
        return merge || columns.isEmpty();
    }

    /** Whether an older version of a row never replaces a newer one. */
    boolean ordered() {
        return merge || properties.containsKey("merge_condition");
    }

    String topic() {
        return properties.get("kafka_topic");
    }

    SortedMap<Integer, Long> offsets() {
        String[] partitions = properties.get("kafka_partitions").split(",");
        String[] offsets = properties.get("kafka_offsets").split(",");
        SortedMap<Integer, Long> start = new TreeMap<>();
        for (int i = 0; i < partitions.length; i++) {
            start.put(Integer.valueOf(partitions[i]), Long.valueOf(offsets[i]));
        }
        return start;
    }

    /** Whether a row that does not fit stops the job, instead of being dropped. */
    boolean pausesOnBadRows() {
        return "0".equals(properties.get("max_filter_ratio"))
                && "0".equals(properties.get("max_error_number"))
                && "true".equals(properties.get("strict_mode"));
    }
}
