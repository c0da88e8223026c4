package io.pgseam.tool.report;

import io.pgseam.tool.console.Figures;
import io.pgseam.tool.report.Assessment.Outcome;
import io.pgseam.tool.report.Timeline.Anchor;
import io.pgseam.tool.report.Timeline.SeamMark;
import io.pgseam.tool.report.Timeline.Span;
import io.pgseam.tool.topic.Seam;
import io.pgseam.tool.topic.SetAsideTable;
import io.pgseam.tool.topic.TableProgress;
import io.pgseam.tool.verify.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A report as an HTML page. It needs nothing besides itself: style and charts are in it, there is no script, and it forbids the browser
 * to fetch anything. Its size is bounded: long lists end with how much is left out.
 */
public final class ReportPage {

    private static final int MOST_EPISODES = 4;
    private static final DateTimeFormatter MOMENT = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final CopyReport report;
    private final Assessment assessment;
    private final List<Episode> episodes;
    private final Markup page = new Markup();

    private ReportPage(CopyReport report) {
        this.report = report;
        this.assessment = report.assessment();
        this.episodes = Episode.of(report.timeline());
    }

    /** The whole page. */
    public static String of(CopyReport report) {
        return new ReportPage(report).write();
    }

    private String write() {
        page.add("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
                + "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
                + "<meta name=\"color-scheme\" content=\"light dark\"/>");
        page.add(
                "<title>{}: {}</title>\n",
                report.connector(),
                assessment.outcome().headline());
        page.add("<style>\n" + STYLE + "</style></head>\n<body><main>\n");
        header();
        verdict();
        figures();
        notCaptured();
        charts();
        proofs();
        tables();
        anchors();
        report.log().seam().ifPresent(seam -> SeamSection.addTo(page, seam, report.extents()));
        events();
        footer();
        return page.add("</main></body></html>\n").toString();
    }

    private static final String STYLE = style();

    private static String style() {
        try (InputStream file = ReportPage.class.getResourceAsStream("report.css")) {
            if (file == null) {
                throw new IllegalStateException("report.css is not in the jar of the command line");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8).replace("{}", "{ }");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String moment(long ms) {
        return MOMENT.format(Instant.ofEpochMilli(ms));
    }

    private static String duration(long ms) {
        return ms < 10_000
                ? String.format(Locale.ROOT, "%.1f s", Math.max(0, ms) / 1e3)
                : Figures.duration(Duration.ofMillis(ms));
    }

    private void header() {
        page.add(
                "<header><p class=\"kind\">Copy report</p><h1>{}</h1><p>{} to Kafka, topics <code>{}.*</code></p><p class=\"made\">Made {} by pgseam {}</p></header>\n",
                report.connector(),
                report.source(),
                report.connector(),
                MOMENT.format(report.now()),
                report.toolVersion());
    }

    private void verdict() {
        String kind = switch (assessment.outcome()) {
            case PROVED -> "good";
            case UNPROVED, RESERVED -> "reservation";
            case INCOMPLETE, DIFFERENT -> "bad";
        };
        page.add(
                "<section id=\"verdict\" class=\"verdict {}\"><h2>{}<span>{}</span></h2><ul>",
                kind,
                assessment.outcome().headline(),
                advice(assessment.outcome()));
        assessment
                .findings()
                .forEach(finding -> page.add(
                        "<li class=\"{}\">{}</li>", finding.weight().name().toLowerCase(Locale.ROOT), finding.text()));
        page.add("</ul></section>\n");
    }

    private static String advice(Outcome outcome) {
        return switch (outcome) {
            case PROVED -> "Nothing speaks against signing off";
            case UNPROVED -> "Run pgseam verify before you sign off";
            case RESERVED -> "Judge what is listed before you sign off";
            case INCOMPLETE, DIFFERENT -> "Do not sign off";
        };
    }

    private void figures() {
        long copyingMs = episodes.stream()
                .mapToLong(episode -> episode.toMs() - episode.fromMs())
                .sum();
        long rows = report.log()
                .seam()
                .map(Seam::rows)
                .orElseGet(() -> report.log().tables().stream()
                        .mapToLong(TableProgress::rowsDone)
                        .sum());
        long bytes = episodes.stream().mapToLong(Episode::bytes).sum();
        long moved = episodes.stream().mapToLong(Episode::rows).sum();
        page.add("<section class=\"tiles\">");
        tile("Tables", Figures.count(report.log().tables().size()));
        tile("Rows", Figures.count(rows));
        tile("COPY text", Figures.bytes(bytes));
        tile("Copying took", duration(copyingMs));
        tile("Rows/s, mean", copyingMs == 0 ? "–" : Figures.count(Math.round(moved * 1e3 / copyingMs)));
        tile("Seam", report.log().seam().map(seam -> seam.lsn().toString()).orElse("–"));
        page.add("</section>\n");
    }

    private void tile(String name, String figure) {
        page.add("<div><b>{}</b><span>{}</span></div>", figure, name);
    }

    private void proofs() {
        page.add("<section id=\"proofs\"><h2>What verify found</h2>");
        if (report.proofs().isEmpty()) {
            page.add("<p>No result of <code>pgseam verify --json</code> was given with <code>--proof</code>.</p>");
        }
        report.proofs().forEach(proof -> new ProofSection(proof).addTo(page));
        page.add("</section>\n");
    }

    private void notCaptured() {
        List<SetAsideTable> tables = report.log().setAside();
        if (tables.isEmpty()) {
            return;
        }
        page.add("<section id=\"set-aside\"><h2>Tables that are not captured</h2>");
        new Listing(new Markup().add("<th>Table</th><th>Why</th><th>What to do</th>"), 3)
                .addTo(
                        page,
                        tables,
                        table -> new Markup()
                                .add(
                                        "<tr><td class=\"name\">{}</td><td>{}</td><td>{}</td></tr>",
                                        table.table(),
                                        table.why(),
                                        table.remedy()));
        page.add("</section>\n");
    }

    private void charts() {
        page.add("<section id=\"timeline\"><h2>Timeline</h2>");
        if (episodes.isEmpty()) {
            page.add("<p>Nothing was copied yet.</p>");
        }
        if (episodes.size() > MOST_EPISODES) {
            page.add("<p class=\"note\">{} earlier copies are not shown.</p>", episodes.size() - MOST_EPISODES);
        }
        for (Episode episode : episodes.subList(Math.max(0, episodes.size() - MOST_EPISODES), episodes.size())) {
            Colours colours = new Colours(episode.spans());
            page.add("<h3>{} to {}</h3>", moment(episode.fromMs()), moment(episode.toMs()));
            page.add("<p class=\"legend\">");
            colours.named()
                    .forEach(table -> page.add("<span><i class=\"c{}\"></i>{}</span>", colours.of(table), table));
            if (colours.others() > 0) {
                page.add(
                        "<span><i class=\"c{}\"></i>{}</span>",
                        Colours.SHARED,
                        Figures.count(colours.others(), "other table"));
            }
            page.add("</p><div class=\"wide\">");
            page.add(new TaskChart(episode, colours).svg());
            RateChart rates = new RateChart(episode);
            page.add(rates.rows());
            page.add(rates.bytes());
            page.add("</div>");
            undated(episode);
        }
        page.add("</section>\n");
    }

    private void undated(Episode episode) {
        long undated = episode.spans().stream().filter(span -> span.task() < 0).count();
        if (undated > 0) {
            page.add(
                    "<p class=\"note\">An earlier version copied {}: when they were begun, and by which task, is not known.</p>",
                    Figures.count(undated, "chunk"));
        }
    }

    private void tables() {
        Map<String, CopiedRelation> work = report.timeline().byRelation();
        List<TableProgress> tables = report.log().tables();
        page.add("<section id=\"tables\"><h2>Tables</h2>");
        if (tables.isEmpty()) {
            page.add("<p>No table is planned.</p></section>\n");
            return;
        }
        long from = episodes.isEmpty() ? 0 : episodes.get(0).fromMs();
        long to = episodes.isEmpty() ? 1 : episodes.get(episodes.size() - 1).toMs();
        TimeAxis axis = new TimeAxis(from, to, 0, 120);
        new Listing(
                        new Markup()
                                .add(
                                        "<th>Table</th><th class=\"n\">Rows</th><th class=\"n\">COPY text</th>"
                                                + "<th class=\"n\">On disk</th><th class=\"n\">Chunks</th><th>When</th><th class=\"n\">Took</th><th></th>"),
                        8)
                .addTo(page, tables, table -> tableRow(table, Optional.ofNullable(work.get(table.relation())), axis));
        page.add("</section>\n");
    }

    /** What all proofs of this copy together say of a table. */
    private Optional<Verdict> proved(TableProgress table) {
        return report.log()
                .seam()
                .flatMap(seam -> report.proofs().stream()
                        .filter(proof -> proof.isOf(seam.lsn()))
                        .flatMap(proof -> proof.of(table).stream())
                        .reduce(Verdict::and));
    }

    private Markup tableRow(TableProgress table, Optional<CopiedRelation> work, TimeAxis axis) {
        Markup row = new Markup()
                .add(
                        "<tr><td class=\"name\" title=\"topic {}\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>",
                        table.topic(),
                        table.relation(),
                        Figures.count(table.rowsDone()),
                        Figures.bytes(work.map(CopiedRelation::bytes).orElse(0L)),
                        Figures.bytes(table.bytes()),
                        table.chunksDone() == table.chunks()
                                ? Figures.count(table.chunks())
                                : Figures.count(table.chunksDone()) + " of " + Figures.count(table.chunks()));
        work.ifPresent(done -> row.add(
                "<svg class=\"when\" viewBox=\"0 0 120 8\"><rect class=\"track\" width=\"120\" height=\"8\" rx=\"2\"/><rect class=\"done\" x=\"{}\" width=\"{}\" height=\"8\" rx=\"2\"/></svg>",
                TimeAxis.at(Math.min(118, axis.x(done.startedMs()))),
                TimeAxis.at(Math.max(2, axis.x(done.endedMs()) - axis.x(done.startedMs())))));
        row.add(
                "</td><td class=\"n\">{}</td><td>",
                work.map(done -> duration(done.endedMs() - done.startedMs())).orElse("–"));
        proved(table).ifPresent(verdict -> row.add(ProofSection.badge(verdict)));
        return row.add("</td></tr>");
    }

    private void anchors() {
        page.add(
                "<section id=\"anchors\"><h2>Anchors</h2><p class=\"note\">An anchor is an LSN, and a snapshot that shows exactly what was"
                        + " committed before it. While rows are copied at an anchor, the source keeps WAL and dead rows since then.</p>");
        List<List<Object>> rows = new ArrayList<>();
        for (Episode episode : episodes) {
            for (Anchor anchor : episode.anchors()) {
                List<Span> spans = episode.spans().stream()
                        .filter(span -> span.lsn().equals(anchor.lsn()))
                        .toList();
                rows.add(List.of(
                        anchor.generation(),
                        anchor.lsn(),
                        moment(anchor.openedMs()),
                        duration(episode.closedMs(anchor) - anchor.openedMs()),
                        anchor.tasks(),
                        Figures.count(spans.size()),
                        Figures.count(spans.stream().mapToLong(Span::rows).sum())));
            }
        }
        Collections.reverse(rows);
        new Listing(
                        new Markup()
                                .add(
                                        "<th class=\"n\">Anchor</th><th>LSN</th><th>Opened</th><th class=\"n\">Age at its end</th>"
                                                + "<th class=\"n\">Tasks</th><th class=\"n\">Chunks</th><th class=\"n\">Rows</th>"),
                        7)
                .addTo(
                        page,
                        rows,
                        row -> new Markup()
                                .add(
                                        "<tr><td class=\"n\">{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                                        row.toArray()));
        page.add("</section>\n");
    }

    private void events() {
        List<Timeline.Event> events = report.timeline().events();
        if (events.isEmpty()) {
            return;
        }
        page.add("<section id=\"events\"><h2>What else happened</h2>");
        if (report.timeline().forgottenEvents() > 0) {
            page.add(
                    "<p class=\"note\">{} before these are not shown.</p>",
                    Figures.count(report.timeline().forgottenEvents(), "event"));
        }
        new Listing(new Markup().add("<th>When</th><th>What</th>"), 2)
                .addTo(
                        page,
                        events,
                        event -> new Markup()
                                .add(
                                        "<tr><td class=\"nowrap\">{}</td><td>{}</td></tr>",
                                        moment(event.atMs()),
                                        event.text()));
        page.add("</section>\n");
    }

    private void footer() {
        page.add("<section class=\"two\"><div><h2>Versions</h2><dl>");
        Optional<Anchor> newest = report.timeline().anchors().stream().reduce((one, other) -> other);
        fact("Source", report.source());
        fact(
                "PostgreSQL",
                newest.map(Anchor::postgresVersion)
                        .filter(version -> !version.isEmpty())
                        .orElse("not known"));
        fact(
                "Connector",
                newest.map(Anchor::connectorVersion)
                        .filter(version -> !version.isEmpty())
                        .orElse("not known"));
        fact("Report", report.toolVersion());
        fact("Phase", report.log().phase().name().toLowerCase(Locale.ROOT).replace('_', ' '));
        fact(
                "Last heartbeat",
                report.log()
                        .heartbeat()
                        .map(beat -> moment(beat.writtenMs()) + ", LSN " + beat.lsn())
                        .orElse("none"));
        List<SeamMark> seams = report.timeline().seams();
        fact("Copies", seams.isEmpty() ? "none complete" : Figures.count(seams.size()) + " complete");
        page.add(
                "</dl></div><div class=\"sign\"><h2>Sign-off</h2><p><span>Name</span></p><p><span>Date</span></p><p><span>Signature</span></p></div></section>\n");
    }

    private void fact(String name, String value) {
        page.add("<dt>{}</dt><dd>{}</dd>", name, value);
    }
}
