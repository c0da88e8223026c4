package io.pgseam.tool.command;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.tool.console.Console;
import io.pgseam.tool.dialect.Dialect;
import io.pgseam.tool.dialect.LoadSettings;
import io.pgseam.tool.dialect.TableChange;
import io.pgseam.tool.dialect.TargetColumn;
import io.pgseam.tool.dialect.TargetSettings;
import io.pgseam.tool.dialect.TargetTable;
import io.pgseam.tool.input.KafkaOptions;
import io.pgseam.tool.load.LoadProgress;
import io.pgseam.tool.load.LoadState;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.target.DatabaseKind;
import io.pgseam.tool.target.Target;
import io.pgseam.tool.target.TargetColumns;
import io.pgseam.tool.topic.ControlTopic;
import io.pgseam.tool.topic.SchemaChange;
import io.pgseam.tool.topic.TopicOffsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgseam starrocks migrate}, and that of the other databases. */
@Command(
        name = "migrate",
        description = {
            "Compares the tables in the database (--target) with the source's, and writes the statements that give them the same"
                    + " columns, after tables were altered.",
            "The control topic says which column is another one by a new name. A load that exists ends before, and begins again at the"
                    + " first message that has the new columns, so that no value is left out."
        },
        exitCodeList = {
            "0:The statements are written, and with --apply they have run; or there is nothing to do.",
            "1:A table needs more than these statements: the reason is given.",
            "2:The source, Kafka or the target could not be asked."
        })
final class MigrateCommand extends TargetCommand {

    /** A consumer that does not say that it leaves is taken for gone after its session's timeout. */
    private static final Duration CONSUMERS_LEAVE = Duration.ofSeconds(90);

    @Mixin
    private final KafkaOptions kafka = new KafkaOptions();

    @Option(
            names = "--brokers",
            paramLabel = "HOST:PORT,…",
            description = "Kafka's brokers, as the target reaches them. By default those of --bootstrap-server.")
    private @Nullable String brokers;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            description = "How many consumers read a topic at once; not more than it has partitions. 3 by default.")
    private int concurrency = 3;

    @Option(
            names = "--drop-columns",
            description =
                    "Also drop columns that the source does not have any more. Without it they stay, and get no values.")
    private boolean drop;

    MigrateCommand(Console console, Supplier<Dialect> dialect) {
        super(console, dialect);
    }

    @Override
    boolean asksTarget() {
        return true;
    }

    @Override
    void collect(
            List<TargetTable> tables,
            Dialect sql,
            TargetSettings settings,
            PgSeamSettings connector,
            Optional<Target> session,
            Statements statements) {
        Target target = session.orElseThrow();
        Map<String, Object> clients = kafka.clientProperties();
        List<SchemaChange> changes;
        try (ControlTopic control = new ControlTopic(clients, connector.topics().controlTopic())) {
            changes = control.read().schemaChanges();
        }
        try (TopicOffsets offsets = new TopicOffsets(clients)) {
            Map<TargetTable, TableChange> needed = new LinkedHashMap<>();
            for (TargetTable table : tables) {
                change(table, sql, settings, target, changes, statements)
                        .ifPresent(change -> needed.put(table, change));
            }
            Map<TargetTable, LoadState> states =
                    LoadProgress.of(sql, settings.database(), target, offsets).look(needed.keySet());
            needed.forEach((table, change) -> {
                Migration migration = new Migration(change, changes, Optional.ofNullable(states.get(table)));
                if (!change.isEmpty()) {
                    add(migration, sql, settings, offsets, statements);
                } else if (!migration.hasLoad()) {
                    statements.note(table.source() + ": nothing loads it. Make the load again, --from beginning");
                }
            });
        }
    }

    /** What a table needs; empty if it is not in the database. */
    private Optional<TableChange> change(
            TargetTable table,
            Dialect sql,
            TargetSettings settings,
            Target target,
            List<SchemaChange> changes,
            Statements statements) {
        Map<String, String> present = TargetColumns.of(target, settings.database(), table.name());
        if (present.isEmpty()) {
            statements.skip(List.of(table.source() + ": there is no table " + table.name() + " in database "
                    + settings.database() + ": pgseam " + sql.kind().scheme() + " ddl makes it"));
            return Optional.empty();
        }
        Map<String, TargetColumn> added = new LinkedHashMap<>();
        List<TargetColumn> retyped = new ArrayList<>();
        for (TargetColumn column : table.columns()) {
            String type = present.get(column.name());
            if (type == null) {
                added.put(column.name(), column);
            } else if (isRetyped(column.name(), table, changes)
                    && !TargetColumns.sameType(type, sql.typeOf(column, settings))) {
                retyped.add(column);
            }
        }
        List<String> gone = new ArrayList<>(present.keySet());
        gone.removeIf(name -> name.startsWith("__")
                || table.columns().stream().anyMatch(column -> column.name().equals(name)));
        Map<String, String> renamed = new TreeMap<>();
        for (String name : List.copyOf(gone)) {
            String now = nameNow(name, table, changes);
            if (added.remove(now) != null) {
                renamed.put(name, now);
                gone.remove(name);
            }
        }
        if (!added.isEmpty() && !gone.isEmpty()) {
            statements.warn(List.of(table.source() + ": " + String.join(", ", added.keySet()) + " is new, and "
                    + String.join(", ", gone)
                    + " is gone. If one became the other by another name, which the control topic cannot"
                    + " always tell, rename it in the target first: else its values are lost"));
        }
        if (!drop && !gone.isEmpty()) {
            statements.note(table.source() + ": the source has no column " + String.join(", ", gone)
                    + " any more. --drop-columns drops it from the target");
        }
        if (added.values().stream().anyMatch(TargetColumn::key) || keyChanged(table, changes)) {
            statements.skip(List.of(table.source()
                    + ": its key or its name has changed, which no statement does to a table with rows. Drop the table and its load"
                    + " in the target, make them again, and have the table copied again (docs/schema-changes.md)"));
            return Optional.empty();
        }
        return Optional.of(
                new TableChange(table, renamed, List.copyOf(added.values()), retyped, drop ? gone : List.of()));
    }

    private static boolean isRetyped(String column, TargetTable table, List<SchemaChange> changes) {
        return changes.stream()
                .anyMatch(change ->
                        change.topic().equals(table.topic()) && change.filled().contains(column));
    }

    private static boolean keyChanged(TargetTable table, List<SchemaChange> changes) {
        return changes.stream().anyMatch(change -> change.topic().equals(table.topic()) && change.keyChanged());
    }

    private static String nameNow(String name, TargetTable table, List<SchemaChange> changes) {
        String now = name;
        for (SchemaChange change : changes) {
            if (change.topic().equals(table.topic())) {
                now = change.renamed().getOrDefault(now, now);
            }
        }
        return now;
    }

    /**
     * A change, and where the load begins again.
     *
     * @param change what the table needs
     * @param all the changes of the control topic
     * @param state how far its load is
     */
    private record Migration(TableChange change, List<SchemaChange> all, Optional<LoadState> state) {

        /** Whether something loads the table. */
        boolean hasLoad() {
            return state.isPresent() && state.get().exists();
        }

        /** The change that first gave messages what the target does not have yet. */
        Optional<SchemaChange> first() {
            return all.stream()
                    .filter(record -> record.topic().equals(change.table().topic()))
                    .filter(record -> record.renamed().values().stream().anyMatch(change.renamed()::containsValue)
                            || change.added().stream()
                                    .anyMatch(column -> record.filled().contains(column.name()))
                            || change.retyped().stream()
                                    .anyMatch(column -> record.filled().contains(column.name())))
                    .findFirst();
        }

        /** From the first message that has the new columns, or from where the load is if it has not come to it yet. */
        SortedMap<Integer, Long> restart() {
            SortedMap<Integer, Long> from = new TreeMap<>(state.orElseThrow().next());
            first().flatMap(SchemaChange::offsets)
                    .ifPresent(offsets -> from.replaceAll(
                            (partition, next) -> Math.min(next, offsets.getOrDefault(partition, next))));
            return from;
        }

        /** Messages with the old names that are not loaded yet: under the new names their values would be missing. */
        long oldMessagesLeft() {
            if (change.renamed().isEmpty() || !hasLoad()) {
                return 0;
            }
            SortedMap<Integer, Long> next = state.orElseThrow().next();
            return first().flatMap(SchemaChange::offsets)
                    .map(offsets -> offsets.entrySet().stream()
                            .mapToLong(entry -> Math.max(0, entry.getValue() - next.getOrDefault(entry.getKey(), 0L)))
                            .sum())
                    .orElse(0L);
        }
    }

    private void add(
            Migration migration, Dialect sql, TargetSettings settings, TopicOffsets offsets, Statements statements) {
        TargetTable table = migration.change().table();
        String subject = table.source().toString();
        long left = migration.oldMessagesLeft();
        if (left > 0) {
            statements.skip(
                    List.of(subject + ": " + left + " messages that have columns by their old names are not loaded yet."
                            + " Run this again when they are"));
            return;
        }
        if (!migration.hasLoad()) {
            statements.add(subject, sql.alter(migration.change(), settings));
            return;
        }
        if (migration.first().isPresent() && migration.first().get().offsets().isEmpty()) {
            statements.warn(List.of(subject
                    + ": the control topic does not say at which offsets the new columns begin. Values in"
                    + " messages that are loaded already stay out: load the table again --from seam to have them"));
        }
        SortedMap<Integer, Long> restart = migration.restart();
        LoadSettings load = new LoadSettings(
                brokers == null ? kafka.brokers() : brokers,
                complete(table, restart, offsets),
                concurrency,
                sql.group(table, settings.database()));
        List<String> before = new ArrayList<>(sql.stop(table, settings));
        before.addAll(sql.alter(migration.change(), settings));
        if (sql.kind() == DatabaseKind.CLICKHOUSE) {
            statements.add(subject, before, () -> commit(load, table));
        } else {
            statements.add(subject, before);
        }
        statements.add(subject, sql.load(table, settings, load));
    }

    /** Partitions that the load has read nothing from begin at their first message. */
    private static SortedMap<Integer, Long> complete(
            TargetTable table, SortedMap<Integer, Long> restart, TopicOffsets offsets) {
        SortedMap<Integer, Long> whole = new TreeMap<>(restart);
        offsets.extents(List.of(table.topic()))
                .getOrDefault(table.topic(), Map.of())
                .forEach((partition, extent) -> {
                    long from = whole.getOrDefault(partition, extent.earliest());
                    if (from < extent.earliest()) {
                        throw new CommandFailure(
                                "partition " + partition + " of " + table.topic() + " begins at offset "
                                        + extent.earliest() + " in Kafka, behind " + from
                                        + ", where the new columns begin: retention has removed messages. Copy the table again");
                    }
                    whole.put(partition, from);
                });
        return whole;
    }

    /** With a client of its own: it runs after the one that collected the statements is closed. */
    private void commit(LoadSettings load, TargetTable table) {
        try (TopicOffsets offsets = new TopicOffsets(kafka.clientProperties())) {
            offsets.commitOnceIdle(load.group(), TopicOffsets.of(table.topic(), load.offsets()), CONSUMERS_LEAVE);
        }
    }
}
