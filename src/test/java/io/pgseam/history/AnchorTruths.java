package io.pgseam.history;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.Lsn;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TableContents;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * What the source had at each anchor, read inside the anchor's snapshot, which a copy task's word on the control topic lets
 * anybody import. Where a snapshot is gone before it can be read, there is no truth for that anchor.
 */
final class AnchorTruths implements AutoCloseable {

    /** An anchor and a snapshot of it. */
    private record Share(Lsn lsn, String snapshot) {}

    private final TestDatabase database;
    private final List<String> tables;
    private final Timeline timeline;
    private final Map<Lsn, Map<String, TableContents>> truths = new ConcurrentHashMap<>();
    private final BlockingQueue<Share> shares = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::run, "anchor truths");
    private Lsn lastRewrite = Lsn.NONE;

    /** @param tables the tables to read, as {@code schema.table} */
    AnchorTruths(TestDatabase database, List<String> tables, Timeline timeline) {
        this.database = database;
        this.tables = tables;
        this.timeline = timeline;
        thread.setDaemon(true);
        thread.start();
    }

    /** A record of the control topic. */
    void take(JsonNode record) {
        if (record.path("type").asText().equals("share")) {
            shares.add(new Share(
                    Lsn.parse(record.path("lsn").asText()),
                    record.path("snapshot").asText()));
        }
    }

    private void run() {
        try {
            while (true) {
                Share share = shares.take();
                if (!truths.containsKey(share.lsn())) {
                    read(share);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A table that was rewritten since the anchor looks empty, or otherwise, in its snapshot. */
    private synchronized void read(Share share) {
        if (lastRewrite.isAfter(share.lsn())) {
            timeline.note("oracle", "no truth for %s: a table was rewritten since", share.lsn());
            return;
        }
        try (Connection connection = database.connect()) {
            SourceTruth truth = SourceTruth.atSnapshot(connection, share.snapshot());
            Map<String, TableContents> contents = new LinkedHashMap<>();
            for (String table : tables) {
                contents.put(table, truth.contents(table));
            }
            truths.put(share.lsn(), contents);
            timeline.note("oracle", "has the truth of %s", share.lsn());
        } catch (SQLException e) {
            timeline.note("oracle", "no truth for %s yet: %s", share.lsn(), e.getMessage());
        }
    }

    /**
     * Runs what rewrites tables, while no truth is being read.
     *
     * @param written the database whose tables they are
     */
    synchronized void rewriting(TestDatabase written, RewritingAction action) throws SQLException {
        action.run();
        lastRewrite = written.now();
    }

    /** Something that rewrites a table. */
    interface RewritingAction {
        void run() throws SQLException;
    }

    /** What each table had at the anchor of this LSN; null where nobody knows. */
    @Nullable
    Map<String, TableContents> at(Lsn lsn) {
        return truths.get(lsn);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
