package io.pgseam.tool.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.session.ConnectionSettings;
import io.pgseam.task.ConnectorVersion;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.input.ConfigurationArgument;
import io.pgseam.tool.input.FileFailures;
import io.pgseam.tool.input.KafkaOptions;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.outcome.ExitStatus;
import io.pgseam.tool.report.Assessment;
import io.pgseam.tool.report.CopyReport;
import io.pgseam.tool.report.Finding;
import io.pgseam.tool.report.Proof;
import io.pgseam.tool.report.ReportJson;
import io.pgseam.tool.report.ReportPage;
import io.pgseam.tool.report.Timeline;
import io.pgseam.tool.topic.ConnectorLog;
import io.pgseam.tool.topic.ControlTopic;
import io.pgseam.tool.topic.TopicOffsets;
import io.pgseam.tool.topic.TopicOffsets.Extent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgseam report}. */
@Command(
        name = "report",
        description = {
            "Writes one HTML page about a copy, for the person who signs a migration off: whether it is complete and proved, what was"
                    + " copied when, anchors, the seam's offsets, tables that are not captured.",
            "It is made from the control topic, and from results of pgseam verify --json. The source is not asked."
        },
        exitCodeList = {
            "0:The report is written, and nothing speaks against signing off.",
            "1:The report is written, and something has to be judged, proved or mended first.",
            "2:No report: Kafka could not be asked, or a proof is not one of this connector."
        })
final class ReportCommand extends ToolCommand {

    private static final String STANDARD = "-";
    private static final ObjectMapper JSON = new ObjectMapper();

    @Mixin
    private final ConfigurationArgument configuration = new ConfigurationArgument();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description =
                    "Where the page goes; - is standard output. By default <topic.prefix>-report.html, or nowhere with"
                            + " --json.")
    private @Nullable String page;

    @Option(
            names = "--proof",
            paramLabel = "FILE",
            description = "A result of pgseam verify --json; - is standard input. May be given several times.")
    private List<String> proofs = List.of();

    @Mixin
    private final KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    ReportCommand(Console console) {
        super(console);
    }

    @Override
    public Integer call() {
        ensureOneUseOfStandardInput();
        PgSeamSettings settings = configuration.settings(console.in());
        CopyReport report = report(settings);
        if (output.json()) {
            console.json(ReportJson.of(report));
        }
        if (page != null || !output.json()) {
            write(report, page == null ? report.connector() + "-report.html" : page);
        }
        return report.assessment().outcome() == Assessment.Outcome.PROVED ? ExitStatus.OK : ExitStatus.NO;
    }

    private void ensureOneUseOfStandardInput() {
        long fromStandardInput =
                proofs.stream().filter(STANDARD::equals).count() + (configuration.isStandardInput() ? 1 : 0);
        if (fromStandardInput > 1) {
            throw new CommandFailure("standard input is one document, and - is given for " + fromStandardInput);
        }
    }

    private CopyReport report(PgSeamSettings settings) {
        String connector = settings.topics().prefix();
        List<Proof> read = new ArrayList<>();
        for (String proof : proofs) {
            read.add(Proof.of(json(proof), proof, connector));
        }
        Map<String, Object> clients = kafka.clientProperties();
        ConnectorLog log = new ConnectorLog();
        Timeline timeline = new Timeline();
        String controlTopic = settings.topics().controlTopic();
        try (ControlTopic control = new ControlTopic(clients, controlTopic)) {
            boolean exists = control.follow((key, value) -> {
                log.take(value);
                timeline.take(key, value);
            });
            if (!exists) {
                throw new CommandFailure(
                        "there is no topic " + controlTopic + ": has the connector run with this configuration?");
            }
        }
        Map<String, Map<Integer, Extent>> extents = Map.of();
        if (log.seam().isPresent()) {
            try (TopicOffsets offsets = new TopicOffsets(clients)) {
                extents = offsets.extents(log.seam().get().topics().keySet());
            }
        }
        ConnectionSettings source = settings.connection();
        return new CopyReport(
                connector,
                "PostgreSQL database " + source.database() + " at " + source.hostname() + ":" + source.port(),
                log,
                timeline,
                read,
                extents,
                Instant.now(),
                ConnectorVersion.get());
    }

    private JsonNode json(String file) {
        try {
            JsonNode result = JSON.readTree(
                    file.equals(STANDARD) ? console.in().readAllBytes() : Files.readAllBytes(Path.of(file)));
            if (result.isMissingNode()) {
                throw new CommandFailure("proof " + file + " is empty: has pgseam verify failed?");
            }
            return result;
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot read a result of pgseam verify --json from " + file + ": " + FileFailures.reason(e), e);
        }
    }

    private void write(CopyReport report, String to) {
        String html = ReportPage.of(report);
        if (to.equals(STANDARD)) {
            console.out().print(html);
            console.out().flush();
            return;
        }
        try {
            Files.writeString(Path.of(to), html);
        } catch (IOException e) {
            throw new CommandFailure("cannot write the report to " + to + ": " + FileFailures.reason(e), e);
        }
        if (!output.json()) {
            Assessment assessment = report.assessment();
            console.line(console.bold(assessment.outcome().headline()));
            assessment.findings().forEach(finding -> console.line("  " + mark(finding) + " " + finding.text()));
            console.line("Report: " + to);
        }
    }

    private String mark(Finding finding) {
        return switch (finding.weight()) {
            case GOOD -> console.green("+");
            case RESERVATION -> console.yellow("!");
            case BAD -> console.red("-");
        };
    }
}
