package io.pgseam.tool.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.pg.Lsn;
import org.junit.jupiter.api.Test;

class TruncationTest {

    private static final String TOPIC = "shop.public.orders";

    private final Manifests manifests = new Manifests();

    private void truncated(String lsn, String afterSequence) throws JsonProcessingException {
        ObjectMapper json = new ObjectMapper();
        manifests.take(
                json.readTree("{\"type\":\"truncate\"}"),
                json.readTree("{\"type\":\"truncate\",\"topic\":\"" + TOPIC + "\",\"lsn\":\"" + lsn + "\""
                        + afterSequence + "}"));
    }

    private static TopicRow row(String lsn, long sequence) {
        return new TopicRow(null, new byte[0], 0, 0, false, Lsn.parse(lsn), sequence, sequence == 0);
    }

    private Truncation before(String lsn) {
        return manifests.truncation(TOPIC, Lsn.parse(lsn));
    }

    @Test
    void rowsOfItsOwnTransactionAreGoneIfTheyCameBeforeIt() throws JsonProcessingException {
        truncated("1/10", ",\"after_seq\":4");
        assertThat(before("1/11").removes(row("1/F", 9))).isTrue();
        assertThat(before("1/11").removes(row("1/10", 0))).isTrue();
        assertThat(before("1/11").removes(row("1/10", 4))).isTrue();
        assertThat(before("1/11").removes(row("1/10", 5))).isFalse();
        assertThat(before("1/11").removes(row("1/11", 1))).isFalse();
    }

    @Test
    void oneThatTheSourceDidNotHaveYetRemovesNothing() throws JsonProcessingException {
        truncated("1/10", ",\"after_seq\":4");
        truncated("1/20", ",\"after_seq\":0");
        assertThat(before("1/20")).isEqualTo(new Truncation(Lsn.parse("1/10"), 4));
        assertThat(before("1/21").lsn()).isEqualTo(Lsn.parse("1/20"));
        assertThat(before("1/10")).isEqualTo(Truncation.NONE);
        assertThat(Truncation.NONE.removes(row("0/1", 0))).isFalse();
    }

    @Test
    void ofTwoInOneTransactionTheLastOneCounts() throws JsonProcessingException {
        truncated("1/10", ",\"after_seq\":4");
        truncated("1/10", ",\"after_seq\":7");
        assertThat(before("1/11").removes(row("1/10", 7))).isTrue();
    }

    @Test
    void anEarlierReleaseDidNotSayWhatOfItsOwnTransactionIsGone() throws JsonProcessingException {
        truncated("1/10", "");
        assertThat(before("1/11").removes(row("1/F", 1))).isTrue();
        assertThat(before("1/11").removes(row("1/10", 1))).isFalse();
    }
}
