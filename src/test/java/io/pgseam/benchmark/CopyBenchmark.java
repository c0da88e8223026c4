package io.pgseam.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.ConnectorClient;
import io.pgseam.testing.ControlTopic;
import io.pgseam.testing.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgConnection;

/**
 * How fast a table of 13 columns is copied, and what that costs the worker: rows/s and processor time a row of a distributed
 * worker in a JVM of its own, beside one session that reads the same table by COPY and throws it away. Several rounds in one
 * worker, the first of which also warms it up. Arguments: rows, tasks, rounds, and variants that take turns: each is a list of settings
 * {@code name=value} with commas, or {@code -}.
 */
public final class CopyBenchmark {

    private CopyBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        int rows = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2_000_000;
        int tasks = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2;
        WorkerBenchmark.run(rows, arguments, (on, prefix, variant) -> round(on, prefix, variant, rows, tasks));
    }

    private static void round(WorkerBenchmark on, String prefix, String variant, int rows, int tasks) throws Exception {
        double raw = rawCopySeconds(on.database());
        Duration cpuBefore = on.worker().cpuTime();
        ConnectorClient connector = new ConnectorClient(on.worker().rest(), prefix);
        Map<String, String> settings = on.settings(prefix, variant);
        settings.put("tasks.max", String.valueOf(tasks));
        connector.configure(settings);
        double seconds;
        try (ControlTopic control = on.awaitSeam(prefix)) {
            if (last(control, "seam").path("rows").asLong() != rows) {
                throw new IllegalStateException("not every row was copied: " + last(control, "seam"));
            }
            seconds = (last(control, "chunk").path("ts_ms").asLong()
                            - last(control, "anchor").path("ts_ms").asLong())
                    / 1e3;
        }
        Duration cpu = on.worker().cpuTime().minus(cpuBefore);
        System.out.printf(
                "%s (%s): %d rows, %d tasks: %.1f s, %.0f rows/s, worker %.2f us of processor time a row;"
                        + " raw COPY in one session %.1f s, %.0f rows/s (ratio of wall times %.2f)%n",
                prefix,
                variant,
                rows,
                tasks,
                seconds,
                rows / seconds,
                cpu.toNanos() / 1e3 / rows,
                raw,
                rows / raw,
                seconds / raw);
        connector.delete();
    }

    private static double rawCopySeconds(TestDatabase database) throws Exception {
        try (Connection connection = database.connect()) {
            long start = System.nanoTime();
            CopyOut copy = connection.unwrap(PgConnection.class).getCopyAPI().copyOut("COPY measured TO STDOUT");
            long bytes = 0;
            for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
                bytes += line.length;
            }
            if (bytes == 0) {
                throw new IllegalStateException("nothing was copied");
            }
            return (System.nanoTime() - start) / 1e9;
        }
    }

    /** The last record of this type. */
    private static JsonNode last(ControlTopic control, String type) {
        List<JsonNode> records = control.ofType(type);
        return records.get(records.size() - 1);
    }
}
