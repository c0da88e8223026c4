package io.pgseam.tool.target;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The databases that tables can be loaded into. */
public enum DatabaseKind {
    STARROCKS("StarRocks", 9030, "root", "the frontend's query_port"),
    DORIS("Doris", 9030, "root", "the frontend's query_port"),
    CLICKHOUSE("ClickHouse", 8123, "default", "the HTTP interface");

    private final String displayName;
    private final int defaultPort;
    private final String defaultUser;
    private final String portMeaning;

    DatabaseKind(String displayName, int defaultPort, String defaultUser, String portMeaning) {
        this.displayName = displayName;
        this.defaultPort = defaultPort;
        this.defaultUser = defaultUser;
        this.portMeaning = portMeaning;
    }

    /** Its name, for people. */
    public String displayName() {
        return displayName;
    }

    /** Its name in an address: {@code starrocks}, {@code doris}, {@code clickhouse}. */
    public String scheme() {
        return name().toLowerCase(Locale.ROOT);
    }

    int defaultPort() {
        return defaultPort;
    }

    /** Who logs in, if no user is named. */
    public String defaultUser() {
        return defaultUser;
    }

    /** What listens at the port. */
    String portMeaning() {
        return portMeaning;
    }

    static Optional<DatabaseKind> ofScheme(String scheme) {
        return Arrays.stream(values())
                .filter(kind -> kind.scheme().equals(scheme.toLowerCase(Locale.ROOT)))
                .findFirst();
    }
}
