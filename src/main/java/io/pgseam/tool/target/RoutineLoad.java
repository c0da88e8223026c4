package io.pgseam.tool.target;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.tool.outcome.CommandFailure;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A job of StarRocks or Doris, as SHOW ROUTINE LOAD shows it.
 *
 * @param name its name
 * @param state NEED_SCHEDULE, RUNNING, PAUSED, UNSTABLE; jobs that were stopped or cancelled are not shown
 * @param reason why it is in this state; empty if nothing is said
 * @param consumed for each partition that it has read from, the offset of the last message that was loaded
 */
public record RoutineLoad(String name, String state, String reason, SortedMap<Integer, Long> consumed) {

    private static final ObjectMapper JSON = new ObjectMapper();

    public RoutineLoad {
        consumed = new TreeMap<>(consumed);
    }

    /** Whether it waits for a person to resume it. */
    public boolean isPaused() {
        return state.equals("PAUSED");
    }

    /**
     * The jobs of a database by their names; of several of one name the newest.
     *
     * @throws CommandFailure if the database does not exist, or the server refuses otherwise
     */
    public static Map<String, RoutineLoad> all(Target target, String database) {
        // Both servers know SHOW ROUTINE LOAD of the current database; of a job that does not exist they report an
        // error.
        target.execute("USE `" + database.replace("`", "``") + "`");
        Map<String, RoutineLoad> jobs = new HashMap<>();
        target.rows("SHOW ROUTINE LOAD").stream()
                .sorted(Comparator.comparing(row -> row.columns().contains("Id") ? number(row.get("Id")) : 0L))
                .map(RoutineLoad::of)
                .forEach(job -> jobs.put(job.name(), job));
        return jobs;
    }

    private static long number(@Nullable String text) {
        return text == null ? 0 : Long.parseLong(text);
    }

    private static RoutineLoad of(Row row) {
        String reason = row.get("ReasonOfStateChanged");
        return new RoutineLoad(
                row.text("Name"), row.text("State"), reason == null ? "" : reason, consumed(row.get("Progress")));
    }

    /** {@code {"0":"41","1":"OFFSET_BEGINNING"}}: words stand for partitions that nothing was read from. */
    static SortedMap<Integer, Long> consumed(@Nullable String progress) {
        SortedMap<Integer, Long> offsets = new TreeMap<>();
        if (progress == null || progress.isBlank()) {
            return offsets;
        }
        JsonNode tree;
        try {
            tree = JSON.readTree(progress);
        } catch (JsonProcessingException e) {
            throw new CommandFailure("SHOW ROUTINE LOAD has a progress that is not JSON: " + progress, e);
        }
        for (Map.Entry<String, JsonNode> partition : tree.properties()) {
            String offset = partition.getValue().asText();
            if (offset.matches("\\d+")) {
                offsets.put(Integer.valueOf(partition.getKey()), Long.valueOf(offset));
            }
        }
        return offsets;
    }
}
