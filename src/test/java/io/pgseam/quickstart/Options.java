package io.pgseam.quickstart;

import io.pgseam.pg.session.ConnectionSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * What the user has asked for on Maven's command line.
 *
 * @param archive the plugin archive that is tried
 * @param version the version that its connector has to report
 * @param log where everything goes that is not the quickstart's own word
 * @param source the user's database, or null for the shop on a PostgreSQL of the quickstart's own
 * @param tables the user's tables as SQL writes them; all that have a primary key, where empty
 * @param keep whether everything is left running at the end
 */
record Options(
        Path archive,
        String version,
        Path log,
        @Nullable ConnectionSettings source,
        List<String> tables,
        boolean keep) {

    private static final int CONNECT_TIMEOUT_MS = 10_000;
    private static final Set<String> TLS = Set.of("sslmode", "sslcert", "sslkey", "sslpassword", "sslrootcert");

    Options {
        tables = List.copyOf(tables);
    }

    /** @throws IllegalArgumentException where an option is missing or cannot be read */
    static Options fromSystemProperties() {
        return new Options(
                Path.of(required("pgseam.plugin.archive")),
                required("pgseam.project.version"),
                Path.of(required("pgseam.log.file")),
                givenSource(),
                tables(given("pgseam.tables")),
                Boolean.parseBoolean(given("pgseam.keep")));
    }

    private static @Nullable ConnectionSettings givenSource() {
        String url = given("pgseam.url");
        if (url.isEmpty()) {
            return null;
        }
        Properties parsed = Driver.parseURL(url, null);
        if (parsed == null) {
            throw new IllegalArgumentException("pgseam.url is not of the form jdbc:postgresql://host:port/database");
        }
        Map<String, String> tls = new HashMap<>();
        TLS.stream()
                .filter(name -> parsed.getProperty(name) != null)
                .forEach(name -> tls.put(name, parsed.getProperty(name)));
        return new ConnectionSettings(
                String.valueOf(PGProperty.PG_HOST.getOrDefault(parsed)),
                Integer.parseInt(String.valueOf(PGProperty.PG_PORT.getOrDefault(parsed))),
                String.valueOf(PGProperty.PG_DBNAME.getOrDefault(parsed)),
                required("pgseam.user"),
                given("pgseam.password"),
                CONNECT_TIMEOUT_MS,
                tls,
                "pgseam quickstart");
    }

    private static List<String> tables(String list) {
        List<String> tables = new ArrayList<>();
        for (String table : list.split(",", -1)) {
            if (!table.isBlank()) {
                tables.add(table.strip());
            }
        }
        return tables;
    }

    private static String required(String property) {
        String value = given(property);
        if (value.isEmpty()) {
            throw new IllegalArgumentException("-D" + property + "=… is missing");
        }
        return value;
    }

    private static String given(String property) {
        return System.getProperty(property, "").strip();
    }
}
