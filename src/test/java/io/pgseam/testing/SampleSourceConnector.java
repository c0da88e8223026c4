package io.pgseam.testing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/**
 * A connector that tests the test cluster itself: each task writes flat rows with the ids 1 to {@code rows}, then waits, or
 * fails where {@code fail} says so.
 */
public final class SampleSourceConnector extends SourceConnector {

    private static final ConfigDef SETTINGS = new ConfigDef()
            .define("topic", ConfigDef.Type.STRING, ConfigDef.Importance.HIGH, "where to write")
            .define("rows", ConfigDef.Type.LONG, ConfigDef.Importance.HIGH, "how many a task")
            .define("fail", ConfigDef.Type.BOOLEAN, false, ConfigDef.Importance.LOW, "whether to fail after them");

    private Map<String, String> settings = Map.of();

    @Override
    public String version() {
        return "test";
    }

    @Override
    public ConfigDef config() {
        return SETTINGS;
    }

    @Override
    public void start(Map<String, String> given) {
        settings = given;
    }

    @Override
    public Class<? extends Task> taskClass() {
        return SampleTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return Collections.nCopies(maxTasks, settings);
    }

    @Override
    public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> given) {
        return ExactlyOnceSupport.SUPPORTED;
    }

    @Override
    public void stop() {
        settings = Map.of();
    }

    /** Writes the rows that its committed offset does not have yet. */
    public static final class SampleTask extends SourceTask {

        private static final Map<String, String> PARTITION = Map.of("sample", "rows");
        private static final int BATCH = 100;

        private Map<String, String> settings = Map.of();
        private final CountDownLatch stopped = new CountDownLatch(1);
        private long rows;
        private long written;

        @Override
        public String version() {
            return "test";
        }

        @Override
        public void start(Map<String, String> given) {
            settings = given;
            rows = Long.parseLong(given.get("rows"));
            Map<String, Object> offset = context.offsetStorageReader().offset(PARTITION);
            written = offset == null ? 0 : (Long) offset.get("written");
        }

        @Override
        public List<SourceRecord> poll() throws InterruptedException {
            if (written == rows && Boolean.parseBoolean(settings.get("fail"))) {
                throw new ConnectException("the sample task fails as it was told");
            }
            if (written == rows) {
                stopped.await(100, TimeUnit.MILLISECONDS);
            }
            List<SourceRecord> batch = new ArrayList<>();
            while (batch.size() < BATCH && written < rows) {
                written++;
                batch.add(new SourceRecord(
                        PARTITION,
                        Map.of("written", written),
                        settings.get("topic"),
                        Schema.BYTES_SCHEMA,
                        bytes("{\"id\":" + written + "}"),
                        Schema.BYTES_SCHEMA,
                        bytes("{\"id\":" + written + ",\"name\":\"row " + written + "\",\"__op\":0,\"__lsn\":" + written
                                + ",\"__seq\":1,\"__snapshot\":false}")));
            }
            return batch;
        }

        private static byte[] bytes(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public void stop() {
            stopped.countDown();
        }
    }
}
