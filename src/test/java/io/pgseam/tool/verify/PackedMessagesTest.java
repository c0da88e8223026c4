package io.pgseam.tool.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.record.MessageHash;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackedMessagesTest {

    private static final String ONE =
            "{\"id\":1,\"a\":\"}\\\"{\\\\\",\"j\":{\n\"x\":[1,{}]},\"__lsn\":5,\"__seq\":4,\"__snapshot\":false}";
    private static final String OTHER = "{\"id\":2,\"__lsn\":5,\"__seq\":8,\"__snapshot\":false}";

    private static ConsumerRecord<byte[], byte[]> message(String key, String value) {
        return new ConsumerRecord<>("orders", 0, 7, key.getBytes(UTF_8), value.getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {ONE + "\n" + OTHER, "[" + ONE + "," + OTHER + "]"})
    void readsEachRowWithTheHashOfAMessageOfItsOwn(String value) throws MalformedRowException {
        List<TopicRow> rows = new ArrayList<>();
        new PackedMessages().read(message("17", value), rows::add);

        assertThat(rows).extracting(TopicRow::sequence).containsExactly(4L, 8L);
        assertThat(rows)
                .extracting(TopicRow::hash)
                .containsExactly(
                        MessageHash.of("17".getBytes(UTF_8), ONE.getBytes(UTF_8)),
                        MessageHash.of("17".getBytes(UTF_8), OTHER.getBytes(UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", ONE + "x", ONE + "\n{", "{\"id\":\"1}"})
    void refusesWhatIsNoRow(String value) {
        assertThatThrownBy(() -> new PackedMessages().read(message("1", value), row -> {}))
                .isInstanceOf(MalformedRowException.class);
    }

    /** Rows of two buckets in one partition are in no order with each other. */
    @Test
    void onlyRowsOfOneBucketAreInOrder() {
        PartitionScan scan = new PartitionScan(0, 0, Long.MAX_VALUE, new PackedMessages());
        scan.take(message("1", ONE + "\n" + OTHER));
        scan.take(message("2", ONE));
        assertThat(scan.repeated()).isZero();
        scan.take(message("1", ONE));
        assertThat(scan.repeated()).isEqualTo(1);
        assertThat(scan.changes()).isEqualTo(4);
        assertThat(scan.faultCount()).isZero();
    }
}
