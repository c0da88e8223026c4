package io.pgseam.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The PostgreSQL builds that Maven fetched: one jar a major version, each with one {@code .txz} inside.
 *
 * <p>They are unpacked once per machine into the directory for temporary files, under a name that follows from the content,
 * so that builds which run side by side share them and an upgrade takes effect.
 */
final class PostgresBinaries {

    /** Where the build puts {@code 14.jar} and its like. */
    private static final Path JARS =
            Path.of(System.getProperty("pgseam.test.postgres.binaries", "target/postgres-binaries"));

    private static final Path UNPACKED = Path.of(System.getProperty("java.io.tmpdir"), "pgseam-postgres");

    private static final int DIGEST_DIGITS = 16;
    private static final int OWNER_EXECUTES = 0100;

    /** By version: to find one reads the whole archive. */
    private static final Map<Integer, Path> HOMES = new HashMap<>();

    private PostgresBinaries() {}

    static boolean has(int version) {
        return Files.isRegularFile(jar(version));
    }

    private static Path jar(int version) {
        return JARS.resolve(version + ".jar");
    }

    /** The installation directory, with {@code bin/initdb} in it. */
    static synchronized Path unpacked(int version) {
        return HOMES.computeIfAbsent(version, PostgresBinaries::home);
    }

    private static Path home(int version) {
        Path jar = jar(version);
        try {
            Path home = UNPACKED.resolve(version + "-" + digest(jar));
            if (!Files.exists(home)) {
                Files.createDirectories(UNPACKED);
                unpack(jar, home);
            }
            return home;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack PostgreSQL from " + jar, e);
        }
    }

    private static String digest(Path jar) throws IOException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar));
            return HexFormat.of().formatHex(digest).substring(0, DIGEST_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Unpacks beside the goal and renames: another process sees the directory whole or not at all. */
    private static void unpack(Path jar, Path home) throws IOException {
        Path unfinished = Files.createTempDirectory(
                UNPACKED,
                "unfinished-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(jar))) {
            ZipEntry entry = zip.getNextEntry();
            while (entry != null && !entry.getName().endsWith(".txz")) {
                entry = zip.getNextEntry();
            }
            if (entry == null) {
                throw new IOException("no .txz inside");
            }
            extract(zip, unfinished);
        }
        try {
            Files.move(unfinished, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException e) {
            deleteTree(unfinished);
        }
    }

    private static void extract(InputStream compressed, Path directory) throws IOException {
        TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(compressed));
        for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            Path path = directory.resolve(entry.getName()).normalize();
            if (!path.startsWith(directory)) {
                throw new IOException("entry leaves the archive: " + entry.getName());
            }
            if (entry.isDirectory()) {
                Files.createDirectories(path);
                continue;
            }
            Files.createDirectories(path.getParent());
            if (entry.isSymbolicLink()) {
                Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
            } else if (entry.isLink()) {
                Files.createLink(path, directory.resolve(entry.getLinkName()));
            } else {
                Files.copy(tar, path);
                boolean executable = (entry.getMode() & OWNER_EXECUTES) != 0;
                Files.setPosixFilePermissions(
                        path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
            }
        }
    }

    /** Removes a directory; what vanishes meanwhile is no error. */
    static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof java.nio.file.NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(
                    Path directory, @org.jspecify.annotations.Nullable IOException failure) throws IOException {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
