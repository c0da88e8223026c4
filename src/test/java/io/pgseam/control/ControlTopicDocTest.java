package io.pgseam.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.control.SignalAnswer.Outcome;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CompositeTypes.CompositeType;
import io.pgseam.pg.catalog.CompositeTypes.TypeAttribute;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.ChunkId;
import io.pgseam.phase.ChunkProgress;
import io.pgseam.phase.CompositeHistory.Form;
import io.pgseam.phase.CopiedTable;
import io.pgseam.phase.OffsetRanges;
import io.pgseam.phase.SetAsideTable;
import io.pgseam.phase.ShapeChange;
import io.pgseam.phase.TableShape;
import io.pgseam.phase.TableShape.ShapeColumn;
import io.pgseam.record.JsonForm;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds {@code docs/control-topic.md} against the records that the code makes. */
class ControlTopicDocTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern TYPE_HEADING = Pattern.compile("(?m)^## `(\\w+)`$");
    private static final Pattern EXAMPLE = Pattern.compile("(?s)```json\n(.*?)```");
    private static final Pattern FIELD = Pattern.compile("(?m)^\\| `(\\w+)` \\| (\\w+) \\|");

    private static final Map<String, ?> PARTITION = Map.of("server", "shop");
    private static final Map<String, ?> OFFSET = Map.of();
    private static final Anchor ANCHOR = new Anchor(1, Lsn.parse("0/1A2B3C8"));
    private static final Anchor NEXT = new Anchor(2, Lsn.parse("0/B1270A8"));
    private static final TableId ORDERS = new TableId("public", "orders");
    private static final String TOPIC = "shop.public.orders";
    private static final Lsn LATER = Lsn.parse("0/1B00060");

    private static final RelationSize SIZE = new RelationSize(16_412, 107_648, 16_384, 7, 881_852_416);
    private static final ShapeColumn TOTAL = new ShapeColumn("total", 1700, 786_438, "numeric(12,2)", false);
    private static final ShapeColumn NOTE = new ShapeColumn("note", 25, -1, "text", true);
    private static final TableShape ORDERS_NOW = new TableShape(
            ORDERS,
            ReplicaIdentity.DEFAULT,
            List.of(new ShapeColumn("id", 20, -1, "int8", true), TOTAL, NOTE),
            List.of("id"));
    private static final List<ShapeChange> EVERY_CHANGE = List.of(
            new ShapeChange.TableRenamed(new TableId("public", "order")),
            new ShapeChange.ColumnDropped(new ShapeColumn("remark", 25, -1, "text", false)),
            new ShapeChange.ColumnRenamed("sum", "total"),
            new ShapeChange.TypeChanged(new ShapeColumn("sum", 23, -1, "int4", false), TOTAL),
            new ShapeChange.ColumnAdded(NOTE, true, "'none'::text", "none", true),
            new ShapeChange.KeyChanged(List.of("code"), List.of("id")));

    private static final Form ADDRESS_BEFORE =
            new Form(Lsn.NONE, List.of(new TypeAttribute(1, "road", 25, -1), new TypeAttribute(2, "number", 23, -1)));
    private static final Form ADDRESS_NOW =
            new Form(LATER, List.of(new TypeAttribute(1, "street", 25, -1), new TypeAttribute(3, "town", 25, -1)));

    /** The text below each type's heading, and before the first heading. */
    private static final Map<String, String> SECTIONS = new LinkedHashMap<>();

    private static String introduction = "";

    @BeforeAll
    static void readTheDocument() throws IOException {
        String document = Files.readString(Path.of("docs", "control-topic.md"));
        List<MatchResult> headings = TYPE_HEADING.matcher(document).results().toList();
        introduction = document.substring(0, headings.get(0).start());
        for (int i = 0; i < headings.size(); i++) {
            int end = i + 1 < headings.size() ? headings.get(i + 1).start() : document.length();
            SECTIONS.put(
                    headings.get(i).group(1), document.substring(headings.get(i).end(), end));
        }
    }

    static Stream<SourceRecord> everyRecord() {
        ControlRecords records = records();
        return Stream.of(
                        everyRecordOfTables(records),
                        everyRecordOfTheCopy(new CopyRecords(records)),
                        everyOtherRecord(records))
                .flatMap(each -> each);
    }

    private static ControlRecords records() {
        return new ControlRecords(
                "shop",
                "shop.seam",
                JsonForm.BYTES,
                Clock.fixed(Instant.ofEpochMilli(1_790_000_000_000L), ZoneOffset.UTC));
    }

    /** What the stream says of tables and types that have changed. */
    private static Stream<SourceRecord> everyRecordOfTables(ControlRecords records) {
        return Stream.of(
                records.continued("pgseam_shop", LATER, Lsn.parse("0/2000060"), PARTITION, OFFSET),
                records.dropped(
                        ORDERS,
                        16_412,
                        TOPIC,
                        LATER,
                        false,
                        new TreeMap<>(Map.of(0, 656_950L, 1, 655_400L)),
                        PARTITION,
                        OFFSET),
                records.compositeType(
                        new CompositeType(16_500, "public", "address", ADDRESS_NOW.attributes()),
                        ADDRESS_NOW,
                        ADDRESS_BEFORE,
                        Map.of(25L, "text", 23L, "int4"),
                        PARTITION,
                        OFFSET),
                records.republished(
                        ORDERS, 16_412, TOPIC, new Anchor(1, Lsn.parse("0/A063C50")), NEXT, true, PARTITION, OFFSET),
                records.missed(
                        ORDERS,
                        16_412,
                        TOPIC,
                        NEXT.lsn(),
                        "column \"id\" of its key is not published any more: correct the column list of the publication",
                        PARTITION,
                        OFFSET),
                records.renamed(
                        ORDERS,
                        16_412,
                        TOPIC,
                        new TableId("public", "orders_old"),
                        TOPIC + "_old",
                        16_590L,
                        NEXT,
                        PARTITION,
                        OFFSET),
                records.partitions(
                        ORDERS,
                        12,
                        List.of("public.orders_2026_12"),
                        List.of(),
                        List.of("public.orders_2025_11"),
                        PARTITION,
                        OFFSET));
    }

    private static Stream<SourceRecord> everyRecordOfTheCopy(CopyRecords copy) {
        ChunkProgress progress = new ChunkProgress(
                1,
                ANCHOR.lsn(),
                65_536,
                0,
                true,
                1_310_720,
                125_829_120,
                1_310_720,
                0x9e3779b97f4a7c15L,
                ranges().snapshot());
        TableId leaf = new TableId("public", "orders_2026");
        CopiedTable copied =
                new CopiedTable(ANCHOR.generation(), ANCHOR.lsn(), 1_310_720, 125_829_120, ranges().snapshot());
        return Stream.of(
                copy.anchor(ANCHOR, 2, "0.2.0", "17.6 (Debian 17.6-1.pgdg120+1)", PARTITION, OFFSET),
                copy.table(ANCHOR, ORDERS, leaf, TOPIC, SIZE, PARTITION, OFFSET),
                copy.plan(new Anchor(2, Lsn.parse("0/2C00028")), 3, 12, PARTITION, OFFSET),
                copy.share(ANCHOR, 0, "0000000C-00000005-1", PARTITION, OFFSET),
                copy.chunk(
                        ANCHOR, new ChunkId(ORDERS, 16_412, 16_384, 3, 1), progress, 1, 1_789_999_979_500L, PARTITION),
                copy.tableDone(ORDERS, TOPIC, 2, 9, copied, PARTITION),
                copy.chunkForgotten(new ChunkId(ORDERS, 16_412, 16_384, 3, 1), PARTITION),
                copy.planPart(ANCHOR, "5f1b2c9d8e7a60415f1b2c9d8e7a6041", 48_213, PARTITION, OFFSET),
                copy.misfit(ANCHOR, ORDERS, "table public.orders was rewritten", PARTITION, OFFSET),
                copy.catchUp(new Anchor(2, Lsn.parse("0/2C00028")), PARTITION, OFFSET),
                copy.seam(
                        ANCHOR,
                        "pgseam_shop",
                        new CopiedRows(
                                1_310_720,
                                List.of("shop.public.empty", TOPIC),
                                ranges().snapshot(),
                                Map.of("shop.public.empty", ANCHOR.lsn())),
                        PARTITION,
                        OFFSET));
    }

    private static Stream<SourceRecord> everyOtherRecord(ControlRecords records) {
        return Stream.of(
                records.signal(
                        new SignalAnswer(
                                "reload-7",
                                LATER,
                                Outcome.DONE,
                                "not captured any more: public.lines",
                                List.of(ORDERS),
                                new Anchor(2, Lsn.parse("0/2C00028")),
                                true),
                        PARTITION,
                        OFFSET),
                records.heartbeat(LATER, new Lsn(LATER.value() + 0x48), PARTITION, OFFSET),
                records.truncate(ORDERS, TOPIC, LATER, 8, PARTITION, OFFSET),
                records.schema(ORDERS_NOW, TOPIC, ORDERS_NOW.key(), LATER, 0, EVERY_CHANGE, PARTITION, OFFSET),
                records.schemaOffsets(ORDERS, TOPIC, LATER, 0, Map.of(0, 656_900L), true, PARTITION, OFFSET),
                records.setAside(
                        new TableId("public", "log"),
                        new SetAsideTable(
                                16_420,
                                new TableId("public", "log"),
                                "no_replica_identity",
                                "no primary key",
                                "add a primary key, or run ALTER TABLE \"public\".\"log\" REPLICA IDENTITY FULL"),
                        PARTITION,
                        OFFSET),
                records.oversize(
                        ORDERS,
                        TOPIC,
                        LATER,
                        3,
                        "{\"id\":42}".getBytes(StandardCharsets.UTF_8),
                        73_400_412,
                        1_048_576,
                        PARTITION,
                        OFFSET),
                records.end(ANCHOR.generation(), ANCHOR.lsn(), PARTITION, OFFSET));
    }

    private static OffsetRanges ranges() {
        OffsetRanges ranges = new OffsetRanges(OffsetRanges.Snapshot.EMPTY);
        ranges.add(TOPIC, 0, 1201, 1, 0);
        ranges.add(TOPIC, 0, 656_560, 655_874, 0x1f83d9abfb41bd6bL);
        ranges.add(TOPIC, 1, 655_371, 1, 0);
        ranges.add(TOPIC, 1, 1187, 654_844, 0x7eb3a00d8408beaaL);
        return ranges;
    }

    @Test
    void everyTypeThatTheCodeMakesIsTriedHereAndDocumented() {
        long makers = Stream.of(ControlRecords.class, CopyRecords.class)
                .flatMap(maker -> Arrays.stream(maker.getDeclaredMethods()))
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .filter(method -> method.getReturnType() == SourceRecord.class)
                .count();

        assertThat(everyRecord()).as("one record of each method").hasSize(Math.toIntExact(makers));
        assertThat(everyRecord().map(record -> type(value(record))))
                .containsExactlyInAnyOrderElementsOf(SECTIONS.keySet());
    }

    @ParameterizedTest
    @MethodSource("everyRecord")
    void theExamplesAreWhatTheCodeWrites(SourceRecord record) throws JsonProcessingException {
        String type = type(value(record));
        List<MatchResult> examples =
                EXAMPLE.matcher(SECTIONS.getOrDefault(type, "")).results().toList();

        assertThat(examples).as("examples of key and value of " + type).hasSize(2);
        assertThat(JSON.readTree(examples.get(0).group(1)).toString())
                .as("key of " + type)
                .isEqualTo(key(record).toString());
        assertThat(JSON.readTree(examples.get(1).group(1)).toString())
                .as("value of " + type)
                .isEqualTo(value(record).toString());
    }

    @ParameterizedTest
    @MethodSource("everyRecord")
    void theTablesTellEveryFieldAndItsType(SourceRecord record) {
        Map<String, String> documented = fields(introduction);
        documented.putAll(fields(SECTIONS.getOrDefault(type(value(record)), "")));
        Map<String, String> written = new LinkedHashMap<>();
        value(record)
                .properties()
                .forEach(field -> written.put(
                        field.getKey(), field.getValue().getNodeType().name().toLowerCase(java.util.Locale.ROOT)));

        assertThat(documented).as("fields of " + type(value(record))).isEqualTo(written);
    }

    private static Map<String, String> fields(String text) {
        Map<String, String> fields = new LinkedHashMap<>();
        FIELD.matcher(text).results().forEach(field -> fields.put(field.group(1), field.group(2)));
        return fields;
    }

    private static String type(JsonNode value) {
        return value.path("type").asText();
    }

    private static JsonNode key(SourceRecord record) {
        return parsed(record.key());
    }

    private static JsonNode value(SourceRecord record) {
        return parsed(record.value());
    }

    private static JsonNode parsed(Object bytes) {
        try {
            return JSON.readTree(new String((byte[]) bytes, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON", e);
        }
    }
}
