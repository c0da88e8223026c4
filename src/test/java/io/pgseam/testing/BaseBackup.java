package io.pgseam.testing;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;

/**
 * Copies the data of a running server for a standby, as pg_basebackup does it, which the builds at hand do not have.
 *
 * <p>What is left out follows the documentation, "Backing Up the Data Directory" of the low level API.
 */
final class BaseBackup {

    /** The standby gets WAL from the primary; slots are the primary's own; the rest is made anew with each start. */
    private static final Set<String> CONTENTS_LEFT_OUT = Set.of(
            "pg_wal",
            "pg_replslot",
            "pg_dynshmem",
            "pg_notify",
            "pg_serial",
            "pg_snapshots",
            "pg_stat_tmp",
            "pg_subtrans");

    private static final Set<String> FILES_LEFT_OUT = Set.of("postmaster.pid", "postmaster.opts");

    private BaseBackup() {}

    /**
     * Takes the backup, and makes the slot that keeps the WAL for whoever starts on it.
     *
     * @param slot name of the physical slot
     * @param from the data directory of the server
     * @param to a directory that does not exist yet
     */
    static void take(PostgresServer server, String slot, Path from, Path to) throws IOException, SQLException {
        try (Connection session = server.connect();
                Statement statement = session.createStatement()) {
            statement.execute("SELECT pg_create_physical_replication_slot('" + slot + "', true)");
            statement.execute("SELECT pg_backup_start('standby', true)");
            copy(from, to);
            try (ResultSet stopped = statement.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
                stopped.next();
                Path label = Files.writeString(to.resolve("backup_label"), stopped.getString(1));
                OrdinaryUser.give(label);
            }
        }
    }

    /** With owners and modes, without which the server does not start. What vanishes meanwhile is in the WAL. */
    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                Path relative = from.relativize(directory);
                Files.copy(directory, to.resolve(relative), StandardCopyOption.COPY_ATTRIBUTES);
                return CONTENTS_LEFT_OUT.contains(relative.toString())
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Path relative = from.relativize(file);
                if (!FILES_LEFT_OUT.contains(relative.toString())) {
                    try {
                        Files.copy(file, to.resolve(relative), StandardCopyOption.COPY_ATTRIBUTES);
                    } catch (NoSuchFileException e) {
                        return FileVisitResult.CONTINUE;
                    }
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }
        });
    }
}
