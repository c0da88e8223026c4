package io.pgseam.tool.load;

import io.pgseam.tool.dialect.Dialect;
import io.pgseam.tool.dialect.TargetTable;
import io.pgseam.tool.target.RoutineLoad;
import io.pgseam.tool.target.Target;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The Routine Load jobs of StarRocks or Doris. */
final class JobProgress implements LoadProgress {

    private final Dialect dialect;
    private final String database;
    private final Target target;

    JobProgress(Dialect dialect, String database, Target target) {
        this.dialect = dialect;
        this.database = database;
        this.target = target;
    }

    @Override
    public Map<TargetTable, LoadState> look(Collection<TargetTable> tables) {
        Map<String, RoutineLoad> jobs = RoutineLoad.all(target, database);
        Map<TargetTable, LoadState> states = new HashMap<>();
        for (TargetTable table : tables) {
            String name = dialect.loadName(table);
            states.put(table, state(name, jobs.get(name)));
        }
        return states;
    }

    private LoadState state(String name, @Nullable RoutineLoad job) {
        if (job == null) {
            return LoadState.missing("there is no job " + name + " in database " + database + ": pgseam "
                    + dialect.kind().scheme() + " routine-load writes it");
        }
        Map<Integer, Long> next = new HashMap<>();
        job.consumed().forEach((partition, offset) -> next.put(partition, offset + 1));
        Optional<String> obstacle = job.isPaused()
                ? Optional.of(
                        "job " + name + " is paused: " + (job.reason().isEmpty() ? "no reason is given" : job.reason()))
                : Optional.empty();
        return new LoadState(true, new TreeMap<>(next), obstacle, Optional.empty());
    }
}
