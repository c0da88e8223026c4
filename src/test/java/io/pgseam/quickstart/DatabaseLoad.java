package io.pgseam.quickstart;

import io.pgseam.testing.EmbeddedClickHouse;
import io.pgseam.tool.target.Credentials;
import io.pgseam.tool.target.Target;
import io.pgseam.tool.target.TargetAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Loads the topics into a ClickHouse on this machine by the command line; without one, shows the statements for StarRocks. */
final class DatabaseLoad {

    private static final String DATABASE = "shop";
    private static final int SHOWN_LINES = 14;

    private final Console console;
    private final ArchiveCommands commands;
    private final Path directory;
    private final Cleanup cleanup;
    private @Nullable String address;

    /** @param directory where ClickHouse keeps its data */
    DatabaseLoad(Console console, ArchiveCommands commands, Path directory, Cleanup cleanup) {
        this.cleanup = cleanup;
        this.console = console;
        this.commands = commands;
        this.directory = directory;
    }

    /**
     * Loads the tables, and compares how many rows they have with a source to which nobody writes.
     *
     * @return what is wrong; empty if nothing is
     */
    Optional<String> run(Source source, List<SourceTable> tables)
            throws IOException, InterruptedException, SQLException {
        Optional<String> obstacle = EmbeddedClickHouse.obstacle();
        if (obstacle.isPresent()) {
            console.say(
                    "ClickHouse would be loaded now, from the npm package chdb: %s. For StarRocks, the statements begin:",
                    obstacle.get());
            show(commands.run(List.of("starrocks", "ddl"), "--database", DATABASE), SHOWN_LINES);
            return Optional.empty();
        }
        EmbeddedClickHouse clickHouse = EmbeddedClickHouse.start(directory);
        cleanup.add("stop ClickHouse", clickHouse::close);
        address = clickHouse.address();
        console.say(
                "pgseam clickhouse ddl --apply, load --apply, wait --target: a ClickHouse on this machine loads the topics");
        String[] there = {"--target", address, "--database", DATABASE};
        commands.run(List.of("clickhouse", "ddl"), with(there, "--apply"));
        commands.run(List.of("clickhouse", "load"), with(there, "--apply", "--concurrency", "1"));
        show(commands.run(List.of("wait", "--lsn", "now", "--timeout", "2m"), there), 1);
        return compare(clickHouse, source, tables);
    }

    /** The address of the ClickHouse, which runs until everything ends; empty if there is none. */
    Optional<String> address() {
        return Optional.ofNullable(address);
    }

    private Optional<String> compare(EmbeddedClickHouse clickHouse, Source source, List<SourceTable> tables)
            throws SQLException {
        try (Target target = Target.open(
                        TargetAddress.parse(clickHouse.address(), null), new Credentials("default", "", false));
                Connection connection = source.open();
                Statement statement = connection.createStatement()) {
            for (SourceTable table : tables) {
                String loaded = target.rows("SELECT count() AS n FROM " + DATABASE + "."
                                + table.id().name() + "_live")
                        .get(0)
                        .text("n");
                try (ResultSet count = statement.executeQuery(
                        "SELECT count(*) FROM " + table.id().quoted())) {
                    count.next();
                    if (!loaded.equals(count.getString(1))) {
                        return Optional.of(table.id() + " has " + loaded + " rows in ClickHouse, and "
                                + count.getString(1) + " in the source");
                    }
                }
                console.detail("%s: ClickHouse has the source's %,d rows", table.id(), Long.parseLong(loaded));
            }
            return Optional.empty();
        }
    }

    private void show(String output, int lines) {
        output.lines().filter(line -> !line.isBlank()).limit(lines).forEach(line -> console.detail("%s", line));
    }

    private static String[] with(String[] options, String... more) {
        String[] all = Arrays.copyOf(options, options.length + more.length);
        System.arraycopy(more, 0, all, options.length, more.length);
        return all;
    }
}
