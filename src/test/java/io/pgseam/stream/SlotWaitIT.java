package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.control.ControlRecords;
import io.pgseam.ledger.Ledger;
import io.pgseam.metrics.MetricRegistry;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.session.Sessions;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.AnchorSnapshot;
import io.pgseam.phase.PlanState;
import io.pgseam.phase.StreamLimits;
import io.pgseam.phase.StreamPosition;
import io.pgseam.record.JsonForm;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.CopyPlanCodec;
import io.pgseam.stream.StreamAssignment.Goal;
import io.pgseam.task.MessageLimit;
import io.pgseam.task.OversizePolicy;
import io.pgseam.task.TransactionBoundary;
import io.pgseam.testing.CommittedOffsets;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.postgresql.jdbc.PgConnection;

/** A stream task whose slot another session reads: it waits for as long as it takes, and says for whom. */
class SlotWaitIT {

    private static final StreamSettings SETTINGS = new StreamSettings(
            "slot",
            "publication",
            100,
            1 << 20,
            100,
            10_000,
            10_000,
            true,
            false,
            StreamLimits.NONE,
            false,
            true,
            SignalChannels.NONE,
            null,
            null);

    private static final int MOST_POLLS = 200;

    @Test
    void waitsForWhoeverReadsTheSlotAndSaysForWhom() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase();
                Sessions sessions = new Sessions(database.connectionSettings());
                PgConnection other = sessions.openReplication("other")) {
            StreamPosition position = createSlot(database);
            hold(database, other);
            LogFile log = LogFile.fromNow();
            StreamTask task = task(database, sessions, position);
            try {
                Eventually.holds("the task has tried twice", () -> {
                    assertThat(task.poll()).isNullOrEmpty();
                    return attempts(log, database) >= 2;
                });
                assertThat(log.lines(slot(database), "is read by pid " + other.getBackendPID(), "other", "since 20"))
                        .as("who reads it")
                        .isNotEmpty();
                other.abort(Runnable::run);
                assertThat(pollUntilRecords(task)).isNotEmpty();
            } finally {
                task.close();
            }
        }
    }

    private static List<SourceRecord> pollUntilRecords(StreamTask task) throws InterruptedException {
        for (int poll = 0; poll < MOST_POLLS; poll++) {
            List<SourceRecord> records = task.poll();
            if (records != null && !records.isEmpty()) {
                return records;
            }
        }
        throw new AssertionError("neither a record nor a failure after " + MOST_POLLS + " polls");
    }

    private static int attempts(LogFile log, TestDatabase database) throws Exception {
        return log.lines(slot(database), "is active for PID", "tries again").size();
    }

    private static String slot(TestDatabase database) {
        return "slot_of_" + database.name();
    }

    /** The slot, and a position of a stream that is past its seam. */
    private static StreamPosition createSlot(TestDatabase database) throws SQLException {
        database.execute("CREATE PUBLICATION publication");
        String lsn = database.queryOne(
                "SELECT lsn::text FROM pg_create_logical_replication_slot('" + slot(database) + "', 'pgoutput')");
        return StreamPosition.before(Lsn.parse(lsn), 1, 1);
    }

    private static void hold(TestDatabase database, PgConnection other) throws SQLException {
        other.getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(slot(database))
                .withSlotOption("proto_version", 1)
                .withSlotOption("publication_names", "publication")
                .start();
    }

    private static StreamTask task(TestDatabase database, Sessions sessions, StreamPosition position) {
        String server = database.name();
        CommittedOffsets committed = new CommittedOffsets();
        committed.commit(StreamPosition.sourcePartition(server), position.toSourceOffset());
        ControlRecords control = new ControlRecords(server, server + ".seam", JsonForm.BYTES, Clock.systemUTC());
        Anchor anchor = new Anchor(1, position.lsn());
        return new StreamTask(
                server,
                new StreamAssignment(Goal.STREAM, anchor, AnchorSnapshot.NONE, CopyPlan.NOTHING),
                new PlanState(1, anchor.lsn(), AnchorSnapshot.NONE, "", CopyPlanCodec.encode(CopyPlan.NOTHING), false),
                new StreamSettings(
                        slot(database),
                        SETTINGS.publication(),
                        SETTINGS.maxBatchRecords(),
                        SETTINGS.maxQueueBytes(),
                        SETTINGS.heartbeatIntervalMs(),
                        SETTINGS.statusIntervalMs(),
                        SETTINGS.catalogLookMs(),
                        SETTINGS.failOnTruncate(),
                        SETTINGS.completeToast(),
                        SETTINGS.limits(),
                        SETTINGS.replaceInvalidText(),
                        SETTINGS.copies(),
                        SETTINGS.signals(),
                        SETTINGS.messages(),
                        SETTINGS.transactions()),
                sessions,
                new Ledger(server, committed),
                control,
                new TransactionBoundary(null),
                new MessageLimit(Long.MAX_VALUE, OversizePolicy.FAIL, control, Clock.systemUTC()),
                new FakeCatalog(),
                (table, columns) -> {
                    throw new AssertionError("there is no table");
                },
                table -> server + "." + table,
                new StreamMetrics(MetricRegistry.NONE, 0));
    }
}
