package io.pgseam.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.ConnectorSettings;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.AfterEach;

/** What tests of the preflight share: databases and configurations that have no fault yet. */
abstract class PreflightFixture {

    static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";
    static final String SECRET = "S3cret-never-shown";

    final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : opened) {
            resource.close();
        }
    }

    static Map<String, String> faults(Map<String, String> props, String... changes) {
        Map<String, String> changed = new HashMap<>(props);
        for (int i = 0; i < changes.length; i += 2) {
            changed.put(changes[i], changes[i + 1]);
        }
        Map<String, String> faults = new TreeMap<>();
        for (ConfigValue value : Validation.validate(changed).configValues()) {
            if (!value.errorMessages().isEmpty()) {
                faults.put(value.name(), String.join("\n", value.errorMessages()));
            }
        }
        assertThat(faults.toString()).doesNotContain(SECRET);
        return faults;
    }

    final TestDatabase shop(int version) throws Exception {
        TestDatabase database = fill(PostgresServer.shared(version).createDatabase());
        opened.add(database);
        return database;
    }

    static TestDatabase fill(TestDatabase database) throws Exception {
        database.execute(
                "CREATE TABLE orders (id int PRIMARY KEY, customer text, note text)",
                "CREATE TABLE lines (id int PRIMARY KEY)");
        return database;
    }

    /** A role of this test, which is dropped before its database is. */
    final String role(TestDatabase database, String attributes) throws Exception {
        String role = "role_" + database.name();
        database.execute("CREATE ROLE " + role + " " + attributes + " PASSWORD '" + SECRET + "'");
        opened.add(0, () -> database.execute("DROP OWNED BY " + role + " CASCADE", "DROP ROLE " + role));
        return role;
    }

    static String dataFile(TestDatabase database, String name) throws Exception {
        return database.queryOne("SHOW data_directory") + "/" + name;
    }

    static Map<String, String> ownerProps(TestDatabase database) {
        return props(database, database.server().user(), database.server().password());
    }

    static Map<String, String> props(TestDatabase database, String user, String password) {
        Map<String, String> props = new HashMap<>(Map.of("name", "orders", "topic.prefix", "t"));
        props.putAll(ConnectorSettings.source(database.connectionSettings()));
        props.put("slot.name", "slot_of_" + database.name());
        props.putAll(Map.of("database.user", user, "database.password", password));
        props.putAll(Map.of("key.converter", BYTES, "value.converter", BYTES));
        return props;
    }
}
