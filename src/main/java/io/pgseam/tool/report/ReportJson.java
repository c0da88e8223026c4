package io.pgseam.tool.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.tool.report.Timeline.Span;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** A report for programs. */
public final class ReportJson {

    private ReportJson() {}

    /** Everything that the page tells, and all tables. */
    public static ObjectNode of(CopyReport report) {
        Assessment assessment = report.assessment();
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("connector", report.connector())
                .put("source", report.source())
                .put("made_ms", report.now().toEpochMilli())
                .put("outcome", assessment.outcome().code());
        ArrayNode findings = result.putArray("findings");
        assessment
                .findings()
                .forEach(finding -> findings.addObject()
                        .put("weight", finding.weight().name().toLowerCase(Locale.ROOT))
                        .put("text", finding.text()));
        result.put("phase", report.log().phase().name().toLowerCase(Locale.ROOT));
        report.log()
                .seam()
                .ifPresent(seam -> result.putObject("seam")
                        .put("generation", seam.generation())
                        .put("lsn", seam.lsn().toString())
                        .put("slot", seam.slot())
                        .put("rows", seam.rows())
                        .put("left_out", report.leftOut()));
        ArrayNode proofs = result.putArray("proofs");
        report.proofs()
                .forEach(proof -> proofs.addObject()
                        .put("against", proof.against())
                        .put("verdict", proof.verdict().code())
                        .put("lsn", proof.lsn().toString())
                        .put("finished_ms", proof.finishedMs() == 0 ? null : Long.valueOf(proof.finishedMs())));
        ArrayNode anchors = result.putArray("anchors");
        report.timeline()
                .anchors()
                .forEach(anchor -> anchors.addObject()
                        .put("generation", anchor.generation())
                        .put("lsn", anchor.lsn().toString())
                        .put("opened_ms", anchor.openedMs())
                        .put("tasks", anchor.tasks())
                        .put("connector_version", anchor.connectorVersion())
                        .put("postgres_version", anchor.postgresVersion()));
        tables(report, result.putArray("tables"));
        ArrayNode setAside = result.putArray("set_aside");
        report.log()
                .setAside()
                .forEach(table -> setAside.addObject()
                        .put("table", table.table())
                        .put("detail", table.detail())
                        .put("remedy", table.remedy()));
        ArrayNode events = result.putArray("events");
        report.timeline()
                .events()
                .forEach(event -> events.addObject().put("at_ms", event.atMs()).put("text", event.text()));
        return result;
    }

    private static void tables(CopyReport report, ArrayNode tables) {
        Map<String, long[]> work = new HashMap<>();
        for (Span span : report.timeline().spans()) {
            long[] sums = work.computeIfAbsent(span.relation(), unused -> new long[] {Long.MAX_VALUE, 0, 0});
            sums[0] = Math.min(sums[0], span.startedMs());
            sums[1] = Math.max(sums[1], span.endedMs());
            sums[2] += span.bytes();
        }
        report.log().tables().forEach(table -> {
            ObjectNode node = tables.addObject()
                    .put("relation", table.relation())
                    .put("published_as", table.publishedAs())
                    .put("topic", table.topic())
                    .put("chunks", table.chunks())
                    .put("chunks_done", table.chunksDone())
                    .put("rows", table.rowsDone())
                    .put("disk_bytes", table.bytes());
            long[] sums = work.get(table.relation());
            if (sums != null) {
                node.put("copy_bytes", sums[2]).put("started_ms", sums[0]).put("ended_ms", sums[1]);
            }
        });
    }
}
