package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.ConnectCluster;
import io.pgseam.testing.ConnectCluster.Delivery;
import io.pgseam.testing.Eventually;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.Replay;
import io.pgseam.testing.TestDatabase;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Databases whose text need not have a form in UTF-8. */
class EncodingsIT {

    private final ConnectCluster cluster = ConnectCluster.shared(1, Delivery.EXACTLY_ONCE);

    /** SQL_ASCII takes any bytes; 0x81 is no character in Windows' code page 1252, though PostgreSQL stores it. */
    @ParameterizedTest
    @CsvSource({"SQL_ASCII, 14, c3b6ff, ö\uFFFD, gr\u00f6\u00dfe", "WIN1252, 18, f681, ö\uFFFD, gr\u00f6\u00dfe"})
    void whatCannotBeConvertedIsNamedAndCanBePassed(
            String encoding, int version, String bytes, String sent, String valid) throws Exception {
        try (TestDatabase database = PostgresServer.shared(version)
                .createDatabase("encoding_" + encoding, "ENCODING '" + encoding + "' LOCALE 'C' TEMPLATE template0")) {
            database.execute(
                    "CREATE TABLE t (id int PRIMARY KEY, n int, \"größe\" text)",
                    "ALTER TABLE t ALTER \"größe\" SET STORAGE EXTERNAL",
                    "INSERT INTO t VALUES (1, 1, '" + valid + "')",
                    "INSERT INTO t SELECT 5, 5, " + invalid(bytes));
            try (RunningConnector connector =
                    RunningConnector.create(cluster, database, database.name(), "text.invalid=replace")) {
                connector.awaitSeam();
                cluster.stop(connector.name());
                connector.change("text.invalid", "fail");
                database.execute(
                        "INSERT INTO t VALUES (2, 2, '" + valid + "')",
                        "INSERT INTO t SELECT 3, 3, " + invalid(bytes),
                        "INSERT INTO t VALUES (4, 4, 'after')");
                cluster.resume(connector.name());
                Eventually.holds(
                        "the task says which column it is",
                        RunningConnector.TIMEOUT,
                        () -> cluster.status(connector.name())
                                .traces()
                                .contains("column größe of table public.t from " + encoding + " to UTF-8"),
                        () -> cluster.status(connector.name()).toString());

                LogFile log = LogFile.fromNow();
                connector.change("text.invalid", "replace");
                // The large value is not sent with the update, and is looked up.
                database.execute(
                        "INSERT INTO t SELECT 6, 6, repeat(" + invalid(bytes) + ", 3000)",
                        "UPDATE t SET n = 7 WHERE id = 6");
                connector.awaitCaughtUp();
                assertThat(log.lines("column größe of table public.t", "replaced by U+FFFD"))
                        .isNotEmpty();
                Replay replay = connector.replay("public.t");
                replay.assertNoDuplicates();
                Map<Integer, String> texts = replay.rows(connector.topic("public.t")).entrySet().stream()
                        .collect(Collectors.toMap(
                                row -> row.getKey().path("id").asInt(),
                                row -> row.getValue().path("größe").asText()));
                assertThat(texts)
                        .isEqualTo(Map.of(1, valid, 2, valid, 3, sent, 4, "after", 5, sent, 6, sent.repeat(3_000)));
            }
        }
    }

    private static String invalid(String bytes) {
        return "convert_from(decode('" + bytes + "', 'hex'), getdatabaseencoding())";
    }
}
