package io.pgseam.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ReplayTest {

    private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();

    private void record(int partition, String key, String fields, int operation, long lsn, long sequence) {
        String value = "{" + fields + (fields.isEmpty() ? "" : ",") + "\"__op\":" + operation + ",\"__lsn\":" + lsn
                + ",\"__seq\":" + sequence + ",\"__snapshot\":" + (sequence == 0) + "}";
        records.add(new ConsumerRecord<>(
                "t",
                partition,
                records.size(),
                key.getBytes(StandardCharsets.UTF_8),
                value.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void keepsTheLastRowOfEachKeyWithoutMetadata() {
        record(0, "{\"id\":1}", "\"id\":1,\"v\":\"old\"", 0, 100, 0);
        record(0, "{\"id\":2}", "\"id\":2,\"v\":\"gone\"", 0, 100, 0);
        record(0, "{\"id\":1}", "\"id\":1,\"v\":\"new\"", 0, 100, 1);
        record(0, "{\"id\":2}", "\"id\":2", 1, 101, 1);
        Replay replay = new Replay().apply(records);
        assertThat(replay.rows("t").toString()).isEqualTo("{{\"id\":1}={\"id\":1,\"v\":\"new\"}}");
        assertThat(replay.snapshotRows()).isEqualTo(2);
        assertThat(replay.changes()).isEqualTo(2);
        assertThatCode(replay::assertConsistent).doesNotThrowAnyException();
        assertThatCode(replay::assertNoDuplicates).doesNotThrowAnyException();
    }

    @Test
    void appliesOnlyWhatStandsBeforeTheGivenOffsets() {
        record(0, "{\"id\":1}", "\"id\":1", 0, 100, 0);
        record(0, "{\"id\":2}", "\"id\":2", 0, 100, 0);
        record(1, "{\"id\":3}", "\"id\":3", 0, 100, 0);
        Replay replay = new Replay().applyBefore(Map.of(new TopicPartition("t", 0), 1L), records);
        assertThat(replay.rows("t")).hasSize(1);
    }

    @Test
    void appliesWhatShowsTheSourceAsOfAnLsnWhereverItStands() {
        record(0, "{\"id\":1}", "\"id\":1,\"v\":\"copied\"", 0, 100, 0);
        record(0, "{\"id\":2}", "\"id\":2,\"v\":\"caught up\"", 0, 150, 1);
        record(0, "{\"id\":3}", "\"id\":3,\"v\":\"copied\"", 0, 200, 0);
        record(0, "{\"id\":1}", "\"id\":1,\"v\":\"after\"", 0, 200, 1);
        Replay replay = new Replay().applyAsOf(new Lsn(200), records);
        assertThat(replay.rows("t").toString())
                .contains("\"id\":1,\"v\":\"copied\"", "caught up", "\"id\":3")
                .doesNotContain("after");
    }

    @Test
    void forgetsWhatATruncatedTableHad() {
        record(0, "{\"id\":1}", "\"id\":1", 0, 100, 1);
        record(0, "{\"id\":2}", "\"id\":2", 0, 100, 2);
        record(0, "{\"id\":2}", "\"id\":2,\"v\":\"again\"", 0, 120, 1);
        Replay replay = new Replay().apply(records);
        replay.forgetBefore("t", new Lsn(110));
        replay.forgetBefore("never written", new Lsn(110));
        assertThat(replay.rows("t").toString()).isEqualTo("{{\"id\":2}={\"id\":2,\"v\":\"again\"}}");
    }

    @Test
    void letsAnUpdateComeThatWasLeftOutTheFirstTime() {
        record(0, "{\"id\":2}", "\"id\":2", 0, 101, 1);
        record(0, "{\"id\":1}", "\"id\":1", 0, 101, 3);
        record(0, "{\"id\":2}", "\"id\":2", 0, 101, 1);
        record(0, "{\"id\":1}", "\"id\":1", 0, 101, 2);
        record(0, "{\"id\":1}", "\"id\":1", 0, 101, 3);
        assertThatCode(new Replay().apply(records)::assertConsistent).doesNotThrowAnyException();
        record(0, "{\"id\":2}", "\"id\":2", 0, 102, 1);
        record(0, "{\"id\":1}", "\"id\":1", 0, 100, 1);
        assertThatThrownBy(new Replay().apply(records)::assertConsistent).hasMessageContaining("went back");
    }

    @Test
    void findsAKeyThatGoesBackInTheCommitOrder() {
        record(0, "{\"id\":1}", "\"id\":1", 0, 101, 2);
        record(0, "{\"id\":1}", "\"id\":1", 0, 101, 1);
        assertThatThrownBy(new Replay().apply(records)::assertConsistent).hasMessageContaining("went back from 0/65,2");
    }

    @Test
    void findsASnapshotRowBehindALaterChange() {
        record(0, "{\"id\":1}", "\"id\":1", 0, 101, 1);
        record(0, "{\"id\":1}", "\"id\":1", 0, 100, 0);
        assertThatThrownBy(new Replay().apply(records)::assertConsistent).hasMessageContaining("went back from 0/65,1");
    }

    @Test
    void allowsARepetitionAndCountsIt() {
        record(0, "{\"id\":1}", "\"id\":1", 0, 101, 1);
        record(0, "{\"id\":1}", "\"id\":1", 0, 101, 2);
        record(0, "{\"id\":1}", "\"id\":1", 0, 101, 1);
        record(0, "{\"id\":1}", "\"id\":1", 0, 101, 2);
        Replay replay = new Replay().apply(records);
        assertThatCode(replay::assertConsistent).doesNotThrowAnyException();
        assertThat(replay.duplicates()).isEqualTo(2);
        assertThatThrownBy(replay::assertNoDuplicates).hasMessageContaining("2 duplicates");
    }

    @Test
    void findsAKeyThatChangesItsPartition() {
        record(0, "{\"id\":1}", "\"id\":1", 0, 101, 1);
        record(1, "{\"id\":1}", "\"id\":1", 0, 101, 2);
        assertThatThrownBy(new Replay().apply(records)::assertConsistent).hasMessageContaining("key was in t-0 before");
    }

    @Test
    void findsAKeyThatChangesItsBytes() {
        record(0, "{\"id\":1}", "\"id\":1", 0, 101, 1);
        record(0, "{\"id\": 1}", "\"id\":1", 0, 101, 2);
        assertThatThrownBy(new Replay().apply(records)::assertConsistent).hasMessageContaining("key bytes changed");
    }

    @Test
    void refusesWhatIsNotAFlatRecord() {
        record(0, "{\"id\":1}", "\"id\":1,", 0, 101, 1);
        assertThatThrownBy(() -> new Replay().apply(records)).hasMessageContaining("value is not JSON at t-0@0");
    }
}
