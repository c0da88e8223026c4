package io.pgseam.snapshot;

import io.pgseam.snapshot.CopyPlan.PlannedChunk;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.RandomAccess;

/** Chunks of a plan, at eight bytes each: a plan may have a million. An element is made when it is asked for. */
public final class ChunkList extends AbstractList<PlannedChunk> implements RandomAccess {

    private static final int FIRST_CAPACITY = 16;

    private final CopyPlan plan;
    private int[] relations = new int[FIRST_CAPACITY];
    private int[] numbers = new int[FIRST_CAPACITY];
    private int size;

    ChunkList(CopyPlan plan) {
        this.plan = plan;
    }

    /**
     * Adds a chunk at the end.
     *
     * @param relation the place of its relation in the plan, from 0: that of the last chunk, or a later one
     * @param number its place on the grid of the relation, from 0
     */
    void add(int relation, long number) {
        if (size == relations.length) {
            relations = Arrays.copyOf(relations, 2 * size);
            numbers = Arrays.copyOf(numbers, 2 * size);
        }
        relations[size] = relation;
        numbers[size] = Math.toIntExact(number);
        size++;
    }

    @Override
    public PlannedChunk get(int index) {
        PlannedRelation relation = plan.relations().get(relationAt(index));
        return new PlannedChunk(relation, relation.chunk(numbers[index]));
    }

    /** The place in the plan of the relation of the chunk at an index. */
    public int relationAt(int index) {
        if (index >= size) {
            throw new IndexOutOfBoundsException(index);
        }
        return relations[index];
    }

    @Override
    public int size() {
        return size;
    }

    /** The index of the first chunk, after the one at an index, that is of another relation; the size if there is none. */
    public int endOfRelation(int index) {
        int low = index;
        int high = size;
        // Chunks are added in the order of their relations.
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (relations[middle] == relations[index]) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }
}
