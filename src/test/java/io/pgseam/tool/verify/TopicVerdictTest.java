package io.pgseam.tool.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.pg.Lsn;
import io.pgseam.record.MessageHash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What manifests and topics say together when copies were interrupted, given up, or made by an earlier version. */
class TopicVerdictTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TOPIC = "shop.public.orders";

    private final Manifests manifests = new Manifests();
    private final TreeMap<Integer, PartitionScan> scans = new TreeMap<>();
    private final List<TopicRow> read = new ArrayList<>();
    private long offset;

    @BeforeEach
    void openTheFirstAnchor() {
        schema("[\"id\"]", "[]");
        anchor(1, 100);
        table(100, 7, 10, 10, 1);
    }

    @Test
    void aTopicHasWhatIsClaimedOfEachPartition() {
        chunk(100, 7, 10, 0, 10, true, rows(100, 0, 1, 2), rows(100, 1, 3));
        seam(100);
        assertThat(verdict().verdict()).isEqualTo(Verdict.EQUAL);
        row(100, 1, 4);
        assertThat(verdict().verdict()).isEqualTo(Verdict.DIFFERENT);
    }

    /** A task has died: nobody knows where its last rows are, but the chunk knows all of them. */
    @Test
    void theSumOfTheChunkProvesWhatThoseOfThePartitionsCannot() {
        long[] first = rows(100, 0, 1, 2);
        long[] second = rows(100, 1, 3);
        take(
                key("chunk", 7, 10, 0),
                "{\"type\":\"chunk\",\"lsn\":\"0/64\",\"schema\":\"public\",\"table\":\"orders\",\"filenode\":7,\"chunk\":0,"
                        + "\"first_block\":0,\"next_block\":10,\"rows\":3,\"left_out\":0,\"hash\":\""
                        + Long.toHexString(first[0] + first[1] + second[0])
                        + "\",\"offsets_exact\":false,\"offsets\":{\"" + TOPIC
                        + "\":{\"0\":{\"first\":0,\"last\":0,\"rows\":1,\"hash\":\"" + Long.toHexString(first[0])
                        + "\"}}}}");
        seam(100);
        assertThat(verdict().verdict()).isEqualTo(Verdict.EQUAL);
    }

    @Test
    void rowsThatWereSentAgainAreToldFromOthersByTheirBytes() {
        long[] sums = rows(100, 0, 1, 2);
        chunk(100, 7, 10, 0, 10, true, sums, new long[0]);
        seam(100);
        row(100, 0, 2);
        row(100, 1, 1);
        TopicResult again = verdict();
        assertThat(again.verdict()).isEqualTo(Verdict.EQUAL);
        assertThat(again.redelivered()).isEqualTo(2);
        row(100, 1, 9);
        assertThat(verdict().verdict()).isEqualTo(Verdict.DIFFERENT);
    }

    /** A packed message has the number of a bucket as its key, with rows that have none, too. */
    @ParameterizedTest
    @ValueSource(strings = {"none", "changed", "unknown"})
    void rowsWithoutAKeyThatWereSentAgainCannotBeToldIfSomeAreEqual(String key) {
        switch (key) {
            case "none" -> schema("[]", "[]");
            case "changed" -> schema("[\"id\"]", "[{\"what\":\"key_changed\",\"from\":[],\"to\":[\"id\"]}]");
            default -> table(100, "unheard_of", 7, 10, 10, 1);
        }
        chunk(100, 7, 10, 0, 10, true, rows(100, 0, 1, 1, 2), new long[0]);
        seam(100);
        assertThat(verdict().verdict()).isEqualTo(Verdict.EQUAL);
        row(100, 1, 2);
        TopicResult result = verdict();
        assertThat(result.verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(result.reasons())
                .singleElement()
                .asString()
                .startsWith("1 row more than claimed. Rows without a key");
        row(100, 1, 3);
        assertThat(verdict().verdict())
                .as("three different rows are not two equal ones and another")
                .isEqualTo(Verdict.DIFFERENT);
    }

    /** So many different rows as are claimed, with the same sum: then none of them is equal to another. */
    @Test
    void rowsWithoutAKeyThatWereSentAgainAreToldIfAllDiffer() {
        schema("[]", "[]");
        chunk(100, 7, 10, 0, 10, true, rows(100, 0, 1, 2), new long[0]);
        seam(100);
        row(100, 1, 2);
        TopicResult result = verdict();
        assertThat(result.verdict()).isEqualTo(Verdict.EQUAL);
        assertThat(result.redelivered()).isEqualTo(1);
    }

    /** The table was rewritten in the middle of its copy: rows of its former file are in the topic, and no manifest counts them. */
    @Test
    void rowsOfACopyThatWasGivenUpDoNotCount() {
        rows(100, 0, 1, 2, 3);
        take(
                "{}",
                "{\"type\":\"misfit\",\"lsn\":\"0/64\",\"schema\":\"public\",\"table\":\"orders\",\"reason\":\"rewritten\"}");
        anchor(2, 200);
        table(200, 8, 10, 10, 1);
        chunk(200, 8, 10, 0, 10, true, rows(200, 0, 1, 2, 3), rows(200, 1, 4));
        seam(200);
        TopicResult result = verdict();
        assertThat(result.verdict()).isEqualTo(Verdict.EQUAL);
        assertThat(result.earlier()).isEqualTo(3);
    }

    @Test
    void anInterruptedCopyThatWentOnAtANewerAnchorIsCountedWhole() {
        long[] before = rows(100, 0, 1, 2);
        anchor(2, 200);
        table(200, 7, 10, 10, 1);
        long[] after = rows(200, 0, 3);
        chunk(200, 7, 10, 0, 10, true, new long[] {before[0], before[1], after[0]}, new long[0]);
        seam(200);
        assertThat(verdict().verdict()).isEqualTo(Verdict.EQUAL);
    }

    /** Nobody has counted what was sent of the copy that was given up, and it cannot be told from the rest. */
    @Test
    void saysThatItCannotTellRatherThanGuess() {
        long[] half = rows(100, 0, 1, 2);
        row(100, 0, 7);
        take(
                "{}",
                "{\"type\":\"misfit\",\"lsn\":\"0/64\",\"schema\":\"public\",\"table\":\"orders\",\"reason\":\"rewritten\"}");
        chunk(100, 7, 10, 0, 10, true, half, new long[0]);
        seam(100);
        assertThat(verdict().verdict()).isEqualTo(Verdict.UNKNOWN);
    }

    @Test
    void manifestsWithoutHashesProveNoMoreThanACount() {
        rows(100, 0, 1, 2);
        take(
                key("chunk", 7, 10, 0),
                "{\"type\":\"chunk\",\"lsn\":\"0/64\",\"schema\":\"public\",\"table\":\"orders\",\"filenode\":7,\"chunk\":0,"
                        + "\"first_block\":0,\"next_block\":10,\"rows\":2,\"left_out\":0,\"hash\":null,\"offsets_exact\":true,"
                        + "\"offsets\":{\"" + TOPIC + "\":{\"0\":{\"first\":0,\"last\":1,\"rows\":2,\"hash\":null}}}}");
        seam(100);
        assertThat(verdict().verdict()).isEqualTo(Verdict.UNKNOWN);
    }

    @Test
    void blocksWithoutAManifestAreNamed() {
        anchor(2, 200);
        table(200, 7, 15, 10, 2);
        chunk(200, 7, 10, 0, 10, true, rows(200, 0, 1), new long[0]);
        seam(200);
        TopicResult result = verdict();
        assertThat(result.verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(result.reasons()).containsExactly("no manifest covers 5 blocks of public.orders (1 of 2 chunks)");
        chunk(200, 7, 10, 1, 15, true, rows(200, 0, 2), new long[0]);
        assertThat(verdict().verdict()).isEqualTo(Verdict.EQUAL);
    }

    /** Offsets were deleted: the connector has copied everything anew, to the same topics. */
    @Test
    void whatWasBeforeACopyFromScratchDoesNotCount() {
        chunk(100, 7, 10, 0, 10, true, rows(100, 0, 1, 2), new long[0]);
        seam(100);
        anchor(1, 500);
        table(500, 7, 10, 10, 1);
        chunk(500, 7, 10, 0, 10, true, rows(500, 0, 1, 2, 3), new long[0]);
        seam(500);
        TopicResult result = verdict();
        assertThat(result.verdict()).isEqualTo(Verdict.EQUAL);
        assertThat(result.earlier()).isEqualTo(2);
    }

    private TopicResult verdict() {
        assertThat(manifests.seam()).isPresent();
        TopicClaims claims = manifests.topics().iterator().next();
        return new TopicVerdict(claims, scans.values()).of(Optional.empty(), this::distinct);
    }

    private RowSum distinct(Lsn since) {
        Set<Long> seen = new HashSet<>();
        RowSum sum = RowSum.NONE;
        for (TopicRow row : read) {
            if (!row.lsn().isBefore(since) && seen.add(row.hash())) {
                sum = sum.plus(row.hash());
            }
        }
        return sum;
    }

    private long[] rows(long lsn, int partition, int... ids) {
        long[] hashes = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            hashes[i] = row(lsn, partition, ids[i]);
        }
        return hashes;
    }

    private long row(long lsn, int partition, int id) {
        byte[] key = ("{\"id\":" + id + "}").getBytes(UTF_8);
        byte[] value = ("{\"id\":" + id + ",\"__lsn\":" + lsn + ",\"__snapshot\":true}").getBytes(UTF_8);
        ConsumerRecord<byte[], byte[]> message = new ConsumerRecord<>(TOPIC, partition, offset++, key, value);
        scans.computeIfAbsent(partition, number -> new PartitionScan(number, 0, Long.MAX_VALUE, new FlatMessages()))
                .take(message);
        try {
            new FlatMessages().read(message, read::add);
        } catch (MalformedRowException e) {
            throw new AssertionError(e);
        }
        return MessageHash.of(key, value);
    }

    private void anchor(int generation, long lsn) {
        take("{}", "{\"type\":\"anchor\",\"generation\":" + generation + ",\"lsn\":\"" + new Lsn(lsn) + "\"}");
    }

    private void schema(String key, String changes) {
        take(
                "{}",
                "{\"type\":\"schema\",\"lsn\":\"0/64\",\"schema\":\"public\",\"table\":\"orders\",\"key\":" + key
                        + ",\"changes\":" + changes + "}");
    }

    private void table(long lsn, int filenode, int blocks, int blocksPerChunk, int chunks) {
        table(lsn, "orders", filenode, blocks, blocksPerChunk, chunks);
    }

    private void table(long lsn, String publishedAs, int filenode, int blocks, int blocksPerChunk, int chunks) {
        take(
                "{}",
                "{\"type\":\"table\",\"lsn\":\"" + new Lsn(lsn)
                        + "\",\"schema\":\"public\",\"table\":\"orders\",\"published_as\":\"public." + publishedAs
                        + "\",\"topic\":\""
                        + TOPIC
                        + "\",\"filenode\":" + filenode + ",\"blocks\":" + blocks + ",\"blocks_per_chunk\":"
                        + blocksPerChunk
                        + ",\"chunks\":" + chunks + "}");
    }

    private void chunk(
            long lsn, int filenode, int blocks, int number, int nextBlock, boolean exact, long[] first, long[] second) {
        long sum = 0;
        for (long hash : first) {
            sum += hash;
        }
        long other = 0;
        for (long hash : second) {
            other += hash;
        }
        take(
                key("chunk", filenode, blocks, number),
                "{\"type\":\"chunk\",\"lsn\":\"" + new Lsn(lsn)
                        + "\",\"schema\":\"public\",\"table\":\"orders\",\"filenode\":" + filenode + ",\"chunk\":"
                        + number
                        + ",\"first_block\":" + number * blocks + ",\"next_block\":" + nextBlock + ",\"rows\":"
                        + (first.length + second.length) + ",\"left_out\":0,\"hash\":\"" + Long.toHexString(sum + other)
                        + "\",\"offsets_exact\":" + exact + ",\"offsets\":{\"" + TOPIC + "\":{" + range(0, first, sum)
                        + (second.length == 0 ? "" : "," + range(1, second, other)) + "}}}");
    }

    private static String range(int partition, long[] rows, long sum) {
        return "\"" + partition + "\":{\"first\":0,\"last\":9,\"rows\":" + rows.length + ",\"hash\":\""
                + Long.toHexString(sum) + "\"}";
    }

    private void seam(long lsn) {
        take("{}", "{\"type\":\"seam\",\"generation\":1,\"lsn\":\"" + new Lsn(lsn) + "\",\"left_out\":0}");
    }

    private static String key(String type, int filenode, int blocks, int number) {
        return "{\"type\":\"" + type + "\",\"filenode\":" + filenode + ",\"blocks\":" + blocks + ",\"chunk\":" + number
                + "}";
    }

    private void take(String key, String value) {
        manifests.take(json(key), json(value));
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }
}
