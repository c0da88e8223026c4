package io.pgseam.preflight;

import static io.pgseam.testing.Certificates.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.Certificates;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.jdbc.PgConnection;

/**
 * A server that only takes encrypted connections: what the settings promise of its identity and of the client's holds for both
 * sorts of sessions, and what does not fit is reported at its setting.
 */
final class EncryptionIT extends PreflightFixture {

    @TempDir
    static Path directory;

    private static Certificates authority;
    private static PostgresServer server;
    private static Certificates.Signed ofTheClient;

    private Map<String, String> props = Map.of();

    /** Role {@code bearer} logs in by a certificate alone, everybody else by a password. */
    @BeforeAll
    static void startAServer() throws Exception {
        authority = new Certificates(directory, "authority");
        Certificates.Signed ofTheServer = authority.server("127.0.0.1");
        ofTheClient = authority.client("bearer");
        Path rules = directory.resolve("pg_hba.conf");
        Files.writeString(rules, """
                host    all postgres 127.0.0.1/32 md5
                hostssl all bearer   127.0.0.1/32 cert
                hostssl all all      127.0.0.1/32 scram-sha-256
                """);
        server = PostgresServer.start(
                17,
                Map.of(
                        "ssl", "on",
                        "ssl_cert_file",
                                PostgresServer.readable(ofTheServer.certificate())
                                        .toString(),
                        "ssl_key_file",
                                PostgresServer.readable(ofTheServer.pemKey()).toString(),
                        "ssl_ca_file", PostgresServer.readable(authority.root()).toString(),
                        "hba_file", PostgresServer.readable(rules).toString()));
        server.execute(
                "CREATE ROLE bearer LOGIN SUPERUSER", "CREATE ROLE knower LOGIN SUPERUSER PASSWORD '" + SECRET + "'");
    }

    @AfterAll
    static void stopTheServer() {
        server.close();
    }

    @BeforeEach
    void createADatabase() throws Exception {
        TestDatabase database = fill(server.createDatabase());
        opened.add(database);
        props = new TreeMap<>(props(database, "knower", SECRET));
        props.put("database.sslmode", "verify-full");
        props.put("database.sslrootcert", authority.root().toString());
    }

    @Test
    void takesTheServerThatItsAuthorityVouchesFor() throws Exception {
        assertThat(faults(props)).isEmpty();
        assertEncrypted();
    }

    /** So that no server but the one with this certificate and this password's verifier learns anything. */
    @ParameterizedTest
    @CsvSource({"database.channelBinding, require", "driver.requireAuth, scram-sha-256"})
    void logsInByScramBoundToTheEncryption(String setting, String value) throws Exception {
        props.put(setting, value);

        assertThat(faults(props)).isEmpty();
        assertEncrypted();
    }

    @Test
    void refusesAServerOfAnotherAuthority() throws Exception {
        Certificates other = new Certificates(Files.createTempDirectory(directory, "other"), "other");

        assertThat(faults(props, "database.sslrootcert", other.root().toString()))
                .containsOnlyKeys("database.sslmode")
                .allSatisfy((setting, text) -> assertThat(text).contains("database.sslrootcert", "certification path"));
        assertThat(faults(
                        props,
                        "database.sslrootcert",
                        directory.resolve("nowhere.crt").toString()))
                .containsOnlyKeys("database.sslrootcert");
    }

    /** A public authority's certificates are the JVM's; it does not know that of this test. */
    @Test
    void refusesAnAuthorityThatTheJvmDoesNotKnow() throws Exception {
        props.remove("database.sslrootcert");

        assertThat(faults(props, "database.sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory"))
                .containsOnlyKeys("database.sslmode");
    }

    @Test
    void refusesAServerThatIsReachedUnderAnotherName() throws Exception {
        assertThat(faults(props, "database.hostname", "localhost"))
                .containsOnlyKeys("database.sslmode")
                .allSatisfy((setting, text) -> assertThat(text).contains("localhost"));
        assertThat(faults(props, "database.hostname", "localhost", "database.sslmode", "verify-ca"))
                .isEmpty();
    }

    @Test
    void saysThatTheServerWantsEncryption() throws Exception {
        assertThat(faults(props, "database.sslmode", "disable"))
                .containsOnlyKeys("database.user")
                .allSatisfy((setting, text) -> assertThat(text).contains("database.sslmode", "no encryption"));
    }

    @Test
    void logsInByACertificateInEachOfTheDriversForms() throws Exception {
        withCertificate(ofTheClient.pkcs12(), PASSWORD);
        assertThat(faults(props)).as("PKCS-12").isEmpty();
        assertEncrypted();

        withCertificate(ofTheClient.derKey(), "");
        assertThat(faults(props)).as("PKCS-8 in DER").isEmpty();
        assertEncrypted();

        withCertificate(ofTheClient.pemKey(), "");
        assertThat(faults(props)).as("PKCS-8 in PEM").isEmpty();
        assertEncrypted();
    }

    @Test
    void reportsAKeyThatCannotBeUsed() throws Exception {
        withCertificate(ofTheClient.pkcs12(), "not-" + PASSWORD);
        assertThat(faults(props)).containsOnlyKeys("database.sslpassword");

        withCertificate(directory.resolve("nowhere.pk8"), "");
        assertThat(faults(props)).containsOnlyKeys("database.sslkey");

        withCertificate(ofTheClient.pkcs1Key(), "");
        assertThat(faults(props))
                .containsOnlyKeys("database.sslkey")
                .allSatisfy((setting, text) -> assertThat(text).contains("PKCS-8"));

        withCertificate(ofTheClient.pemKey("rw-r--r--"), "");
        assertThat(faults(props))
                .containsOnlyKeys("database.sslkey")
                .allSatisfy((setting, text) -> assertThat(text).contains("0600"));

        withCertificate(ofTheClient.derKey(), "");
        assertThat(faults(props, "database.sslcert", directory.resolve("nowhere.crt") + ""))
                .containsOnlyKeys("database.sslcert");
        assertThat(faults(props, "database.user", "knower", "database.password", "wrong-" + SECRET))
                .containsOnlyKeys("database.password");
    }

    @Test
    void reportsACertificateOfAnotherRole() throws Exception {
        Certificates.Signed another = authority.client("somebody");
        withCertificate(another.derKey(), "");

        assertThat(faults(props, "database.sslcert", another.certificate().toString()))
                .containsOnlyKeys("database.user")
                .allSatisfy((setting, text) -> assertThat(text).contains("bearer", "certificate"));
    }

    private void withCertificate(Path key, String password) {
        props.put("database.user", "bearer");
        props.put("database.password", "");
        props.put("database.sslcert", ofTheClient.certificate().toString());
        props.put("database.sslkey", key.toString());
        props.put("database.sslpassword", password);
    }

    /** Both sorts of sessions: the one for statements, and the one that reads the slot. */
    private void assertEncrypted() throws Exception {
        try (Sessions sessions = new Sessions(PgSeamSettings.parse(props).connection());
                PgConnection statements = sessions.open("test");
                PgConnection replication = sessions.openReplication("test")) {
            for (PgConnection session : new PgConnection[] {statements, replication}) {
                try (Statement statement = session.createStatement();
                        ResultSet row =
                                statement.executeQuery("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
                    assertThat(row.next()).isTrue();
                    assertThat(row.getBoolean(1)).isTrue();
                }
            }
        }
    }
}
