package io.pgseam.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Which task copies which chunks of a plan. Each chunk goes to the task that has the fewest bytes so far, so that shares differ by one chunk at
 * most. The plan alone decides that, not what is done: the same plan gives the same shares, with any leader.
 */
public final class Deal {

    /** What a chunk costs besides its bytes, as bytes that take as long: tables without rows are shared out, too. */
    private static final long CHUNK_OVERHEAD_BYTES = 64 << 10;

    private final List<ChunkList> shares = new ArrayList<>();

    /** By the place of a relation in the plan, the task that has its last chunk; -1 if it has no chunk. */
    private final int[] lastTasks;

    /** @param tasks how many tasks share the plan, at least one */
    Deal(CopyPlan plan, int tasks) {
        lastTasks = new int[plan.relations().size()];
        PriorityQueue<Load> loads = new PriorityQueue<>();
        for (int number = 0; number < tasks; number++) {
            shares.add(new ChunkList(plan));
            loads.add(new Load(0, number));
        }
        for (int place = 0; place < lastTasks.length; place++) {
            lastTasks[place] = -1;
            PlannedRelation relation = plan.relations().get(place);
            for (long number = 0; number < relation.chunks(); number++) {
                Load least = loads.remove();
                shares.get(least.task).add(place, number);
                lastTasks[place] = least.task;
                loads.add(new Load(least.bytes + relation.bytesOf(number) + CHUNK_OVERHEAD_BYTES, least.task));
            }
        }
    }

    /**
     * The chunks of one task, in the order in which it reads them.
     *
     * @param task the task's number, from 0
     */
    public ChunkList share(int task) {
        return shares.get(task);
    }

    /**
     * The task that has the last chunk of a relation.
     *
     * @param place the relation's place in the plan, from 0
     * @return the task's number; -1 if nothing is copied of the relation
     */
    int lastTaskOf(int place) {
        return lastTasks[place];
    }

    /** How many bytes a task has to copy. */
    private record Load(long bytes, int task) implements Comparable<Load> {
        @Override
        public int compareTo(Load other) {
            int order = Long.compare(bytes, other.bytes);
            return order != 0 ? order : Integer.compare(task, other.task);
        }
    }
}
