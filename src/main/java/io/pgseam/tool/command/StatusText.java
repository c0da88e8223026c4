package io.pgseam.tool.command;

import io.pgseam.pg.catalog.ReplayLag;
import io.pgseam.pg.catalog.SlotState;
import io.pgseam.tool.connect.ConnectorState;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.console.Figures;
import io.pgseam.tool.console.ProgressBar;
import io.pgseam.tool.console.TextTable;
import io.pgseam.tool.source.ReplicationObjects.Slot;
import io.pgseam.tool.state.ConnectorReport;
import io.pgseam.tool.topic.ConnectorLog;
import io.pgseam.tool.topic.ConnectorLog.AnchorRecord;
import io.pgseam.tool.topic.ConnectorLog.Phase;
import io.pgseam.tool.topic.ConnectorLog.Rate;
import io.pgseam.tool.topic.Seam;
import io.pgseam.tool.topic.SetAsideTable;
import io.pgseam.tool.topic.TableProgress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A connector's state for people. */
final class StatusText {

    /** More tables would not fit on a screen: the largest are shown. */
    private static final int MOST_TABLES = 20;

    /** The default of heartbeat.interval.ms. */
    private static final Duration RECENT = Duration.ofSeconds(10);

    private final Console console;

    StatusText(Console console) {
        this.console = console;
    }

    void write(ConnectorReport report) {
        ConnectorLog log = report.log();
        console.line(console.bold(report.connector()) + "  " + phase(report));
        if (log.phase() != Phase.ENDED) {
            report.obstacle().ifPresent(obstacle -> console.line("Stuck:     " + console.red(obstacle)));
        }
        log.misfit().ifPresent(reason -> console.line("Given up:  " + console.yellow(reason)));
        if (log.phase() == Phase.COPYING || log.phase() == Phase.CATCHING_UP) {
            copy(report);
        } else {
            log.seam().ifPresent(seam -> console.line("Copied:    " + copied(seam, log)));
        }
        report.slot()
                .ifPresentOrElse(
                        slot -> console.line("Slot:      " + slot(slot)),
                        () -> console.line("Slot:      " + report.slotName() + " does not exist"));
        report.replay().ifPresent(lag -> console.line("Standby:   " + replay(lag)));
        stream(report);
        if (log.oversize() > 0) {
            console.line("Left out:  "
                    + console.yellow(Figures.count(log.oversize(), "record") + " too large for the producer"));
        }
        for (SetAsideTable table : log.setAside()) {
            console.line("Set aside: " + console.yellow(table.table() + ": " + table.why())
                    + (table.remedy().isEmpty() ? "" : ". To capture it, " + table.remedy()));
        }
        report.connect().ifPresent(this::tasks);
    }

    private String replay(ReplayLag lag) {
        String age = lag.ms() < 0
                ? "behind its primary by an unknown time"
                : Figures.duration(Duration.ofMillis(lag.ms())) + " behind its primary";
        String text = age + ", " + Figures.bytes(lag.bytes()) + " received and not replayed";
        return lag.connected() ? text : console.yellow(text + "; it receives no WAL");
    }

    private String phase(ConnectorReport report) {
        ConnectorLog log = report.log();
        Optional<AnchorRecord> anchor = log.anchor();
        return switch (log.phase()) {
            case STARTING -> "starting: nothing is on the control topic " + report.controlTopic() + " yet";
            case COPYING -> "copying" + at(anchor, report);
            case CATCHING_UP -> "catching up with a newer anchor, to copy what is missing there";
            case STREAMING -> console.green("streaming changes");
            case ENDED -> console.green("ended");
        };
    }

    private static String at(Optional<AnchorRecord> anchor, ConnectorReport report) {
        return anchor.map(found -> " at anchor " + found.generation() + " (LSN " + found.lsn() + "), "
                        + Figures.duration(report.since(found.openedMs())) + " old")
                .orElse("");
    }

    private void copy(ConnectorReport report) {
        List<TableProgress> tables = report.log().tables();
        TextTable table = new TextTable()
                .text("table")
                .text("")
                .figures("done")
                .figures("chunks")
                .figures("size")
                .figures("rows");
        tables.stream()
                .limit(MOST_TABLES)
                .forEach(each -> table.row(
                        each.relation(),
                        ProgressBar.of(each.fraction()),
                        percent(each.fraction()),
                        each.chunksDone() + " of " + each.chunks(),
                        Figures.bytes(each.bytes()),
                        Figures.count(each.rowsDone())));
        table.print(console);
        if (tables.size() > MOST_TABLES) {
            console.line("… and " + Figures.count(tables.size() - MOST_TABLES, "smaller table"));
        }
        double bytes = tables.stream().mapToLong(TableProgress::bytes).sum();
        double done = tables.stream().mapToDouble(TableProgress::bytesDone).sum();
        long rows = tables.stream().mapToLong(TableProgress::rowsDone).sum();
        boolean complete = tables.stream().allMatch(each -> each.chunksDone() == each.chunks());
        double fraction = complete ? 1 : Math.min(0.99, bytes == 0 ? 0 : done / bytes);
        StringBuilder line = new StringBuilder("Copied:    " + percent(fraction) + ", " + Figures.bytes(done) + " of "
                + Figures.bytes(bytes) + ", " + Figures.count(rows, "row"));
        report.log().rate().ifPresent(rate -> line.append(rate(rate, bytes - done)));
        console.line(line.toString());
    }

    private static String rate(Rate rate, double remaining) {
        String text = "; " + Figures.count(Math.round(rate.rowsPerSecond())) + " rows/s, "
                + Figures.bytes(rate.bytesPerSecond()) + "/s";
        return rate.bytesPerSecond() <= 0
                ? text
                : text + "; about "
                        + Figures.duration(Duration.ofSeconds(Math.round(remaining / rate.bytesPerSecond())))
                        + " left";
    }

    private static String percent(double fraction) {
        return String.format(Locale.ROOT, "%.0f%%", Math.floor(100 * fraction));
    }

    private static String copied(Seam seam, ConnectorLog log) {
        return Figures.count(seam.rows(), "row") + " of "
                + Figures.count(log.tables().size(), "table") + " as of LSN " + seam.lsn() + " (anchor "
                + seam.generation() + ")";
    }

    private String slot(Slot slot) {
        SlotState state = slot.state();
        if (state.invalidation() != null) {
            return console.red(state.name() + " is lost: " + state.invalidation());
        }
        return state.name()
                + (state.active() ? ", in use by " + state.activeApplication() : ", no session uses it")
                + "; retains " + Figures.bytes(slot.retainedBytes().orElse(0)) + " of WAL"
                + (slot.safeBytes().isPresent()
                        ? ", " + Figures.bytes(slot.safeBytes().getAsLong()) + " before it is lost"
                        : "");
    }

    private void stream(ConnectorReport report) {
        report.position()
                .ifPresent(position -> console.line("Topics:    have everything before LSN " + position + "; "
                        + Figures.bytes(report.lagBytes().orElse(0L)) + " of WAL behind the source at "
                        + report.sourceLsn()));
        report.log()
                .heartbeat()
                .ifPresent(heartbeat ->
                        console.line("Heartbeat: " + Figures.duration(report.since(heartbeat.writtenMs())) + " ago"
                                + (report.since(heartbeat.writtenMs()).compareTo(RECENT) > 0
                                        ? ". One is written only while no change comes"
                                        : "")));
    }

    private void tasks(ConnectorState state) {
        console.line("Connector: " + coloured(state.state()) + " on " + state.worker() + trace(state.trace()));
        for (ConnectorState.Task task : state.tasks()) {
            console.line("Task " + task.number() + ":    " + coloured(task.state()) + " on " + task.worker()
                    + trace(task.trace()));
        }
    }

    private String coloured(String state) {
        return switch (state) {
            case "RUNNING" -> console.green(state);
            case "FAILED" -> console.red(state);
            default -> console.yellow(state);
        };
    }

    private static String trace(String trace) {
        return trace.isEmpty() ? "" : ": " + trace;
    }
}
