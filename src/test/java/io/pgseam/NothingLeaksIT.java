package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.ExactJson;
import io.pgseam.testing.LogFile;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import io.pgseam.testing.TopicReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every secret and every value of a row has a mark in it, and the connector meets what makes software talk: values that it cannot
 * convert or send, lost sessions, refused passwords, files that are none. Nothing that people or monitors see has a mark.
 */
class NothingLeaksIT extends ConnectorScenario {

    private static final String SECRET = "canaryOfASecret";
    private static final String VALUE = "canaryOfAValue";
    /** Longer than a number of a metric is. */
    private static final String NUMBER = "8372645837264583726";
    /** As the driver, the server or JSON may write the value. */
    private static final List<String> MARKS =
            List.of(SECRET, VALUE, "63616e6172794f66415661", "Y2FuYXJ5T2ZBVmFsdW", NUMBER);

    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final List<String> seen = new ArrayList<>();
    private LogFile log;

    @TempDir
    Path directory;

    @BeforeEach
    void followTheLog() throws Exception {
        log = LogFile.fromNow();
    }

    @AfterEach
    void nothingHasAMark() throws Exception {
        List<String> told = new ArrayList<>(seen);
        told.addAll(log.lines());
        assertThat(told).as("what was seen").hasSizeGreaterThan(50);
        for (String mark : MARKS) {
            assertThat(told).noneMatch(text -> text.contains(mark));
        }
    }

    @Test
    void whereValuesCannotBeConvertedOrSent() throws Exception {
        TestDatabase database = markedDatabase("SQL_ASCII");
        RunningConnector connector = connector(database, marked(database, "message.max.bytes=16kB"));
        look(connector, connector.awaitTraces("message.oversize=skip"));
        connector.change("message.max.bytes", "1MB");
        look(connector, connector.awaitTraces("text.invalid=replace"));
        connector.change("text.invalid", "replace");
        connector.awaitSeam();
        look(connector, "");

        // Stopped meanwhile, lest the insert be streamed under the policy before.
        connector.stop();
        database.execute("INSERT INTO marked SELECT '" + VALUE + "-4', " + NUMBER + ", " + invalid() + ", NULL, NULL");
        connector.change("text.invalid", "fail");
        connector.resume();
        look(connector, connector.awaitTraces("text.invalid=replace"));
        connector.change("text.invalid", "replace");
        connector.awaitCaughtUp();
        look(connector, "");
    }

    @Test
    void whereSessionsAndPasswordsAreLost() throws Exception {
        TestDatabase database = markedDatabase("UTF8");
        RunningConnector connector = connector(database, marked(database));
        connector.awaitSeam();
        LogFile refusals = LogFile.fromNow();
        database.execute(
                "ALTER ROLE " + role(database) + " PASSWORD 'another-" + SECRET + "'",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pgseam%'"
                        + " AND datname = current_database()");
        refusals.awaitLine("28P01");
        look(connector, "");
        Path key = Files.writeString(directory.resolve("key.pem"), "-----BEGIN PRIVATE KEY-----\n" + SECRET);
        for (String[] change : new String[][] {
            {"database.password", "wrong-" + SECRET},
            {"database.sslkey", key.toString()},
            {"column.mask.hash.SHA-256.with.salt." + SECRET, "public.marked.n"},
            {"driver.sslpassword", SECRET},
        }) {
            seen.add(connector
                    .client()
                    .faults("io.pgseam.PgSeamSourceConnector", changed(database, change[0], change[1]))
                    .values()
                    .toString());
        }
        database.execute("ALTER ROLE " + role(database) + " PASSWORD '" + SECRET + "'");
        database.execute("INSERT INTO marked VALUES ('" + VALUE + "-9', " + NUMBER + ", '" + VALUE + "', '{}', NULL)");
        connector.awaitCaughtUp();
        look(connector, "");
    }

    /** Debezium's own classes convert these values, and log in their own words what they cannot convert. */
    @Test
    void whereDebeziumsClassesCannotConvert() throws Exception {
        TestDatabase database = markedDatabase("UTF8");
        database.execute(
                "CREATE TABLE awkward (id int PRIMARY KEY, at timestamp, day date, number numeric, span interval, v text)",
                "INSERT INTO awkward VALUES (1, 'infinity', '-infinity', 'NaN', '178000000 years', '" + VALUE + "')",
                "INSERT INTO awkward VALUES (2, '3726-06-05 BC', '3726-06-05 BC', " + NUMBER + ".5, '8372645 days', '"
                        + VALUE + "')");
        RunningConnector connector = connector(
                database,
                marked(
                        database,
                        "output.format=debezium",
                        "key.converter=org.apache.kafka.connect.json.JsonConverter",
                        "value.converter=org.apache.kafka.connect.json.JsonConverter"));
        look(connector, connector.awaitTraces("event.converting.failure.handling.mode=warn"));
        connector.change("event.converting.failure.handling.mode", "warn");
        connector.awaitSeam();
        database.execute("UPDATE awkward SET v = v || v");
        database.execute("ALTER TABLE awkward ALTER COLUMN number TYPE text");
        database.execute("UPDATE awkward SET number = 'x" + VALUE + "', v = v || v");
        connector.awaitCaughtUp();
        look(connector, "");
    }

    private TestDatabase markedDatabase(String encoding) throws Exception {
        PostgresServer server = PostgresServer.shared(18);
        String name = "leaks_" + DATABASES.incrementAndGet();
        server.execute("CREATE ROLE of_" + name + " LOGIN SUPERUSER PASSWORD '" + SECRET + "'");
        closing(() -> server.execute("DROP ROLE of_" + name));
        TestDatabase database =
                closing(server.createDatabase(name, "ENCODING '" + encoding + "' LOCALE 'C' TEMPLATE template0"));
        database.execute(
                "CREATE TABLE marked (id text PRIMARY KEY, n bigint, v text, doc jsonb, raw bytea)",
                "INSERT INTO marked SELECT '" + VALUE + "-' || i, " + NUMBER + ", repeat('" + VALUE + "', i), "
                        + "jsonb_build_object('" + VALUE + "', '" + VALUE + "'), '" + VALUE
                        + "' FROM generate_series(1, 3) i");
        if (encoding.equals("SQL_ASCII")) {
            database.execute(
                    "INSERT INTO marked SELECT '" + VALUE + "-a', 1, repeat('" + VALUE + "', 2000), NULL, NULL",
                    "INSERT INTO marked SELECT '" + VALUE + "-b', " + NUMBER + ", " + invalid() + ", NULL, NULL");
        }
        return database;
    }

    private static String invalid() {
        return "'" + VALUE + "' || convert_from('\\xff', getdatabaseencoding()) || '" + VALUE + "'";
    }

    private static String role(TestDatabase database) {
        return "of_" + database.name();
    }

    private static String[] marked(TestDatabase database, String... others) {
        List<String> settings =
                new ArrayList<>(List.of("database.user=" + role(database), "database.password=" + SECRET));
        settings.addAll(List.of(others));
        return settings.toArray(String[]::new);
    }

    private static Map<String, String> changed(TestDatabase database, String setting, String value) {
        Map<String, String> settings = RunningConnector.settings(database);
        settings.put("name", database.name());
        settings.put("database.user", role(database));
        settings.put("database.password", SECRET);
        settings.put(setting, value);
        return settings;
    }

    /** What people and monitors see now. A record on the control topic names a key where nothing else says which row it is. */
    private void look(RunningConnector connector, String traces) throws Exception {
        seen.add(traces);
        seen.add(connector.status().toString());
        TopicReader.readAll(cluster.bootstrapServers(), connector.topic("seam")).stream()
                .filter(record ->
                        !ExactJson.of(record.value()).path("type").asText().equals("oversize"))
                .map(record -> new String(record.value(), StandardCharsets.UTF_8))
                .forEach(seen::add);
        lookAtMonitors();
    }

    private void lookAtMonitors() throws JMException {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        for (ObjectName name : server.queryNames(null, null)) {
            if (!name.getDomain().startsWith("java") && !name.getDomain().startsWith("JMImplementation")) {
                lookAt(server, name);
            }
        }
    }

    private void lookAt(MBeanServer server, ObjectName name) throws JMException {
        seen.add(name.toString());
        try {
            for (MBeanAttributeInfo attribute : server.getMBeanInfo(name).getAttributes()) {
                try {
                    seen.add(String.valueOf(server.getAttribute(name, attribute.getName())));
                } catch (JMException | RuntimeException e) {
                    seen.add(String.valueOf(e));
                }
            }
        } catch (InstanceNotFoundException e) {
            // It has ended meanwhile.
        }
    }
}
