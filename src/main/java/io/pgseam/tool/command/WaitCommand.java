package io.pgseam.tool.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.Lsn;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.console.Figures;
import io.pgseam.tool.input.ConfigurationArgument;
import io.pgseam.tool.input.ConnectOptions;
import io.pgseam.tool.input.DurationText;
import io.pgseam.tool.input.KafkaOptions;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.outcome.ExitStatus;
import io.pgseam.tool.state.ConnectorReport;
import io.pgseam.tool.state.ConnectorView;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgseam wait}. */
@Command(
        name = "wait",
        description = {
            "Waits until the topics have everything up to a point: the switch of a cut-over.",
            "Everything that was committed before that LSN is then in Kafka, acknowledged and committed. The connector confirms an"
                    + " LSN to its slot only when that is so."
        },
        exitCodeList = {
            "0:The topics have everything.",
            "1:Not within --timeout; or it cannot come any more, because the slot is lost or the connector has failed.",
            "2:The source or Kafka could not be asked."
        })
final class WaitCommand extends ToolCommand {

    private static final long POLL_MS = 1_000;

    /** What is waited for. */
    static final class Point {

        @Option(
                names = "--lsn",
                paramLabel = "LSN",
                description =
                        "Everything that was committed before this LSN; now for where the source is at this moment.")
        private @Nullable String lsn;

        @Option(names = "--seam", description = "The whole copy: until the connector streams changes.")
        private boolean seam;
    }

    @Mixin
    private final ConfigurationArgument configuration = new ConfigurationArgument();

    @ArgGroup(exclusive = true, multiplicity = "1")
    private Point point = new Point();

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationText.class,
            description = "How long to wait, such as 90s, 10m or 2h. Without end, if not given.")
    private @Nullable Duration timeout;

    @Mixin
    private final KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private final ConnectOptions connect = new ConnectOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    WaitCommand(Console console) {
        super(console);
    }

    @Override
    public Integer call() {
        PgSeamSettings settings = configuration.settings(console.in());
        long begun = System.nanoTime();
        try (ConnectorView view = ConnectorView.open(
                settings,
                kafka.clientProperties(),
                connect.url(),
                connect.connector().orElse(settings.connectorName()))) {
            Optional<Lsn> goal = goal(view);
            while (true) {
                ConnectorReport report = view.look();
                Duration waited = Duration.ofNanos(System.nanoTime() - begun);
                if (goal.map(report::has).orElseGet(report::hasWholeCopy)) {
                    return finish(goal, report, waited, "");
                }
                Optional<String> obstacle = report.obstacle();
                if (obstacle.isPresent()) {
                    return finish(goal, report, waited, obstacle.get());
                }
                if (timeout != null && waited.compareTo(timeout) >= 0) {
                    return finish(goal, report, waited, "not within " + Figures.duration(timeout));
                }
                pause();
            }
        }
    }

    private Optional<Lsn> goal(ConnectorView view) {
        if (point.seam || point.lsn == null) {
            return Optional.empty();
        }
        if (point.lsn.equalsIgnoreCase("now")) {
            return Optional.of(view.sourceLsn());
        }
        try {
            return Optional.of(Lsn.parse(point.lsn.trim()));
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(
                    "--lsn " + point.lsn
                            + " is not an LSN: give one as pg_current_wal_lsn() writes it, such as 16/B374D848",
                    e);
        }
    }

    private int finish(Optional<Lsn> goal, ConnectorReport report, Duration waited, String obstacle) {
        String what = goal.map(lsn -> "everything that was committed before " + lsn)
                .orElseGet(() -> "the whole copy"
                        + report.log()
                                .seam()
                                .map(seam -> ", as of LSN " + seam.lsn())
                                .orElse(""));
        if (output.json()) {
            console.json(JsonNodeFactory.instance
                    .objectNode()
                    .put("reached", obstacle.isEmpty())
                    .put("lsn", goal.map(Lsn::toString).orElse(null))
                    .put("has_lsn", report.position().map(Lsn::toString).orElse(null))
                    .put("waited_ms", waited.toMillis())
                    .put("reason", obstacle.isEmpty() ? null : obstacle));
        } else if (obstacle.isEmpty()) {
            console.line("The topics have " + what + ". Waited " + Figures.duration(waited));
        } else {
            console.line("The topics do not have " + what + ": " + obstacle
                    + report.position()
                            .map(lsn -> ". They have everything before " + lsn)
                            .orElse(""));
        }
        return obstacle.isEmpty() ? ExitStatus.OK : ExitStatus.NO;
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
    }
}
