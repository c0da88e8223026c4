package io.pgseam.tool.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.Lsn;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.console.Figures;
import io.pgseam.tool.input.ConfigurationArgument;
import io.pgseam.tool.input.ConnectOptions;
import io.pgseam.tool.input.DatabaseOptions;
import io.pgseam.tool.input.DurationText;
import io.pgseam.tool.input.KafkaOptions;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.outcome.ExitStatus;
import io.pgseam.tool.state.ConnectorReport;
import io.pgseam.tool.state.ConnectorView;
import java.time.Duration;
import java.util.List;
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
                    + " LSN to its slot only when that is so.",
            "With --target it then waits until the database has loaded every message that the topics have at that moment."
        },
        exitCodeList = {
            "0:The topics have everything, and with --target the database too.",
            "1:Not within --timeout; or it cannot come any more, because the slot is lost, the connector has failed or a load is paused.",
            "2:The source, Kafka or the database could not be asked."
        })
final class WaitCommand extends ToolCommand {

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
            names = "--database",
            paramLabel = "NAME",
            description =
                    "With --target, the database that has the tables. By default the name of the source's database.")
    private @Nullable String database;

    @Option(
            names = "--table",
            paramLabel = "TABLE",
            description =
                    "With --target, source tables to wait for, as schema.table. By default every captured table with a key.")
    private List<String> named = List.of();

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
    private final DatabaseOptions target = new DatabaseOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    WaitCommand(Console console) {
        super(console);
    }

    @Override
    public Integer call() {
        PgSeamSettings settings = configuration.settings(console.in());
        Deadline deadline = new Deadline(timeout);
        // Before a wait of hours, an address that is wrong is reported.
        try (TargetWait loaded = target.isGiven() ? TargetWait.open(target, settings, database, named, kafka) : null) {
            Outcome topics = awaitTopics(settings, deadline);
            if (loaded == null || !topics.reached()) {
                return finish(topics, null, deadline);
            }
            return finish(
                    topics,
                    loaded.await(point.seam ? topics.report().log().seam() : Optional.empty(), deadline),
                    deadline);
        }
    }

    /**
     * How the wait for the topics ended.
     *
     * @param goal what was waited for; empty for the whole copy
     * @param report the last look
     * @param obstacle why the topics do not have it; empty if they do
     */
    private record Outcome(Optional<Lsn> goal, ConnectorReport report, String obstacle) {

        boolean reached() {
            return obstacle.isEmpty();
        }
    }

    private Outcome awaitTopics(PgSeamSettings settings, Deadline deadline) {
        try (ConnectorView view = ConnectorView.open(
                settings,
                kafka.clientProperties(),
                connect.url(),
                connect.connector().orElse(settings.connectorName()))) {
            Optional<Lsn> goal = goal(view);
            TopicsWait.Outcome topics = TopicsWait.await(
                    view, report -> goal.map(report::has).orElseGet(report::hasWholeCopy), deadline, () -> {});
            return new Outcome(
                    goal,
                    topics.report(),
                    topics.timedOut() ? deadline.words() : topics.obstacle().orElse(""));
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
            return Optional.of(Lsn.parse(point.lsn.trim()).endOfRecordBefore());
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(
                    "--lsn " + point.lsn
                            + " is not an LSN: give one as pg_current_wal_lsn() writes it, such as 16/B374D848",
                    e);
        }
    }

    private int finish(Outcome topics, TargetWait.@Nullable Outcome loaded, Deadline deadline) {
        String what = topics.goal()
                .map(lsn -> "everything that was committed before " + lsn)
                .orElseGet(() -> "the whole copy"
                        + topics.report()
                                .log()
                                .seam()
                                .map(seam -> ", as of LSN " + seam.lsn())
                                .orElse(""));
        Optional<Lsn> position = topics.report().position();
        if (output.json()) {
            ObjectNode result = JsonNodeFactory.instance
                    .objectNode()
                    .put("reached", topics.reached())
                    .put("lsn", topics.goal().map(Lsn::toString).orElse(null))
                    .put("has_lsn", position.map(Lsn::toString).orElse(null))
                    .put("waited_ms", deadline.waited().toMillis())
                    .put("reason", topics.reached() ? null : topics.obstacle());
            if (loaded != null) {
                loaded.addTo(result.putObject("target"));
            }
            console.json(result);
        } else if (!topics.reached()) {
            console.line("The topics do not have " + what + ": " + topics.obstacle()
                    + position.map(lsn -> ". They have everything before " + lsn)
                            .orElse(""));
        } else if (loaded == null || loaded.reached()) {
            console.line("The topics" + (loaded == null ? "" : ", and " + loaded.target() + ",") + " have " + what
                    + ". Waited " + Figures.duration(deadline.waited()));
        } else {
            console.line("The topics have " + what + ". " + loaded.target() + " does not: " + loaded.obstacle());
        }
        return topics.reached() && (loaded == null || loaded.reached()) ? ExitStatus.OK : ExitStatus.NO;
    }
}
