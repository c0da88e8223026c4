package io.pgseam.snapshot;

import io.pgseam.control.CopyRecords;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.PlanPart;
import io.pgseam.task.TaskRole;
import io.pgseam.task.TransactionBoundary;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes parts of a plan into the ledger, as the leader cannot, by the source offsets of records on the control topic; and deletes parts of plans
 * that nothing refers to any more. Asks the source nothing. Once the parts are committed, the leader gives the tasks other work.
 */
public final class PlanTask implements TaskRole {

    private static final long POLL_MS = 300;

    private final TransactionBoundary transactions;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private @Nullable List<SourceRecord> records;

    /**
     * What a task is to write.
     *
     * @param anchor at which the plan is copied
     * @param plans the list of plans of which the ledger may have parts
     * @param parts texts by their digests
     * @param unused digests of parts to delete
     */
    public record Assignment(Anchor anchor, String plans, Map<String, String> parts, Collection<String> unused) {

        /** In short, for the log: a part is long. */
        @Override
        public String toString() {
            return "write " + parts.size() + " parts of the plan of " + anchor + ", delete " + unused.size();
        }
    }

    /** @param server {@code topic.prefix} */
    public PlanTask(String server, Assignment assignment, CopyRecords control, TransactionBoundary transactions) {
        this.transactions = transactions;
        List<SourceRecord> all = new ArrayList<>();
        // The list first: whatever is written can be found again.
        all.add(control.planPart(
                assignment.anchor(), "", 0, PlanPart.listPartition(server), PlanPart.listOffset(assignment.plans())));
        assignment
                .parts()
                .forEach((digest, text) -> all.add(control.planPart(
                        assignment.anchor(),
                        digest,
                        text.length(),
                        PlanPart.sourcePartition(server, digest),
                        PlanPart.toSourceOffset(text))));
        assignment
                .unused()
                .forEach(digest -> all.add(control.planPart(
                        assignment.anchor(), digest, 0, PlanPart.sourcePartition(server, digest), null)));
        records = all;
    }

    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        List<SourceRecord> batch = records;
        if (batch == null) {
            boolean unused = stopped.await(POLL_MS, TimeUnit.MILLISECONDS);
            return null;
        }
        records = null;
        transactions.commit();
        return batch;
    }

    @Override
    public void acknowledged(SourceRecord record, @Nullable RecordMetadata position) {
        // The leader reads the ledger itself.
    }

    @Override
    public void committed() {
        // The leader reads the ledger itself.
    }

    @Override
    public void close() {
        stopped.countDown();
    }
}
