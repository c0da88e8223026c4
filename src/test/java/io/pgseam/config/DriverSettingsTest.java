package io.pgseam.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.plugin.AuthenticationPlugin;
import org.postgresql.plugin.AuthenticationRequestType;

class DriverSettingsTest {

    /** As an author of a plugin writes it. */
    public static final class Tokens implements AuthenticationPlugin {
        @Override
        public char[] getPassword(AuthenticationRequestType type) {
            return new char[0];
        }
    }

    private static Map<String, String> props(String... pairs) {
        Map<String, String> props = new HashMap<>(Map.of(
                "database.hostname", "localhost",
                "database.user", "pgseam",
                "database.dbname", "shop",
                "topic.prefix", "shop"));
        for (int i = 0; i < pairs.length; i += 2) {
            props.put(pairs[i], pairs[i + 1]);
        }
        return props;
    }

    private static List<Fault> faults(String... pairs) {
        return PgSeamSettings.faults(props(pairs));
    }

    private static Map<String, String> driver(String... pairs) {
        return PgSeamSettings.parse(props(pairs)).connection().driverProperties();
    }

    @Test
    void whatSaysHowToLogInIsPassedOn() {
        assertThat(driver("database.channelBinding", "require", "driver.requireAuth", " scram-sha-256 "))
                .containsEntry("channelBinding", "require")
                .containsEntry("requireAuth", "scram-sha-256")
                .containsEntry("sslmode", "prefer");
        assertThat(driver("database.channelBinding", "require", "driver.channelBinding", "disable"))
                .containsEntry("channelBinding", "disable");
        assertThat(driver("database.sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory"))
                .containsEntry("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
        assertThat(driver("driver.authenticationPluginClassName", Tokens.class.getName()))
                .containsEntry("authenticationPluginClassName", Tokens.class.getName());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "database.options",
                "driver.options",
                "driver.replication",
                "database.preferQueryMode",
                "database.currentSchema",
                "database.loggerLevel",
                "driver.logServerErrorDetail",
                "driver.socketFactory",
                "driver.sslmode",
                "driver.password",
                "database.PGHOST",
                "driver.sslfactory",
                "database.sslhostnameverifier",
                "driver.sslfactoryarg",
                "driver.chanelBinding"
            })
    void everyOtherPropertyIsRefusedByItsName(String setting) {
        assertThat(faults(setting, "x", "unsupported.settings", "warn"))
                .extracting(Fault::setting)
                .containsExactly(setting);
    }

    @Test
    void classesAreRefusedIfTheyAreNotWhatTheySay() {
        assertThat(faults("driver.authenticationPluginClassName", "java.lang.String"))
                .extracting(Fault::setting)
                .containsExactly("driver.authenticationPluginClassName");
        assertThat(faults("driver.authenticationPluginClassName", "no.such.Plugin"))
                .hasSize(1);
        assertThat(faults("database.sslfactory", "org.postgresql.ssl.NonValidatingFactory"))
                .extracting(Fault::setting)
                .containsExactly("database.sslfactory");
    }

    @Test
    void whatDebeziumDocumentsForItsOwnStatementsHasNoEffect() {
        assertThat(faults("database.autosave", "conservative", "database.tcpKeepAlive", "true"))
                .isEmpty();
    }

    @Test
    void thePasswordIsInOnePlace() {
        assertThat(faults("database.password", "a", "database.password.file", "/run/secrets/p"))
                .extracting(Fault::setting)
                .containsExactly("database.password.file");
        assertThat(PgSeamSettings.parse(props("database.password.file", "/run/secrets/p"))
                        .connection()
                        .passwordFile())
                .isEqualTo("/run/secrets/p");
    }
}
