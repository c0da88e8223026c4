package io.pgseam.tool.command;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.input.ConfigurationArgument;
import io.pgseam.tool.input.ConnectOptions;
import io.pgseam.tool.input.DurationText;
import io.pgseam.tool.input.KafkaOptions;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.outcome.ExitStatus;
import io.pgseam.tool.state.ConnectorReport;
import io.pgseam.tool.state.ConnectorView;
import io.pgseam.tool.topic.ConnectorLog.Phase;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgseam status}. */
@Command(
        name = "status",
        description = {
            "Shows how far the connector is: phase, tables, rates, slot, stream and tasks, from the control topic, Kafka, the"
                    + " source and, if --connect is given, Connect.",
            "On a terminal the view is live until Ctrl-C."
        },
        exitCodeList = {
            "0:The connector is getting on, or has ended where it was told to.",
            "1:It cannot get on: its slot is lost, or it has failed.",
            "2:The source, Kafka or Connect could not be asked."
        })
final class StatusCommand extends ToolCommand {

    /** To the upper left corner, and away with what is below. */
    private static final String CLEAR = "\u001b[H\u001b[J";

    @Mixin
    private final ConfigurationArgument configuration = new ConfigurationArgument();

    @Option(names = "--once", description = "Show the state once, on a terminal, too.")
    private boolean once;

    @Option(names = "--follow", description = "Show the state again and again, not only on a terminal.")
    private boolean follow;

    @Option(
            names = "--interval",
            paramLabel = "DURATION",
            converter = DurationText.class,
            defaultValue = "2s",
            description = "Time between two looks; 2s by default.")
    private Duration interval = Duration.ofSeconds(2);

    @Mixin
    private final KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private final ConnectOptions connect = new ConnectOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    StatusCommand(Console console) {
        super(console);
    }

    @Override
    public Integer call() {
        if (interval.isZero()) {
            throw new CommandFailure("--interval 0 would ask all the time: give 1s or more");
        }
        PgSeamSettings settings = configuration.settings(console.in());
        boolean live = console.isTerminal() && !once && !output.json();
        try (ConnectorView view = ConnectorView.open(
                settings,
                kafka.clientProperties(),
                connect.url(),
                connect.connector().orElse(settings.connectorName()))) {
            while (true) {
                ConnectorReport report = view.look();
                show(report, live);
                if (!live && !follow) {
                    boolean ended = report.log().phase() == Phase.ENDED;
                    return report.obstacle().isEmpty() || ended ? ExitStatus.OK : ExitStatus.NO;
                }
                pause();
            }
        }
    }

    private void show(ConnectorReport report, boolean live) {
        if (output.json()) {
            console.json(StatusJson.of(report));
            return;
        }
        if (live) {
            console.out().print(CLEAR);
        }
        new StatusText(console).write(report);
        if (!live && follow) {
            console.line("");
        }
    }

    private void pause() {
        try {
            Thread.sleep(interval.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
    }
}
