package io.pgseam.history;

import io.pgseam.failpoint.Failpoint;
import io.pgseam.testing.ConnectorClient;
import io.pgseam.testing.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Something that happens to a connector, its workers, the broker or the source. */
sealed interface Fault
        permits Act,
                PairFault,
                Fault.RestartConnector,
                Fault.RestartTask,
                Fault.Interrupt,
                Fault.ChangeTasks,
                Fault.Fail,
                Fault.KillWorker,
                Fault.StopWorker,
                Fault.MoveLeader,
                Fault.TerminateBackends,
                Fault.RestartPostgres,
                Fault.RestartBroker,
                Fault.CutConnections,
                Fault.SlowConnections,
                Fault.BlackHole,
                Fault.HoldTable,
                Fault.AddTable,
                Fault.Rewrite {

    /** Every kind of fault, what people do and what happens to a pair included. */
    static Set<Class<?>> kinds() {
        return Stream.of(Fault.class, Act.class, PairFault.class)
                .flatMap(family -> Arrays.stream(family.getPermittedSubclasses()))
                .filter(kind -> !kind.isInterface())
                .collect(Collectors.toSet());
    }

    /** Makes it happen; returns when it has. */
    void apply(Scene scene) throws Exception;

    /** The connector is restarted by REST, as a person does it. */
    record RestartConnector(boolean withTasks) implements Fault {
        @Override
        public void apply(Scene scene) throws Exception {
            scene.connector().request(withTasks ? client -> client.restartWithTasks(false) : ConnectorClient::restart);
        }
    }

    /** A task is restarted by REST, where there is one of this number. */
    record RestartTask(int task) implements Fault {
        @Override
        public void apply(Scene scene) throws Exception {
            scene.connector().restartTask(task);
        }
    }

    /** The connector is paused and resumed, or stopped and resumed. */
    record Interrupt(boolean stop, int ms) implements Fault {
        @Override
        public void apply(Scene scene) throws Exception {
            scene.connector().request(stop ? ConnectorClient::stop : ConnectorClient::pause);
            TimeUnit.MILLISECONDS.sleep(ms);
            scene.connector().request(ConnectorClient::resume);
        }
    }

    /** Somebody wants more tasks, or fewer. */
    record ChangeTasks(int most) implements Fault {
        @Override
        public void apply(Scene scene) throws Exception {
            scene.connector().change("tasks.max", String.valueOf(most));
        }
    }

    /** The next pass of a failpoint fails, or takes the whole worker with it. */
    record Fail(Failpoint failpoint, boolean halt) implements Fault {
        @Override
        public void apply(Scene scene) throws Exception {
            scene.environment().arm(failpoint, halt);
        }
    }

    /** A worker is killed, and started again some time later. */
    record KillWorker(int worker, int downMs) implements Fault {
        @Override
        public void apply(Scene scene) throws Exception {
            scene.environment().workers().kill(worker);
            TimeUnit.MILLISECONDS.sleep(downMs);
            scene.environment().workers().startMissing();
        }
    }

    /** A worker is stopped in order, and started again some time later. */
    record StopWorker(int worker, int downMs) implements Fault {
        @Override
        public void apply(Scene scene) throws Exception {
            scene.environment().workers().stop(worker);
            TimeUnit.MILLISECONDS.sleep(downMs);
            scene.environment().workers().startMissing();
        }
    }

    /** The worker goes that runs the connector itself, so that another one leads. */
    record MoveLeader(boolean kill) implements Fault {
        @Override
        public void apply(Scene scene) throws Exception {
            int leading = scene.leadingWorker();
            if (leading >= 0) {
                (kill ? new KillWorker(leading, 0) : new StopWorker(leading, 0)).apply(scene);
            }
        }
    }

    /** An administrator terminates the connector's sessions, or one of them. */
    record TerminateBackends(boolean all) implements Fault {
        @Override
        public void apply(Scene scene) throws Exception {
            scene.source()
                    .query("SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE pid IN (SELECT pid"
                            + " FROM pg_stat_activity WHERE datname = current_database()"
                            + " AND application_name LIKE 'pgseam%' ORDER BY md5(pid::text || '"
                            + scene.history().seed()
                            + "')" + (all ? "" : " LIMIT 1") + ")");
        }
    }

    /** The server restarts, in order or by a crash. */
    record RestartPostgres(PostgresServer.Stop stop) implements Fault {
        @Override
        public void apply(Scene scene) {
            scene.environment().restart(scene.database().server(), stop);
        }
    }

    /** The broker restarts. */
    record RestartBroker() implements Fault {
        @Override
        public void apply(Scene scene) {
            scene.environment().restartBroker();
        }
    }

    /** All connections between the connector and its source break. */
    record CutConnections() implements Fault {
        @Override
        public void apply(Scene scene) {
            scene.timeline().note("fault", "%d connections cut", scene.proxy().cut());
        }
    }

    /** The network to the source is slow for a while. */
    record SlowConnections(int delayMs, int ms) implements Fault {
        @Override
        public void apply(Scene scene) throws Exception {
            scene.proxy().delay(delayMs);
            TimeUnit.MILLISECONDS.sleep(ms);
            scene.proxy().delay(0);
        }
    }

    /**
     * The network swallows packets without a word: on the connections that are open for good, or on new ones as well for a while.
     *
     * @param all whether on new connections, too
     * @param ms how long
     */
    record BlackHole(boolean all, int ms) implements Fault {
        /** The setting by which a silent server is asked after three seconds. */
        static final String TIMEOUT_SETTING = "database.connect.timeout.ms";

        static final int TIMEOUT_MS = 1_000;

        @Override
        public void apply(Scene scene) throws Exception {
            if (all) {
                scene.proxy().swallowAll();
                TimeUnit.MILLISECONDS.sleep(ms);
                scene.proxy().passAgain();
            } else {
                scene.proxy().swallowOpen();
            }
        }
    }

    /** Somebody holds a lock on a table for a while, which keeps its chunks from being copied, and goes on with other things. */
    record HoldTable(String table, int ms) implements Fault {
        @Override
        public void apply(Scene scene) throws Exception {
            Connection session = scene.database().connect();
            session.setAutoCommit(false);
            try (Statement statement = session.createStatement()) {
                statement.execute("SET LOCAL lock_timeout = 3000");
                statement.execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
                scene.later(ms, session::close);
            } catch (SQLException e) {
                scene.timeline().note("fault", "not locked: %s", e.getMessage());
                session.close();
            }
        }
    }

    /** A table comes, with rows that nobody has published, and the applications write into it from then on. */
    record AddTable(SampleTable table) implements Fault {
        @Override
        public void apply(Scene scene) throws Exception {
            scene.database().execute(table.creation().toArray(String[]::new));
            scene.added(table);
        }
    }

    /**
     * A statement that needs a table for itself, and may rewrite it: VACUUM FULL, CLUSTER, ALTER TABLE, TRUNCATE. Where it does
     * not get the table in time, nothing happens.
     */
    record Rewrite(String statement) implements Fault {
        @Override
        public void apply(Scene scene) throws Exception {
            scene.truths().rewriting(scene.database(), () -> {
                try {
                    scene.database().execute("SET lock_timeout = 8000", statement);
                } catch (SQLException e) {
                    scene.timeline().note("fault", "not done: %s", e.getMessage());
                }
            });
        }
    }
}
