package io.pgseam.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.pg.session.SnapshotHolder;
import io.pgseam.testing.ControlTopic;
import io.pgseam.testing.SourceTruth;
import io.pgseam.testing.TopicReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Replays each table's topic by key and holds it against the source, every column.
 *
 * <p>The source's state to compare with is that of a consistent point: an LSN and the snapshot that shows just the commits
 * before it. So the comparison is exact even while somebody writes to the source.
 */
final class Comparison {

    private final String bootstrapServers;
    private final JsonNode seam;
    private final List<ReplayedTable> replayed = new ArrayList<>();

    /** @param seam the control topic's record of the seam */
    Comparison(String bootstrapServers, JsonNode seam) {
        this.bootstrapServers = bootstrapServers;
        this.seam = seam;
    }

    /**
     * Compares a table; everything before the point must be in the topics.
     *
     * @param point what the source is looked at as of
     */
    ReplayedTable compare(SourceTable table, Source source, SnapshotHolder point) throws SQLException {
        ReplayedTable replay = new ReplayedTable(table, ControlTopic.changesFrom(seam, table.topic()), point.lsn());
        try (TopicReader reader = TopicReader.of(bootstrapServers, table.topic())) {
            reader.readToEnd(replay::apply);
        }
        try (Connection connection = source.open()) {
            SourceTruth.atSnapshot(connection, point.snapshot());
            replay.compare(connection);
        }
        replayed.add(replay);
        return replay;
    }

    long snapshotRows() {
        return replayed.stream().mapToLong(ReplayedTable::snapshotRows).sum();
    }

    long changes() {
        return replayed.stream().mapToLong(ReplayedTable::changes).sum();
    }

    /** Whether the topics are the source, and the seam's own count is right. */
    boolean agrees() {
        return replayed.stream().allMatch(table -> table.faults().isEmpty()) && countsAgree();
    }

    private boolean countsAgree() {
        return snapshotRows() == seam.path("rows").longValue();
    }

    /** The last line. */
    String verdict() {
        if (agrees()) {
            return "quickstart: OK snapshot_rows=" + snapshotRows() + " changes=" + changes() + " seam_lsn="
                    + seam.path("lsn").asText();
        }
        StringBuilder text = new StringBuilder("quickstart: MISMATCH");
        for (ReplayedTable table : replayed) {
            if (!table.faults().isEmpty()) {
                text.append(' ').append(table.table().id()).append('=').append(table.faults());
            }
        }
        if (!countsAgree()) {
            text.append(" snapshot_rows=")
                    .append(snapshotRows())
                    .append(" but the seam says ")
                    .append(seam.path("rows"));
        }
        return text.toString();
    }
}
