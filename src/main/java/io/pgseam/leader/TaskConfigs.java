package io.pgseam.leader;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.Lsn;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.AnchorSnapshot;
import io.pgseam.phase.PlanState;
import io.pgseam.snapshot.CopyAssignment;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlanReader;
import io.pgseam.snapshot.PlanTask;
import io.pgseam.snapshot.StoredPlan;
import io.pgseam.stream.StreamAssignment;
import io.pgseam.stream.StreamAssignment.Goal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Task configurations: the connector's own, and what the task is to do. The same work gives the same configurations, whoever
 * leads: Connect restarts tasks whose configuration changed.
 */
public final class TaskConfigs {

    private static final String ROLE = "pgseam.task.role";
    private static final String GENERATION = "pgseam.task.generation";
    private static final String ANCHOR = "pgseam.task.anchor";
    private static final String SNAPSHOT = "pgseam.task.snapshot";
    private static final String VIEW = "pgseam.task.view";
    private static final String OPENED = "pgseam.task.opened.ms";
    private static final String NUMBER = "pgseam.task.number";
    private static final String COUNT = "pgseam.task.count";
    private static final String PLAN = "pgseam.task.plan";
    private static final String PASSED_OVER = "pgseam.task.passed.over";
    private static final String PLANS = "pgseam.task.plans";
    private static final String PART = "pgseam.task.part.";
    private static final String UNUSED = "pgseam.task.unused";
    private static final String COPY = "copy";
    private static final String WRITE_PLAN = "plan";

    private TaskConfigs() {}

    /**
     * One configuration for each copy task: as many as allowed, but no more than there are chunks. Where there are topics that go
     * on, and more than one task is allowed, the first is the stream task.
     */
    static List<Map<String, String>> copy(
            Map<String, String> connector, Anchor anchor, AnchorSnapshot snapshot, StoredPlan stored, int maxTasks) {
        CopyPlan plan = stored.plan();
        List<Map<String, String>> configs = new ArrayList<>();
        if (streamsBesideCopy(plan, anchor, maxTasks)) {
            configs.addAll(
                    stream(connector, new StreamAssignment(Goal.BESIDE_COPY, anchor, snapshot, plan), stored.text()));
        }
        int tasks = copyTasks(plan, anchor, maxTasks);
        for (int task = 0; task < tasks; task++) {
            Map<String, String> config = base(connector, COPY, anchor, snapshot);
            config.put(NUMBER, String.valueOf(task));
            config.put(COUNT, String.valueOf(tasks));
            config.put(PLAN, stored.text());
            configs.add(config);
        }
        return configs;
    }

    private static boolean streamsBesideCopy(CopyPlan plan, Anchor anchor, int maxTasks) {
        return maxTasks > 1 && !plan.goingOn(anchor.generation()).isEmpty();
    }

    /** How many tasks copy a plan. */
    static int copyTasks(CopyPlan plan, Anchor anchor, int maxTasks) {
        return (int) Math.min(streamsBesideCopy(plan, anchor, maxTasks) ? maxTasks - 1 : maxTasks, plan.chunks());
    }

    /** One configuration for each task that writes parts of a plan into the ledger. */
    static List<Map<String, String>> plan(Map<String, String> connector, List<PlanTask.Assignment> assignments) {
        List<Map<String, String>> configs = new ArrayList<>();
        for (PlanTask.Assignment assignment : assignments) {
            Map<String, String> config = base(connector, WRITE_PLAN, assignment.anchor(), AnchorSnapshot.NONE);
            config.put(NUMBER, String.valueOf(configs.size()));
            config.put(PLANS, assignment.plans());
            config.put(UNUSED, String.join(",", assignment.unused()));
            assignment.parts().forEach((digest, text) -> config.put(PART + digest, text));
            configs.add(config);
        }
        return configs;
    }

    /**
     * The configuration of the one stream task.
     *
     * @param plan what stands for the plan of the assignment
     */
    static List<Map<String, String>> stream(Map<String, String> connector, StreamAssignment assignment, String plan) {
        Map<String, String> config = base(
                connector,
                assignment.goal().name().toLowerCase(Locale.ROOT),
                assignment.anchor(),
                assignment.snapshot());
        config.put(PLAN, plan);
        if (!assignment.passedOver().isEmpty()) {
            config.put(
                    PASSED_OVER,
                    assignment.passedOver().stream()
                            .sorted()
                            .map(String::valueOf)
                            .collect(Collectors.joining(",")));
        }
        return List.of(config);
    }

    private static Map<String, String> base(
            Map<String, String> connector, String role, Anchor anchor, AnchorSnapshot snapshot) {
        Map<String, String> config = new TreeMap<>(connector);
        config.put(ROLE, role);
        config.put(GENERATION, String.valueOf(anchor.generation()));
        config.put(ANCHOR, anchor.lsn().toString());
        config.put(SNAPSHOT, snapshot.id());
        config.put(VIEW, snapshot.view());
        config.put(OPENED, String.valueOf(snapshot.openedMs()));
        return config;
    }

    /** Whether the task with this configuration copies. One that does not, and does not write a plan either, streams. */
    public static boolean isCopy(Map<String, String> config) {
        return COPY.equals(config.get(ROLE));
    }

    /** Whether the task with this configuration writes parts of a plan into the ledger. */
    public static boolean writesPlan(Map<String, String> config) {
        return WRITE_PLAN.equals(config.get(ROLE));
    }

    /** What tells the task with this configuration from the other tasks that the connector has at the time. */
    public static String role(Map<String, String> config) {
        return isCopy(config) || writesPlan(config) ? config.get(ROLE) + "-" + required(config, NUMBER) : "stream";
    }

    /**
     * What the task with this configuration is to write into the ledger.
     *
     * @throws IllegalArgumentException if the connector did not write it
     */
    public static PlanTask.Assignment planAssignment(Map<String, String> config) {
        Map<String, String> parts = new TreeMap<>();
        config.forEach((name, value) -> {
            if (name.startsWith(PART)) {
                parts.put(name.substring(PART.length()), value);
            }
        });
        String unused = required(config, UNUSED);
        return new PlanTask.Assignment(
                anchor(config),
                required(config, PLANS),
                parts,
                unused.isEmpty() ? List.of() : List.of(unused.split(",")));
    }

    /**
     * What the copy task with this configuration is to do.
     *
     * @param plans reads the plan
     * @throws IllegalArgumentException where the connector did not write it
     */
    public static CopyAssignment copyAssignment(Map<String, String> config, PlanReader plans) {
        return new CopyAssignment(
                anchor(config),
                snapshot(config),
                Integer.parseInt(required(config, NUMBER)),
                Integer.parseInt(required(config, COUNT)),
                plans.read(required(config, PLAN)));
    }

    /**
     * What the ledger has to know of the copy that the task with this configuration takes part in or leads to.
     *
     * @param settings of the task
     */
    public static PlanState planState(Map<String, String> config, PgSeamSettings settings) {
        Anchor anchor = anchor(config);
        return new PlanState(
                anchor.generation(),
                anchor.lsn(),
                snapshot(config),
                settings.scope(),
                required(config, PLAN),
                settings.replication().hasEarlierNames());
    }

    /**
     * What the stream task with this configuration is to do.
     *
     * @param plans reads the plan
     * @throws IllegalArgumentException where the connector did not write it
     */
    public static StreamAssignment streamAssignment(Map<String, String> config, PlanReader plans) {
        return new StreamAssignment(
                StreamAssignment.Goal.valueOf(required(config, ROLE).toUpperCase(Locale.ROOT)),
                anchor(config),
                snapshot(config),
                plans.read(required(config, PLAN)),
                passedOver(config));
    }

    private static Set<Long> passedOver(Map<String, String> config) {
        String oids = config.get(PASSED_OVER);
        return oids == null
                ? Set.of()
                : Arrays.stream(oids.split(",")).map(Long::valueOf).collect(Collectors.toSet());
    }

    private static Anchor anchor(Map<String, String> config) {
        return new Anchor(Integer.parseInt(required(config, GENERATION)), Lsn.parse(required(config, ANCHOR)));
    }

    private static AnchorSnapshot snapshot(Map<String, String> config) {
        return new AnchorSnapshot(
                required(config, SNAPSHOT), required(config, VIEW), Long.parseLong(required(config, OPENED)));
    }

    private static String required(Map<String, String> config, String name) {
        String value = config.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the task's configuration has no " + name);
        }
        return value;
    }
}
