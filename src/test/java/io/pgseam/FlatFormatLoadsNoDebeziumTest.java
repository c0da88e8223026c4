package io.pgseam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.ledger.Ledger;
import io.pgseam.metrics.MetricRegistry;
import io.pgseam.pg.session.Sessions;
import io.pgseam.record.TableRecordsFactory;
import io.pgseam.snapshot.CopyPlan;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import org.apache.kafka.connect.source.TransactionContext;
import org.junit.jupiter.api.Test;

/** The wiring of a task, loaded where Debezium's classes cannot be. */
class FlatFormatLoadsNoDebeziumTest {

    private static final Map<String, String> MINIMAL = Map.of(
            "name", "shop",
            "database.hostname", "localhost",
            "database.user", "pgseam",
            "database.dbname", "shop",
            "topic.prefix", "shop");

    @Test
    void recordsOfTheFlatFormatAreMadeWithoutDebezium() throws Exception {
        assertThat(recordsFactory(MINIMAL)).isInstanceOf(TableRecordsFactory.class);
    }

    @Test
    void recordsOfDebeziumsFormatAreNot() {
        Map<String, String> settings = new java.util.HashMap<>(MINIMAL);
        settings.put("output.format", "debezium");

        assertThatThrownBy(() -> recordsFactory(settings)).hasRootCauseInstanceOf(ClassNotFoundException.class);
    }

    private static Object recordsFactory(Map<String, String> props) throws Exception {
        PgSeamSettings settings = PgSeamSettings.parse(props);
        Class<?> wiring = new WithoutDebezium().loadClass("io.pgseam.RoleFactory");
        Constructor<?> constructor = wiring.getDeclaredConstructor(
                PgSeamSettings.class,
                Sessions.class,
                Ledger.class,
                TransactionContext.class,
                Map.class,
                MetricRegistry.class);
        constructor.setAccessible(true);
        Method method = wiring.getDeclaredMethod("recordsFactory", CopyPlan.class);
        method.setAccessible(true);
        try {
            return method.invoke(
                    constructor.newInstance(
                            settings, new Sessions(settings.connection()), null, null, props, MetricRegistry.NONE),
                    CopyPlan.NOTHING);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Loads what knows Debezium anew, and does not find Debezium. */
    private static final class WithoutDebezium extends ClassLoader {

        WithoutDebezium() {
            super(FlatFormatLoadsNoDebeziumTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("io.debezium.")) {
                throw new ClassNotFoundException(name);
            }
            if (!name.startsWith("io.pgseam.RoleFactory") && !name.startsWith("io.pgseam.record.debezium.")) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            try (InputStream stream = getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (stream == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = stream.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
