package io.pgseam.tool.topic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.pg.Lsn;
import io.pgseam.tool.topic.ConnectorLog.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConnectorLogTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ConnectorLog log = new ConnectorLog();

    @Test
    void aCopyGetsOnChunkByChunk() {
        assertThat(log.phase()).isEqualTo(Phase.STARTING);
        take(anchor(1, "0/100"), table(1, "0/100", "orders", 4, 4000), table(1, "0/100", "empty", 0, 0));
        assertThat(log.phase()).isEqualTo(Phase.COPYING);

        take(chunk(1, "0/100", "orders", 7, 0, 10, 2000), chunk(1, "0/100", "orders", 7, 2, 30, 4000));
        take(chunk(1, "0/100", "orders", 7, 2, 30, 4000));

        TableProgress orders = log.tables().get(0);
        assertThat(orders.chunksDone()).isEqualTo(2);
        assertThat(orders.rowsDone()).as("a chunk counts once").isEqualTo(40);
        assertThat(orders.bytesDone()).isEqualTo(2000);
        assertThat(log.tables().get(1).fraction()).isEqualTo(1);
        assertThat(log.rate()).hasValueSatisfying(rate -> {
            assertThat(rate.rowsPerSecond()).isEqualTo(40 / 3.0);
            assertThat(rate.bytesPerSecond()).isEqualTo(2000 / 3.0);
        });
        take(seam(1, "0/100", 40));
        assertThat(log.phase()).isEqualTo(Phase.STREAMING);
    }

    /** So many tables that a seam with all their topics would be too large a record. */
    @Test
    void aSeamWithoutTopicsHasThoseOfTheRecordsOfTables() {
        take(
                anchor(1, "0/100"),
                "{\"type\":\"table_done\",\"ts_ms\":2000,\"generation\":1,\"lsn\":\"0/100\",\"schema\":\"public\",\"table\":\"orders\","
                        + "\"topic\":\"shop.orders\",\"offsets\":{\"shop.orders\":{\"1\":{\"first\":5,\"last\":9,\"changes_from\":10}}}}",
                "{\"type\":\"table_done\",\"ts_ms\":2000,\"generation\":1,\"lsn\":\"0/100\",\"schema\":\"public\",\"table\":\"empty\","
                        + "\"topic\":\"shop.empty\",\"offsets\":{}}",
                "{\"type\":\"seam\",\"ts_ms\":3000,\"generation\":1,\"lsn\":\"0/100\",\"slot\":\"s\",\"rows\":5,\"topics\":null}");
        assertThat(log.seam()).hasValueSatisfying(seam -> {
            assertThat(seam.topics()).containsOnlyKeys("shop.orders", "shop.empty");
            assertThat(seam.partition("shop.orders", 1)).contains(new Seam.Partition(1, 5, 9, 10));
        });
    }

    @Test
    void aRewrittenTableBeginsAgainAtANewerAnchor() {
        take(anchor(1, "0/100"), table(1, "0/100", "orders", 2, 20), chunk(1, "0/100", "orders", 7, 0, 10, 2000));
        take(
                "{\"type\":\"misfit\",\"ts_ms\":2500,\"generation\":1,\"lsn\":\"0/100\",\"schema\":\"public\",\"table\":\"orders\","
                        + "\"reason\":\"table public.orders was rewritten\"}",
                "{\"type\":\"plan\",\"ts_ms\":3000,\"generation\":2,\"lsn\":\"0/200\"}");
        assertThat(log.phase()).isEqualTo(Phase.CATCHING_UP);
        assertThat(log.misfit()).contains("table public.orders was rewritten");

        take("{\"type\":\"catch_up\",\"ts_ms\":3500,\"generation\":2,\"lsn\":\"0/200\"}", anchor(2, "0/200"));
        take(table(2, "0/200", "orders", 2, 20), chunk(2, "0/200", "orders", 8, 1, 5, 5000));
        assertThat(log.phase()).isEqualTo(Phase.COPYING);
        assertThat(log.tables().get(0).chunksDone()).isEqualTo(1);
        assertThat(log.tables().get(0).rowsDone()).isEqualTo(5);

        take(seam(2, "0/200", 10));
        assertThat(log.phase()).isEqualTo(Phase.STREAMING);
        assertThat(log.misfit()).isEmpty();
    }

    @Test
    void aTableIsSetAsideUntilARecordWithoutAReason() {
        String record =
                "{\"type\":\"set_aside\",\"schema\":\"public\",\"table\":\"%s\",\"reason\":%s,\"detail\":\"no primary key\","
                        + "\"remedy\":\"add one\"}";
        take(record.formatted("log", "\"identity\""), record.formatted("audit", "\"identity\""));
        take(record.formatted("audit", "null"));
        assertThat(log.setAside())
                .containsExactly(new SetAsideTable("public.log", "identity", "no primary key", "add one"));
        assertThat(log.setAside().get(0).why())
                .as("of a reason that this version does not know")
                .isEqualTo("no primary key");
        take(record.formatted("log", "\"no_replica_identity\""));
        assertThat(log.setAside().get(0).why()).isEqualTo("no usable replica identity (no primary key)");
    }

    @Test
    void chunksOfEarlierAnchorsCount() {
        take(anchor(1, "0/100"), table(1, "0/100", "orders", 2, 20), chunk(1, "0/100", "orders", 7, 0, 10, 2000));
        take(anchor(2, "0/200"), table(2, "0/200", "orders", 2, 20), chunk(2, "0/200", "orders", 7, 1, 5, 5000));

        assertThat(log.tables().get(0).chunksDone()).isEqualTo(2);
        assertThat(log.tables().get(0).rowsDone()).isEqualTo(15);
    }

    /** Offsets were deleted: generations begin at 1 again. Partitions of the control topic are read in any order. */
    @Test
    void whatWasBeforeACopyFromScratchDoesNotCountInWhateverOrderItIsRead() {
        List<String> before = List.of(
                anchor(1, "0/100"),
                table(1, "0/100", "orders", 2, 20),
                chunk(1, "0/100", "orders", 7, 0, 10, 2000),
                seam(1, "0/100", 10),
                anchor(2, "0/200"),
                table(2, "0/200", "orders", 2, 20),
                seam(2, "0/200", 10),
                "{\"type\":\"heartbeat\",\"ts_ms\":4000,\"lsn\":\"0/300\"}",
                "{\"type\":\"end\",\"ts_ms\":4500,\"lsn\":\"0/300\"}");
        List<String> after = List.of(
                anchor(1, "0/500"), table(1, "0/500", "orders", 3, 30), chunk(1, "0/500", "orders", 7, 1, 7, 6000));
        Random random = new Random(7);
        for (int run = 0; run < 50; run++) {
            List<String> records = new ArrayList<>(before);
            records.addAll(after);
            Collections.shuffle(records, random);
            ConnectorLog mixed = new ConnectorLog();
            records.forEach(record -> mixed.take(json(record)));

            assertThat(mixed.phase()).isEqualTo(Phase.COPYING);
            assertThat(mixed.seam()).isEmpty();
            assertThat(mixed.heartbeat()).isEmpty();
            assertThat(mixed.tables()).singleElement().satisfies(orders -> {
                assertThat(orders.chunks()).isEqualTo(3);
                assertThat(orders.chunksDone()).isEqualTo(1);
                assertThat(orders.rowsDone()).isEqualTo(7);
                assertThat(mixed.rate())
                        .hasValueSatisfying(
                                rate -> assertThat(rate.rowsPerSecond()).isEqualTo(7 / 5.0));
            });
        }
    }

    @Test
    void anEndHoldsUntilTheStreamGoesOn() {
        take(anchor(1, "0/100"), seam(1, "0/100", 10), "{\"type\":\"end\",\"ts_ms\":9000,\"lsn\":\"0/200\"}");
        assertThat(log.phase()).isEqualTo(Phase.ENDED);
        assertThat(log.endLsn()).contains(Lsn.parse("0/200"));

        take("{\"type\":\"heartbeat\",\"ts_ms\":9500,\"lsn\":\"0/300\"}");
        assertThat(log.phase()).isEqualTo(Phase.STREAMING);
    }

    /** The examples of the documentation are all that a reader of the topic knows. */
    @Test
    void takesEveryExampleOfTheDocumentation() throws IOException {
        String document = Files.readString(Path.of("docs", "control-topic.md"));
        int taken = 0;
        for (String part : document.split("Value:\\s+```json", -1)) {
            String json = part.substring(0, Math.max(0, part.indexOf("```")));
            if (json.strip().startsWith("{")) {
                log.take(json(json));
                taken++;
            }
        }
        assertThat(taken).isGreaterThan(10);
        assertThat(log.seam()).hasValueSatisfying(seam -> {
            assertThat(seam.partition("shop.public.orders", 1)).contains(new Seam.Partition(1, 1187, 655371, 655372));
            assertThat(seam.partition("shop.public.empty", 0)).isEmpty();
        });
    }

    private void take(String... records) {
        for (String record : records) {
            log.take(json(record));
        }
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }

    private static String anchor(int generation, String lsn) {
        return "{\"type\":\"anchor\",\"ts_ms\":1000,\"generation\":" + generation + ",\"lsn\":\"" + lsn
                + "\",\"tasks\":2}";
    }

    private static String table(int generation, String lsn, String name, int chunks, long bytes) {
        return "{\"type\":\"table\",\"ts_ms\":1000,\"generation\":" + generation + ",\"lsn\":\"" + lsn
                + "\",\"schema\":\"public\",\"table\":\"" + name + "\",\"published_as\":\"public." + name
                + "\",\"topic\":\"shop.public." + name + "\",\"chunks\":" + chunks + ",\"bytes\":" + bytes + "}";
    }

    private static String chunk(int generation, String lsn, String table, int file, int chunk, int rows, long atMs) {
        return "{\"type\":\"chunk\",\"ts_ms\":" + atMs + ",\"generation\":" + generation + ",\"lsn\":\"" + lsn
                + "\",\"schema\":\"public\",\"table\":\"" + table + "\",\"filenode\":" + file + ",\"chunk\":" + chunk
                + ",\"rows\":" + rows + "}";
    }

    private static String seam(int generation, String lsn, int rows) {
        return "{\"type\":\"seam\",\"ts_ms\":8000,\"generation\":" + generation + ",\"lsn\":\"" + lsn
                + "\",\"slot\":\"pgseam_shop\",\"rows\":" + rows + ",\"offsets_exact\":true,\"topics\":{}}";
    }
}
