package io.pgseam.leader;

import io.pgseam.ledger.Ledger;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.PlanState;
import io.pgseam.snapshot.PlanReader;
import io.pgseam.snapshot.PlanTask;
import io.pgseam.snapshot.StoredPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has tasks write a long plan into the ledger, before any task is configured to work by it. A leader cannot write, so the parts go to tasks in
 * their configurations, as many at a time as have room there. Belongs to the leader's thread.
 */
final class PlanCarriage {

    private static final Logger LOG = LoggerFactory.getLogger(PlanCarriage.class);

    /** Characters in one task's configuration: Connect keeps it in one Kafka record, of 1 MiB at most by default. */
    private static final int MOST_LENGTH = 700_000;

    /**
     * How long tasks are left alone at first. Without exactly-once support, Connect commits offsets each {@code offset.flush.interval.ms}, and
     * when it stops a task; so they are stopped to have that done. If they had not begun by then, the next ones have twice the time.
     */
    private static final Duration FIRST_PATIENCE = Duration.ofSeconds(3);

    private static final Duration LONGEST_PATIENCE = Duration.ofMinutes(2);

    private final Map<String, String> connectorConfig;
    private final int mostTasks;
    private final Ledger ledger;
    private final PlanReader plans;
    private final TaskAssignments tasks;
    private String written = "";
    private @Nullable Carried carried;

    /** @param mostTasks {@code tasks.max} */
    PlanCarriage(
            Map<String, String> connectorConfig,
            int mostTasks,
            Ledger ledger,
            PlanReader plans,
            TaskAssignments tasks) {
        this.connectorConfig = connectorConfig;
        this.mostTasks = mostTasks;
        this.ledger = ledger;
        this.plans = plans;
        this.tasks = tasks;
    }

    /** The plan that is being written. */
    private static final class Carried {
        private final String text;
        private final TaskAssignments.Work before;
        private final Set<String> underWay = new HashSet<>();
        private long patienceNanos = FIRST_PATIENCE.toNanos();
        private long since;
        private boolean stopped;

        Carried(String text, TaskAssignments.Work before) {
            this.text = text;
            this.before = before;
        }
    }

    /**
     * Whether the ledger has the plan of this copy, so that tasks may be given it; else has what is missing written.
     */
    boolean isDone(HeldAnchor copy) throws InterruptedException {
        StoredPlan stored = copy.stored();
        if (stored.parts().isEmpty() || stored.text().equals(written)) {
            return true;
        }
        Set<String> missing = new LinkedHashSet<>(stored.parts().keySet());
        missing.removeAll(ledger.planParts(missing).keySet());
        if (missing.isEmpty()) {
            if (carried != null && !tasks.awaitStarted()) {
                return false;
            }
            LOG.info("The plan of {} is written: {}", copy.anchor(), stored);
            written = stored.text();
            carried = null;
            return true;
        }
        Carried now = carried;
        if (now == null || !now.text.equals(stored.text())) {
            now = new Carried(stored.text(), beside(copy));
            carried = now;
        }
        carry(copy, now, missing);
        return false;
    }

    /** The work of the stream task meanwhile, if it passes over what is copied at the anchor; else none. */
    private TaskAssignments.Work beside(HeldAnchor copy) {
        return copy.added() ? tasks.work() : maxTasks -> List.of();
    }

    private void carry(HeldAnchor copy, Carried now, Set<String> missing) throws InterruptedException {
        long clock = System.nanoTime();
        if (now.underWay.stream().anyMatch(missing::contains)) {
            if (clock - now.since < now.patienceNanos) {
                return;
            }
            now.since = clock;
            if (!now.stopped) {
                now.stopped = true;
                tasks.assign(now.before);
                return;
            }
            now.patienceNanos = Math.min(2 * now.patienceNanos, LONGEST_PATIENCE.toNanos());
        }
        List<PlanTask.Assignment> assignments = assignments(copy, missing);
        now.underWay.clear();
        assignments.forEach(assignment -> now.underWay.addAll(assignment.parts().keySet()));
        now.since = clock;
        now.stopped = false;
        LOG.info(
                "The plan of {} is written into Connect's offsets: {} of {} parts are missing, {} task(s) write {}",
                copy.anchor(),
                missing.size(),
                copy.stored().parts().size(),
                assignments.size(),
                now.underWay.size());
        TaskAssignments.Work before = now.before;
        TaskAssignments.Work work = maxTasks -> {
            List<Map<String, String>> configs = new ArrayList<>(maxTasks > 1 ? before.configs(1) : List.of());
            configs.addAll(TaskConfigs.plan(connectorConfig, assignments));
            return configs.subList(0, Math.min(configs.size(), maxTasks));
        };
        tasks.assign(work);
    }

    /** What the next tasks write: as much as has room in their configurations. */
    private List<PlanTask.Assignment> assignments(HeldAnchor copy, Set<String> missing) {
        Anchor anchor = copy.anchor();
        Map<String, String> parts = copy.stored().parts();
        Set<String> listed = listed(copy.stored());
        String list = String.join(",", listed);
        List<PlanTask.Assignment> assignments = new ArrayList<>();
        Map<String, String> some = new LinkedHashMap<>();
        int length = 0;
        int most = copy.added() && mostTasks > 1 ? mostTasks - 1 : mostTasks;
        for (String digest : missing) {
            String text = parts.getOrDefault(digest, "");
            if (length + text.length() > MOST_LENGTH) {
                assignments.add(new PlanTask.Assignment(anchor, list, some, Set.of()));
                some = new LinkedHashMap<>();
                length = 0;
            }
            if (assignments.size() == most) {
                return assignments;
            }
            some.put(digest, text);
            length += text.length() + digest.length();
        }
        assignments.add(new PlanTask.Assignment(anchor, list, some, unused(copy.stored(), listed)));
        return assignments;
    }

    /** Indexes of the plans of which the ledger may have parts, the next one included. Those that are deleted are left out the next time. */
    private Set<String> listed(StoredPlan next) {
        Set<String> listed = new LinkedHashSet<>();
        for (String index : ledger.storedPlans().split(",", -1)) {
            if (!plans.partsOf(index).isEmpty()) {
                listed.add(index);
            }
        }
        listed.add(StoredPlan.indexOf(next.text()));
        return listed;
    }

    /** What the ledger has of plans that are neither in force nor to follow. */
    private Set<String> unused(StoredPlan next, Set<String> listed) {
        Set<String> used = new HashSet<>(next.parts().keySet());
        PlanState newest = ledger.plan();
        String inForce = newest == null ? "" : StoredPlan.indexOf(newest.plan());
        used.addAll(plans.partsOf(inForce));
        Set<String> unused = new LinkedHashSet<>();
        for (String index : listed) {
            unused.addAll(plans.partsOf(index));
        }
        unused.removeAll(used);
        return unused;
    }
}
