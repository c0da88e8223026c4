package io.pgseam.tool.input;

import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.target.Credentials;
import io.pgseam.tool.target.DatabaseKind;
import io.pgseam.tool.target.Target;
import io.pgseam.tool.target.TargetAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to reach the database at the other end. The password is no option: others can read a command line. */
public final class DatabaseOptions {

    private static final String PASSWORD = "PGSEAM_TARGET_PASSWORD";

    @Option(
            names = "--target",
            paramLabel = "ADDRESS",
            defaultValue = "${env:PGSEAM_TARGET}",
            description =
                    "The database: starrocks://HOST:9030, doris://HOST:9030 or clickhouse://HOST:8123. By default the environment"
                            + " variable PGSEAM_TARGET.")
    private @Nullable String address;

    @Option(
            names = "--target-user",
            paramLabel = "NAME",
            defaultValue = "${env:PGSEAM_TARGET_USER}",
            description =
                    "Its user. By default the environment variable PGSEAM_TARGET_USER, or root; for ClickHouse default.")
    private @Nullable String user;

    @Option(
            names = "--target-password-file",
            paramLabel = "FILE",
            description = "A file with the user's password in its first line. By default the environment variable"
                    + " PGSEAM_TARGET_PASSWORD has it, or there is none.")
    private @Nullable Path passwordFile;

    @Option(
            names = "--target-tls",
            description =
                    "Encrypt the connection, and check the server's certificate and host name. Java has to trust the certificate.")
    private boolean tls;

    /** Whether a database is named. */
    public boolean isGiven() {
        return address != null && !address.isBlank();
    }

    /**
     * What and where the database is.
     *
     * @param expected the kind that it has to be; null if the address says it
     * @throws CommandFailure if no database is named, or the address has no such form
     */
    public TargetAddress address(@Nullable DatabaseKind expected) {
        if (address == null || address.isBlank()) {
            throw new CommandFailure("which database? Give --target "
                    + (expected == null ? "starrocks" : expected.scheme()) + "://HOST:PORT, or set PGSEAM_TARGET");
        }
        try {
            return TargetAddress.parse(address, expected);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("--target " + e.getMessage(), e);
        }
    }

    /**
     * Opens a session.
     *
     * @param expected the kind that it has to be; null if the address says it
     * @throws CommandFailure if the database cannot be reached, or refuses the user
     */
    public Target open(@Nullable DatabaseKind expected) {
        TargetAddress where = address(expected);
        return Target.open(where, new Credentials(userFor(where.kind()), password(), tls));
    }

    private String userFor(DatabaseKind kind) {
        return user == null || user.isBlank() ? kind.defaultUser() : user;
    }

    private String password() {
        if (passwordFile == null) {
            String password = System.getenv(PASSWORD);
            return password == null ? "" : password;
        }
        try {
            return Files.readString(passwordFile).lines().findFirst().orElse("");
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot read the password from " + passwordFile + ": " + FileFailures.reason(e), e);
        }
    }
}
