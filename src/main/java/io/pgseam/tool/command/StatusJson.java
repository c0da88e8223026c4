package io.pgseam.tool.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.pg.Lsn;
import io.pgseam.tool.connect.ConnectorState;
import io.pgseam.tool.source.ReplicationObjects.Slot;
import io.pgseam.tool.state.ConnectorReport;
import io.pgseam.tool.topic.ConnectorLog;
import io.pgseam.tool.topic.TableProgress;
import java.util.Locale;

/** A connector's state for programs. */
final class StatusJson {

    private StatusJson() {}

    static ObjectNode of(ConnectorReport report) {
        ConnectorLog log = report.log();
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("connector", report.connector());
        result.put("phase", log.phase().name().toLowerCase(Locale.ROOT));
        result.put("obstacle", report.obstacle().orElse(null));
        result.put("misfit", log.misfit().orElse(null));
        log.anchor()
                .ifPresent(anchor -> result.putObject("anchor")
                        .put("generation", anchor.generation())
                        .put("lsn", anchor.lsn().toString())
                        .put("age_ms", report.since(anchor.openedMs()).toMillis())
                        .put("tasks", anchor.tasks()));
        for (TableProgress table : log.tables()) {
            result.withArray("tables")
                    .addObject()
                    .put("relation", table.relation())
                    .put("published_as", table.publishedAs())
                    .put("topic", table.topic())
                    .put("chunks", table.chunks())
                    .put("chunks_done", table.chunksDone())
                    .put("bytes", table.bytes())
                    .put("rows_done", table.rowsDone());
        }
        result.withArray("tables");
        log.rate()
                .ifPresent(rate -> result.putObject("rate")
                        .put("rows_per_second", rate.rowsPerSecond())
                        .put("bytes_per_second", rate.bytesPerSecond()));
        log.seam()
                .ifPresent(seam -> result.putObject("seam")
                        .put("generation", seam.generation())
                        .put("lsn", seam.lsn().toString())
                        .put("rows", seam.rows()));
        report.slot().ifPresent(slot -> slot(result.putObject("slot"), slot));
        result.put("source_lsn", report.sourceLsn().toString());
        report.replay()
                .ifPresent(lag -> result.putObject("standby")
                        .put("replay_lag_ms", lag.ms() < 0 ? null : Long.valueOf(lag.ms()))
                        .put("replay_lag_bytes", lag.bytes())
                        .put("receives_wal", lag.connected()));
        result.put("topics_lsn", report.position().map(Lsn::toString).orElse(null));
        result.put("lag_bytes", report.lagBytes().orElse(null));
        log.heartbeat()
                .ifPresent(heartbeat -> result.put(
                        "heartbeat_age_ms", report.since(heartbeat.writtenMs()).toMillis()));
        result.put("oversize_records", log.oversize());
        ArrayNode setAside = result.putArray("set_aside");
        log.setAside()
                .forEach(table -> setAside.addObject()
                        .put("table", table.table())
                        .put("reason", table.reason())
                        .put("detail", table.detail())
                        .put("remedy", table.remedy()));
        report.connect().ifPresent(state -> tasks(result, state));
        return result;
    }

    private static void slot(ObjectNode node, Slot slot) {
        node.put("name", slot.state().name());
        node.put("active", slot.state().active());
        node.put("wal_status", slot.state().walStatus());
        node.put("invalidation", slot.state().invalidation());
        slot.retainedBytes().ifPresent(bytes -> node.put("retained_bytes", bytes));
        slot.lagBytes().ifPresent(bytes -> node.put("not_confirmed_bytes", bytes));
        slot.safeBytes().ifPresent(bytes -> node.put("safe_bytes", bytes));
    }

    private static void tasks(ObjectNode result, ConnectorState state) {
        result.put("connector_state", state.state());
        state.tasks()
                .forEach(task -> result.withArray("tasks")
                        .addObject()
                        .put("task", task.number())
                        .put("state", task.state())
                        .put("worker", task.worker())
                        .put("trace", task.trace()));
    }
}
