package io.pgseam.config;

import io.pgseam.pg.session.ConnectionSettings;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigException;

/** The settings that say how to reach the source database. */
public final class ConnectionDefinition {

    public static final String HOSTNAME = "database.hostname";
    public static final String PORT = "database.port";
    public static final String PRIMARY_HOSTNAME = "primary.hostname";
    public static final String PRIMARY_PORT = "primary.port";
    public static final String USER = "database.user";
    public static final String PASSWORD = "database.password";
    public static final String PASSWORD_FILE = "database.password.file";
    public static final String DATABASE = "database.dbname";
    public static final String SSL_MODE = "database.sslmode";
    public static final String SSL_CERTIFICATE = "database.sslcert";
    public static final String SSL_KEY = "database.sslkey";
    public static final String SSL_PASSWORD = "database.sslpassword";
    public static final String SSL_ROOT_CERTIFICATE = "database.sslrootcert";
    public static final String SSL_FACTORY = "database.sslfactory";
    public static final String CONNECT_TIMEOUT = "database.connect.timeout.ms";
    public static final String LOG_BLOCKING_QUERIES = "log.blocking.queries";

    private static final String GROUP = "Connection";
    private static final ConfigDef.Validator SSL_MODES = ConfigDef.CaseInsensitiveValidString.in(
            "disable", "allow", "prefer", "require", "verify-ca", "verify-full");

    /** Others take any certificate, or files that the other settings name. */
    private static final Set<String> FACTORIES = Set.of(
            "org.postgresql.ssl.DefaultJavaSSLFactory",
            "org.postgresql.ssl.LibPQFactory",
            "org.postgresql.ssl.jdbc4.LibPQFactory");

    private static final ConfigDef.Validator SSL_FACTORIES = ConfigDef.LambdaValidator.with(
            (name, value) -> {
                if (value != null
                        && !value.toString().isBlank()
                        && !FACTORIES.contains(value.toString().trim())) {
                    throw new ConfigException(
                            name,
                            value,
                            "only org.postgresql.ssl.DefaultJavaSSLFactory and org.postgresql.ssl.LibPQFactory can be set");
                }
            },
            () -> "a class of the driver's");

    /** {@code NAMEDATALEN - 1} of the server is 63; the rest is for the role of a session. */
    private static final int MAX_APPLICATION_NAME = 44;

    private ConnectionDefinition() {}

    static void define(ConfigDef definition) {
        ConfigDef.Validator filled = new ConfigDef.NonEmptyString();
        SettingGroup group = new SettingGroup(definition, GROUP)
                .required(
                        HOSTNAME,
                        filled,
                        "Host name or address of the PostgreSQL server, 14 or later. It may be a standby from PostgreSQL 16 on, see"
                                + " `docs/operations.md`.")
                .number(
                        PORT,
                        5432,
                        ConfigDef.Range.between(1, 65535),
                        Importance.HIGH,
                        "Port of the server. The connector needs the server itself: a pooler such as PgBouncer does not pass"
                                + " replication on.")
                .text(
                        PRIMARY_HOSTNAME,
                        null,
                        null,
                        Importance.LOW,
                        "If the server is a standby: host name or address of its primary, for the same role, password, database and"
                                + " encryption. There the connector makes its publication and runs `pg_log_standby_snapshot()`,"
                                + " and nothing else. Without, somebody else has to do both.")
                .number(
                        PRIMARY_PORT,
                        5432,
                        ConfigDef.Range.between(1, 65535),
                        Importance.LOW,
                        "Port of `primary.hostname`.")
                .required(USER, filled, "Role to log in as. It needs REPLICATION, and SELECT on the captured tables.")
                .secret(PASSWORD, Importance.HIGH, "Password of the role.")
                .text(
                        PASSWORD_FILE,
                        null,
                        null,
                        Importance.MEDIUM,
                        "File with the password instead, on every worker: one line. It is read for each session, so a password that"
                                + " is rotated needs no restart.")
                .required(DATABASE, filled, "Name of the database to capture.");
        defineEncryption(group);
        group.number(
                        CONNECT_TIMEOUT,
                        10_000,
                        ConfigDef.Range.atLeast(1_000),
                        Importance.LOW,
                        "How long to wait for a connection, in ms. A server that is silent on an open connection for three times as long"
                                + " is asked, on another one, whether it is still at work; if not, the connection is given up.")
                .flag(
                        LOG_BLOCKING_QUERIES,
                        false,
                        Importance.LOW,
                        "Whether the log quotes the statements of sessions that the connector waits for. They may hold values of"
                                + " rows. Without, the log has pid, user, application, database, state and age.");
    }

    private static void defineEncryption(SettingGroup group) {
        group.text(
                        SSL_MODE,
                        "prefer",
                        SSL_MODES,
                        Importance.MEDIUM,
                        "Encryption of the connection: `disable`, `allow`, `prefer`, `require`, `verify-ca` or"
                                + " `verify-full`, with the meaning that PostgreSQL's own clients give them.")
                .text(
                        SSL_CERTIFICATE,
                        null,
                        null,
                        Importance.MEDIUM,
                        "File with the client's certificate, on every worker.")
                .text(
                        SSL_KEY,
                        null,
                        null,
                        Importance.MEDIUM,
                        "File with the client's private key, on every worker: PKCS-8 in PEM or DER, or PKCS-12 (`.p12`). Only its"
                                + " owner may read it.")
                .secret(SSL_PASSWORD, Importance.MEDIUM, "Password of the client's private key.")
                .text(
                        SSL_ROOT_CERTIFICATE,
                        null,
                        null,
                        Importance.MEDIUM,
                        "File with the certificates that `verify-ca` and `verify-full` check the server's against.")
                .text(
                        SSL_FACTORY,
                        null,
                        SSL_FACTORIES,
                        Importance.LOW,
                        "`org.postgresql.ssl.DefaultJavaSSLFactory` checks the server's certificate against those that the JVM trusts,"
                                + " such as those of public authorities. Set it together with `database.sslmode=verify-full`.");
    }

    static void check(SettingValues values, Map<String, String> props, Set<String> known, Consumer<Fault> faults) {
        if (values.valid(PASSWORD, PASSWORD_FILE)
                && !values.password(PASSWORD).isEmpty()
                && values.optionalText(PASSWORD_FILE).isPresent()) {
            faults.accept(
                    new Fault(PASSWORD_FILE, PASSWORD + " and " + PASSWORD_FILE + " are both set: remove one of them"));
        }
        DriverSettings.check(props, known, faults);
    }

    static ConnectionSettings from(
            SettingValues values, Map<String, String> props, Set<String> known, String connectorName) {
        Map<String, String> driver = new LinkedHashMap<>(DriverSettings.properties(props, known));
        values.optionalText(SSL_FACTORY).ifPresent(type -> driver.put("sslfactory", type));
        driver.put("sslmode", values.text(SSL_MODE).toLowerCase(java.util.Locale.ROOT));
        values.optionalText(SSL_CERTIFICATE).ifPresent(file -> driver.put("sslcert", file));
        values.optionalText(SSL_KEY).ifPresent(file -> driver.put("sslkey", file));
        values.optionalText(SSL_ROOT_CERTIFICATE).ifPresent(file -> driver.put("sslrootcert", file));
        if (!values.password(SSL_PASSWORD).isEmpty()) {
            driver.put("sslpassword", values.password(SSL_PASSWORD));
        }
        return new ConnectionSettings(
                values.text(HOSTNAME).trim(),
                values.number(PORT),
                values.text(DATABASE),
                values.text(USER),
                values.password(PASSWORD),
                values.optionalText(PASSWORD_FILE).orElse(""),
                values.number(CONNECT_TIMEOUT),
                driver,
                applicationName(connectorName),
                values.flag(LOG_BLOCKING_QUERIES),
                !values.flag(ReplicationSettings.SLOT_FAILOVER),
                values.optionalText(PRIMARY_HOSTNAME)
                        .map(name -> new ConnectionSettings.Address(name.trim(), values.number(PRIMARY_PORT)))
                        .orElse(null));
    }

    /**
     * {@code pgseam <connector name>}, so that it comes back from {@code pg_stat_activity} as it was sent: the server
     * rewrites characters outside of ASCII, and cuts at 63 bytes. A long name is cut here, and told apart by a checksum.
     */
    static String applicationName(String connectorName) {
        String name = ("pgseam " + connectorName).replaceAll("[^\\x20-\\x7e]", "?");
        if (name.length() <= MAX_APPLICATION_NAME && name.endsWith(connectorName)) {
            return name;
        }
        CRC32 checksum = new CRC32();
        checksum.update(connectorName.getBytes(StandardCharsets.UTF_8));
        String suffix = String.format("~%08x", checksum.getValue());
        return name.substring(0, Math.min(name.length(), MAX_APPLICATION_NAME - suffix.length())) + suffix;
    }
}
