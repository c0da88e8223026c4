package io.pgseam.snapshot;

import io.pgseam.control.ControlRecords;
import io.pgseam.control.CopyRecords;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.TableId;
import io.pgseam.pg.session.Sessions;
import io.pgseam.phase.PlanState;
import io.pgseam.record.TableRecordsFactory;
import io.pgseam.task.DroppedRecords;
import io.pgseam.task.MessageLimit;
import io.pgseam.task.TaskRole;
import io.pgseam.task.TransactionBoundary;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy task: reads its share of the plan inside the anchor's snapshot, and hands the rows to Connect in batches.
 *
 * <p>A chunk is done when Kafka has acknowledged all its rows; then a record on the control topic says so, and its source
 * offset is what calls the chunk done (invariant I5). {@link CopyReader} reads ahead of Connect, so {@link #poll} never waits for
 * the source. A batch is a Kafka transaction of its own (invariant I15).
 */
public final class CopyTask implements TaskRole {

    private static final Logger LOG = LoggerFactory.getLogger(CopyTask.class);

    /** How long a poll waits for rows, and as long again for more of them. */
    private static final long POLL_MS = 300;

    private final CopyAssignment assignment;
    private final TransactionBoundary transactions;
    private final ReadAhead ahead;
    private final ChunkCompletion completion;
    private final DoneTables tables;
    private final CopyReader reader;
    private final CopyProgressLog progressLog;
    private final CopyMetrics metrics;
    private boolean saidFinished;

    /**
     * Starts to read.
     *
     * @param server {@code topic.prefix}
     * @param planState the assignment as the next leader has to find it in the ledger
     * @param topics the topic of a table
     * @param metrics where the task says how it gets on
     */
    public CopyTask(
            String server,
            CopyAssignment assignment,
            PlanState planState,
            CopySettings settings,
            Sessions sessions,
            Ledger ledger,
            ControlRecords control,
            TransactionBoundary transactions,
            MessageLimit limit,
            TableRecordsFactory recordsFactory,
            Function<TableId, String> topics,
            CopyMetrics metrics) {
        this.metrics = metrics;
        this.assignment = assignment;
        this.transactions = transactions;
        ahead = new ReadAhead(settings.maxQueueBytes(), settings.batchBytes(), settings.maxBatchRecords());
        DroppedRecords dropped = new DroppedRecords(Clock.systemUTC());
        metrics.dropped(dropped);
        Deal deal = assignment.plan().deal(assignment.tasks());
        tables = new DoneTables(
                assignment, deal, ledger, new TableDoneRecords(server, new CopyRecords(control), topics));
        completion = new ChunkCompletion(
                assignment, control, tables, dropped, new SentRows(settings.sentAsMade()), Clock.systemUTC());
        ShareAnnouncer announcer = new ShareAnnouncer(server, assignment, planState, control, ledger, sessions, topics);
        reader = new CopyReader(
                server,
                assignment,
                new PendingChunks(assignment.plan(), deal.share(assignment.task()), ledger, tables),
                settings,
                sessions,
                ledger,
                limit,
                recordsFactory,
                announcer,
                completion,
                ahead,
                metrics);
        metrics.queue(ahead, settings.maxQueueBytes());
        progressLog = new CopyProgressLog(assignment);
        reader.start();
        tables.start();
    }

    @Override
    public @Nullable List<SourceRecord> poll() throws InterruptedException {
        ahead.forgetWake();
        List<SourceRecord> batch = new ArrayList<>(completion.manifests());
        metrics.chunks(batch.size());
        batch.addAll(tables.found());
        for (Piece piece : ahead.take(POLL_MS)) {
            piece.addTo(batch);
            progressLog.add(piece.rows(), piece.textBytes());
            ChunkReader chunk = piece.chunk();
            if (chunk != null) {
                metrics.taken(chunk.planned().relation().table().id(), piece.rows(), piece.textBytes());
            }
        }
        progressLog.logNowAndThen();
        if (!batch.isEmpty()) {
            transactions.commit();
            return batch;
        }
        reader.ensureNotFailed();
        if (reader.isFinished()) {
            rest();
        }
        return null;
    }

    /** Everything is read; chunks may wait for their acknowledgements. The session stays: another leader may need its snapshot. */
    private void rest() throws InterruptedException {
        if (!saidFinished && completion.isEmpty()) {
            saidFinished = true;
            LOG.info("Copy task {} has finished its share at {}", assignment.number(), assignment.anchor());
        }
        ahead.awaitWake(POLL_MS);
    }

    @Override
    public void acknowledged(SourceRecord record, @Nullable RecordMetadata position) {
        if (completion.acknowledged(record, position)) {
            ahead.wake();
        }
    }

    @Override
    public void committed() {
        // Nothing waits for commits: the leader reads the ledger itself.
    }

    @Override
    public void close() {
        tables.close();
        reader.close();
    }
}
