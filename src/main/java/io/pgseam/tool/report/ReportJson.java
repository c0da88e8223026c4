package io.pgseam.tool.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
        Map<String, CopiedRelation> work = report.timeline().byRelation();
        report.log().tables().forEach(table -> {
            ObjectNode node = tables.addObject()
                    .put("relation", table.relation())
                    .put("published_as", table.publishedAs())
                    .put("topic", table.topic())
                    .put("chunks", table.chunks())
                    .put("chunks_done", table.chunksDone())
                    .put("rows", table.rowsDone())
                    .put("disk_bytes", table.bytes());
            CopiedRelation copied = work.get(table.relation());
            if (copied != null) {
                node.put("copy_bytes", copied.bytes())
                        .put("started_ms", copied.startedMs())
                        .put("ended_ms", copied.endedMs());
            }
        });
    }
}
