package io.pgseam.tool.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlatMessagesTest {

    private final FlatMessages messages = new FlatMessages();

    @Test
    void readsTheMetadataBehindTheColumns() throws MalformedRowException {
        String columns =
                "{\"id\":1,\"__lsn_of_mine\":\"5\",\"a\\\"b\":\"},{\\\\\",\"nested\":{\"__lsn\":7,\"x\":[1,\"]\",{\"y\":null}]}";
        TopicRow row = row(columns + ",\"__op\":1,\"__lsn\":18446744073709551615,\"__seq\":3,\"__snapshot\":false}");

        assertThat(row.deleted()).isTrue();
        assertThat(row.lsn()).isEqualTo(new Lsn(-1));
        assertThat(row.sequence()).isEqualTo(3);
        assertThat(row.snapshot()).isFalse();
        assertThat(row.hasKey()).isFalse();
    }

    @Test
    void knowsACopiedRowAndASoftDelete() throws MalformedRowException {
        assertThat(row("{\"id\":1,\"__lsn\":5,\"__seq\":0,\"__snapshot\":true}").snapshot())
                .isTrue();
        assertThat(row("{\"id\":1,\"__lsn\":5,\"__deleted\":true,\"__ver\":\"9\"}")
                        .deleted())
                .isTrue();
        assertThat(row("{ \"id\" : 1 , \"__lsn\" : 5 }").lsn()).isEqualTo(new Lsn(5));
    }

    @Test
    void aTombstoneHasNoRow() throws MalformedRowException {
        List<TopicRow> rows = new ArrayList<>();
        messages.read(new ConsumerRecord<>("orders", 0, 0, new byte[0], null), rows::add);
        assertThat(rows).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "1",
                "{\"id\":1}",
                "{\"id\":1,\"__lsn\":\"x\"}",
                "{\"id\":1,\"__lsn\":5",
                "{\"id\":1,\"__lsn\":5}}",
                "{\"id\":1 \"__lsn\":5}",
                "{\"id\":,\"__lsn\":5}",
                "{\"id\":\"1,\"__lsn\":5}",
                "{\"id\":[1,\"__lsn\":5}",
                "{\"id\\",
            })
    void refusesWhatIsNoRow(String value) {
        assertThatThrownBy(() -> row(value)).isInstanceOf(MalformedRowException.class);
    }

    private TopicRow row(String value) throws MalformedRowException {
        List<TopicRow> rows = new ArrayList<>();
        messages.read(new ConsumerRecord<>("orders", 0, 0, null, value.getBytes(UTF_8)), rows::add);
        assertThat(rows).hasSize(1);
        return rows.get(0);
    }
}
