package io.pgseam.config;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.postgresql.plugin.AuthenticationPlugin;

/**
 * Properties of the PostgreSQL JDBC driver, as Debezium passes them on: {@code database.channelBinding}, or {@code driver.channelBinding}, which
 * wins. Those that say how to log in and to connect are passed on. Every other one is refused: it is a setting of the connector's, or would
 * change what sessions read or how long they wait.
 */
final class DriverSettings {

    private static final String DATABASE = "database.";
    private static final String DRIVER = "driver.";
    private static final String PLUGIN = "authenticationPluginClassName";

    private static final Set<String> PASSED_ON = Set.of(
            "channelBinding",
            "requireAuth",
            "scramMaxIterations",
            "sslNegotiation",
            "sslResponseTimeout",
            "pemKeyAlgorithm",
            "gssEncMode",
            "gssResponseTimeout",
            "gssUseDefaultCreds",
            "gsslib",
            "jaasApplicationName",
            "jaasLogin",
            "kerberosServerName",
            "sspiServiceClass",
            "useSpnego",
            PLUGIN,
            "localSocketAddress",
            "receiveBufferSize",
            "sendBufferSize",
            "maxSendBufferSize");

    /** Accepted, whatever the value: statements of the connector do not need it, and TCP keepalive is always on. */
    private static final Set<String> WITHOUT_EFFECT = Set.of("autosave", "tcpKeepAlive");

    private static final Map<String, String> OTHERS = Map.ofEntries(
            Map.entry("user", "set database.user"),
            Map.entry("password", "set database.password"),
            Map.entry("PGHOST", "set database.hostname"),
            Map.entry("PGPORT", "set database.port"),
            Map.entry("PGDBNAME", "set database.dbname"),
            Map.entry("service", "set database.hostname, database.port and database.dbname"),
            Map.entry("ssl", "set database.sslmode"),
            Map.entry("sslmode", "set database.sslmode"),
            Map.entry("sslcert", "set database.sslcert"),
            Map.entry("sslkey", "set database.sslkey"),
            Map.entry("sslpassword", "set database.sslpassword"),
            Map.entry("sslrootcert", "set database.sslrootcert"),
            Map.entry("sslfactory", "set database.sslfactory"),
            Map.entry("sslhostnameverifier", "host names are verified by database.sslmode=verify-full"),
            Map.entry("sslpasswordcallback", "set database.sslpassword"),
            Map.entry("ApplicationName", "sessions are named after the connector and their role in it"),
            Map.entry("connectTimeout", "set database.connect.timeout.ms"),
            Map.entry("loginTimeout", "set database.connect.timeout.ms"),
            Map.entry("socketTimeout", "set database.connect.timeout.ms; a server that vanishes is noticed by it"),
            Map.entry("socketFactory", "the connector has one, by which it notices a server that vanishes"),
            Map.entry("socketFactoryArg", "the connector has a socket factory of its own"),
            Map.entry("targetServerType", "the connector always reads the primary"),
            Map.entry("logServerErrorDetail", "the server's details quote rows"),
            Map.entry("loggerLevel", "the driver's log quotes rows"),
            Map.entry("loggerFile", "the driver's log quotes rows"));

    private DriverSettings() {}

    /** Whether a setting is a property of the driver's; those that the connector defines itself are none. */
    static boolean isProperty(String setting, Set<String> known) {
        return !known.contains(setting) && property(setting) != null;
    }

    /** The driver's name of a property; null if it is none. Any name is one behind {@code driver.}. */
    private static @Nullable String property(String setting) {
        if (setting.startsWith(DRIVER)) {
            return setting.substring(DRIVER.length());
        }
        String name = setting.startsWith(DATABASE) ? setting.substring(DATABASE.length()) : "";
        return PGProperty.forName(name) == null ? null : name;
    }

    static void check(Map<String, String> props, Set<String> known, Consumer<Fault> faults) {
        new TreeMap<>(props).forEach((setting, value) -> {
            String name = isProperty(setting, known) ? property(setting) : null;
            if (name == null || WITHOUT_EFFECT.contains(name)) {
                return;
            }
            if (!PASSED_ON.contains(name) || PGProperty.forName(name) == null) {
                faults.accept(new Fault(setting, reason(name)));
            } else if (name.equals(PLUGIN) && !isPlugin(value.trim())) {
                faults.accept(new Fault(
                        setting,
                        "this worker's plugin directory has no class " + value.trim() + " that implements "
                                + AuthenticationPlugin.class.getName()
                                + ": put its jar beside those of the connector"));
            }
        });
    }

    private static String reason(String name) {
        if (PGProperty.forName(name) == null) {
            return "the PostgreSQL driver has no property " + name;
        }
        return "this property of the driver cannot be set: "
                + OTHERS.getOrDefault(name, "it would change what sessions of the connector read, or how they read it");
    }

    private static boolean isPlugin(String type) {
        try {
            return AuthenticationPlugin.class.isAssignableFrom(
                    Class.forName(type, false, DriverSettings.class.getClassLoader()));
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /** What the driver is given. */
    static Map<String, String> properties(Map<String, String> props, Set<String> known) {
        Map<String, String> properties = new LinkedHashMap<>();
        Set<String> settings = new HashSet<>(props.keySet());
        for (String prefix : new String[] {DATABASE, DRIVER}) {
            for (String name : PASSED_ON) {
                String setting = prefix + name;
                if (settings.contains(setting) && isProperty(setting, known)) {
                    properties.put(name, props.getOrDefault(setting, "").trim());
                }
            }
        }
        if (properties.containsKey(PLUGIN)) {
            // The class is beside the driver, and the thread's own loader may be the worker's.
            properties.put(PGProperty.CLASS_LOADER_STRATEGY.getName(), "driver-first");
        }
        return properties;
    }
}
