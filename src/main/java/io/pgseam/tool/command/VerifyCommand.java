package io.pgseam.tool.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgseam.config.OutputFormat;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.Lsn;
import io.pgseam.record.flat.MetadataField;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.console.Figures;
import io.pgseam.tool.console.TextTable;
import io.pgseam.tool.input.ConfigurationArgument;
import io.pgseam.tool.input.DatabaseOptions;
import io.pgseam.tool.input.DurationText;
import io.pgseam.tool.input.KafkaOptions;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.target.Target;
import io.pgseam.tool.topic.ControlTopic;
import io.pgseam.tool.topic.TopicOffsets;
import io.pgseam.tool.verify.EqualTables;
import io.pgseam.tool.verify.ManifestCheck;
import io.pgseam.tool.verify.Manifests;
import io.pgseam.tool.verify.MessageRows;
import io.pgseam.tool.verify.PartitionReader;
import io.pgseam.tool.verify.ScanState;
import io.pgseam.tool.verify.TargetCheck;
import io.pgseam.tool.verify.TopicClaims;
import io.pgseam.tool.verify.TopicResult;
import io.pgseam.tool.verify.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pgseam verify}. */
@Command(
        name = "verify",
        description = {
            "Proves that the topics have what was copied: computes again the row counts and hashes that the connector has written"
                    + " to the control topic, and checks that every planned block is covered.",
            "With --source: that the topics, copied rows and changes together, give the tables as they are now.",
            "With --target: that the tables of the database that the topics are loaded into have the rows of the source.",
            "docs/verify.md says what each kind of proof covers, and what it costs."
        },
        exitCodeList = {
            "0:Equal.",
            "1:Different: rows are missing, altered or too many.",
            "2:Neither could be proved: the reasons are named. Or Kafka could not be asked."
        })
final class VerifyCommand extends ToolCommand {

    @Mixin
    private final ConfigurationArgument configuration = new ConfigurationArgument();

    @Option(
            names = "--to-end",
            description = "Read the changes, too: whether they are in order, and no copied row is among them.")
    private boolean toEnd;

    @Parameters(
            index = "1..*",
            paramLabel = "TABLE",
            description =
                    "With --source or --target: the tables to compare, as schema.table. By default every captured table.")
    private List<String> tables = List.of();

    @Option(
            names = "--source",
            description = {
                "Compare with the source: its tables in one snapshot, and the topics up to its LSN, by key. Needs a free replication"
                        + " slot for a moment. While it runs, the source keeps dead rows."
            })
    private boolean source;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description =
                    "With --source or --target: how many differences of a table are named; ${DEFAULT-VALUE} by default.")
    private int limit = 20;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationText.class,
            description =
                    "With --source or --target: how long to wait until topics, and target, have what a snapshot shows. Without"
                            + " end, if not given.")
    private @Nullable Duration timeout;

    @Option(
            names = "--state",
            paramLabel = "FILE",
            description =
                    "Keep what is found of each partition, or with --target which tables are equal, in this file. A run with the"
                            + " same file does not read these again.")
    private @Nullable Path state;

    @Option(
            names = "--work-dir",
            paramLabel = "DIRECTORY",
            defaultValue = "${sys:java.io.tmpdir}",
            description = "For temporary files; ${DEFAULT-VALUE} by default.")
    private Path workDirectory = Path.of(".");

    @Option(
            names = "--database",
            paramLabel = "NAME",
            description =
                    "With --target, the database that has the tables. By default the name of the source's database.")
    private @Nullable String database;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "10",
            description = {
                "With --target: how many snapshots of the source are compared at most; ${DEFAULT-VALUE} by default. Rows that changed"
                        + " since one are looked up at the next."
            })
    private int rounds = 10;

    @Option(
            names = "--no-wait",
            description = {
                "With --target: compare at once, and do not ask Kafka and the load how far they are. For tables that are loaded by other"
                        + " means than the statements of pgseam. A row that is not loaded yet then counts as different."
            })
    private boolean noWait;

    @Mixin
    private final DatabaseOptions target = new DatabaseOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private final KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    VerifyCommand(Console console) {
        super(console);
    }

    @Override
    public Integer call() {
        boolean manifestsOnly = !source && !spec.commandLine().getParseResult().hasMatchedOption("--target");
        if (manifestsOnly && !tables.isEmpty()) {
            throw new CommandFailure(
                    "tables are chosen with --source or --target; without them every topic is verified");
        }
        PgSeamSettings settings = configuration.settings(console.in());
        ensureReadable(settings);
        // A variable of the environment alone names a target for other commands, and does not ask for this proof.
        if (spec.commandLine().getParseResult().hasMatchedOption("--target")) {
            return againstTarget(settings);
        }
        Map<String, Object> clients = kafka.clientProperties();
        Manifests manifests = new Manifests();
        String controlTopic = settings.topics().controlTopic();
        try (ControlTopic control = new ControlTopic(clients, controlTopic)) {
            if (!control.follow(manifests::take)) {
                throw new CommandFailure(
                        "there is no topic " + controlTopic + ": has the connector run with this configuration?");
            }
        }
        if (source) {
            return VerdictWords.status(
                    new SourceVerification(console, settings, clients, manifests, workDirectory, limit, timeout)
                            .run(tables, output.json()));
        }
        Lsn seam = manifests
                .seam()
                .orElseThrow(() -> new CommandFailure("there is no seam on " + controlTopic
                        + ": the copy is not complete. pgseam wait --seam waits for it"));
        Collection<TopicClaims> topics = manifests.topics();
        List<TopicResult> results;
        try (TopicOffsets offsets = new TopicOffsets(clients);
                PartitionReader reader = new PartitionReader(clients);
                ProgressLine progress = new ProgressLine(console)) {
            results = new ManifestCheck(
                            offsets,
                            reader,
                            MessageRows.of(settings.output().pack() != null),
                            new ScanState(state),
                            workDirectory,
                            progress,
                            toEnd)
                    .check(topics);
        }
        Verdict verdict = results.stream().map(TopicResult::verdict).reduce(Verdict.EQUAL, Verdict::and);
        if (manifests.leftOut() > 0) {
            verdict = verdict.and(Verdict.UNKNOWN);
        }
        if (output.json()) {
            writeJson(settings.topics().prefix(), manifests, seam, topics, results, verdict);
        } else {
            writeText(manifests, seam, topics, results, verdict);
        }
        return VerdictWords.status(verdict);
    }

    private int againstTarget(PgSeamSettings settings) {
        if (source) {
            throw new CommandFailure("--source and --target are two proofs: run one after the other");
        }
        Map<String, Object> clients = noWait ? Map.of() : kafka.clientProperties();
        String there = database == null ? settings.connection().database() : database;
        try (Target session = target.open(null)) {
            TargetVerification.Arrival arrival = noWait
                    ? (lsn, progress) -> {}
                    : new LoadedTarget(
                            settings, clients, TargetWait.with(session, settings, there, tables, clients), timeout);
            TargetVerification verification = new TargetVerification(
                    settings,
                    session,
                    there,
                    arrival,
                    new EqualTables(state),
                    rounds,
                    progress -> new TargetCheck(session, settings.flat(), workDirectory, progress, limit));
            TargetVerification.Outcome outcome = verification.run(tables, console);
            new TargetFindings(console, settings.topics().prefix(), session, outcome).write(output.json());
            return VerdictWords.status(outcome.verdict());
        }
    }

    /** What cannot be read cannot be verified. */
    private static void ensureReadable(PgSeamSettings settings) {
        if (settings.output().format() != OutputFormat.FLAT) {
            throw new CommandFailure("verify reads the flat format, and output.format is "
                    + settings.output().format().toString().toLowerCase(java.util.Locale.ROOT)
                    + ": manifests have no hashes of its messages");
        }
        for (MetadataField field : List.of(MetadataField.LSN, MetadataField.SNAPSHOT)) {
            if (!settings.output().metadataFields().contains(field.fieldName())) {
                throw new CommandFailure("messages have no " + field.fieldName()
                        + ", by which copied rows are known: flat.metadata.fields does not name it");
            }
        }
    }

    private static long sum(Collection<TopicClaims> topics, java.util.function.ToLongFunction<TopicClaims> of) {
        return topics.stream().mapToLong(of).sum();
    }

    private void writeText(
            Manifests manifests, Lsn seam, Collection<TopicClaims> topics, List<TopicResult> results, Verdict verdict) {
        TextTable table = new TextTable()
                .text("topic")
                .figures("claimed")
                .figures("copied rows")
                .figures("sent again")
                .figures("changes")
                .text("");
        results.forEach(result -> table.row(
                result.topic(),
                Figures.count(result.claimed()),
                Figures.count(result.found()),
                Figures.count(result.redelivered() + result.repeated()),
                toEnd ? Figures.count(result.changes()) : "-",
                VerdictWords.word(console, result.verdict())));
        table.print(console);
        console.line("");
        for (TopicResult result : results) {
            if (result.earlier() > 0) {
                console.line(result.topic() + ": " + Figures.count(result.earlier(), "row")
                        + " of a copy that was given up precede those that are claimed");
            }
            result.reasons().forEach(reason -> console.line(result.topic() + ": " + reason));
        }
        if (manifests.leftOut() > 0) {
            console.line(
                    Figures.count(manifests.leftOut(), "row")
                            + " of the source are in no topic: too large, or dropped by Connect. The control topic has their keys");
        }
        console.line("Blocks:  " + Figures.count(sum(topics, TopicClaims::blocksCovered)) + " of "
                + Figures.count(sum(topics, TopicClaims::blocks)) + " are covered by manifests");
        console.line("Verdict: " + sentence(verdict, seam, manifests.generation()));
    }

    private static String sentence(Verdict verdict, Lsn seam, int generation) {
        String copy = "the copy as of LSN " + seam + " (anchor " + generation + ")";
        return switch (verdict) {
            case EQUAL -> "equal. The topics have every row of " + copy + ", unchanged";
            case DIFFERENT -> "DIFFERENT. The topics do not have " + copy;
            case UNKNOWN -> "not proved. Nothing contradicts " + copy + ", but see above";
        };
    }

    private void writeJson(
            String connector,
            Manifests manifests,
            Lsn seam,
            Collection<TopicClaims> topics,
            List<TopicResult> results,
            Verdict verdict) {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("connector", connector)
                .put("finished_ms", System.currentTimeMillis())
                .put("against", "manifests")
                .put("verdict", verdict.code())
                .put("lsn", seam.toString())
                .put("generation", manifests.generation())
                .put("left_out", manifests.leftOut())
                .put("blocks", sum(topics, TopicClaims::blocks))
                .put("blocks_covered", sum(topics, TopicClaims::blocksCovered));
        ArrayNode array = result.putArray("topics");
        results.forEach(topic -> {
            ObjectNode node = array.addObject()
                    .put("topic", topic.topic())
                    .put("verdict", topic.verdict().code())
                    .put("rows_claimed", topic.claimed())
                    .put("rows_found", topic.found())
                    .put("rows_sent_again", topic.redelivered())
                    .put("rows_of_earlier_copies", topic.earlier())
                    .put("changes", topic.changes())
                    .put("changes_sent_again", topic.repeated());
            topic.reasons().forEach(node.putArray("reasons")::add);
        });
        console.json(result);
    }
}
