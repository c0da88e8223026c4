package io.pgseam.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.pg.Lsn;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.OffsetRanges;
import io.pgseam.record.JsonForm;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class CopyRecordsTest {

    private static final int MIB = 1 << 20;

    private final CopyRecords records =
            new CopyRecords(new ControlRecords("shop", "shop.seam", JsonForm.BYTES, Clock.systemUTC()));

    /** A producer takes a record of 1 MiB, unless somebody allows more: the seam of many tables must not fail there. */
    @Test
    void theSeamIsARecordThatAProducerTakesHoweverManyTablesThereAre() throws IOException {
        assertThat(seam(20_000).path("topics").isNull()).isTrue();
        assertThat(seam(20_000).path("rows").asLong()).isEqualTo(60_000);
        assertThat(seam(500).path("topics").size()).isEqualTo(500);
    }

    private JsonNode seam(int tables) throws IOException {
        List<String> topics = IntStream.range(0, tables)
                .mapToObj(table -> "shop.some_schema.table_" + table)
                .toList();
        OffsetRanges ranges = new OffsetRanges(OffsetRanges.Snapshot.EMPTY);
        for (String topic : topics) {
            for (int partition = 0; partition < 3; partition++) {
                ranges.add(topic, partition, 0, 1, 0x9e3779b97f4a7c15L);
            }
        }
        SourceRecord record = records.seam(
                new Anchor(1, Lsn.parse("0/1A2B3C8")),
                "pgseam_shop",
                new CopiedRows(3L * tables, topics, ranges.snapshot(), Map.of()),
                Map.of(),
                Map.of());
        byte[] value = (byte[]) record.value();
        assertThat(value.length).isLessThan(MIB / 2);
        return new ObjectMapper().readTree(value);
    }
}
