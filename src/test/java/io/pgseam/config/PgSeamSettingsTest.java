package io.pgseam.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.catalog.PublicationMode;
import io.pgseam.phase.SnapshotMode;
import io.pgseam.phase.StreamBegin;
import io.pgseam.phase.StreamEnd;
import io.pgseam.phase.StreamLimits;
import io.pgseam.record.flat.PackForm;
import io.pgseam.record.flat.PackSettings;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PgSeamSettingsTest {

    private static final Map<String, String> MINIMAL = Map.of(
            "name", "shop-source",
            "database.hostname", "db.example.org",
            "database.user", "seam",
            "database.password", "s3cret",
            "database.dbname", "shop",
            "topic.prefix", "Shop-1.eu");

    @Test
    void everyDefaultIsKnown() {
        Map<String, Object> expected = new LinkedHashMap<>();
        expected.put("database.hostname", ConfigDef.NO_DEFAULT_VALUE);
        expected.put("database.port", 5432);
        expected.put("primary.hostname", null);
        expected.put("primary.port", 5432);
        expected.put("database.user", ConfigDef.NO_DEFAULT_VALUE);
        expected.put("database.password", null);
        expected.put("database.password.file", null);
        expected.put("database.dbname", ConfigDef.NO_DEFAULT_VALUE);
        expected.put("database.sslmode", "prefer");
        expected.put("database.sslcert", null);
        expected.put("database.sslkey", null);
        expected.put("database.sslpassword", null);
        expected.put("database.sslrootcert", null);
        expected.put("database.sslfactory", null);
        expected.put("database.connect.timeout.ms", 10_000);
        expected.put("log.blocking.queries", false);
        expected.put("topic.prefix", ConfigDef.NO_DEFAULT_VALUE);
        expected.put("topic.naming", "${prefix}.${schema}.${table}");
        expected.put("topic.mapping", "");
        expected.put("table.include.list", "");
        expected.put("table.exclude.list", "");
        expected.put("schema.include.list", "");
        expected.put("schema.exclude.list", "");
        expected.put("column.include.list", "");
        expected.put("column.exclude.list", "");
        expected.put("message.key.columns", "");
        expected.put("tables.unfit", "set_aside");
        expected.put("tables.max", 100_000);
        expected.put("column.mask.keys", "refuse");
        expected.put("column.mask.salt", null);
        expected.put("column.mask.unmatched", "refuse");
        expected.put("slot.name", null);
        expected.put("slot.failover", false);
        expected.put("publication.name", null);
        expected.put("publication.autocreate.mode", "filtered");
        expected.put("publish.via.partition.root", false);
        expected.put("snapshot.mode", "initial");
        expected.put("snapshot.chunk.size", "128MB");
        expected.put("snapshot.stride.size", "16MB");
        expected.put("snapshot.lock.timeout.ms", 3_000);
        expected.put("snapshot.anchor.max.age.ms", 0);
        expected.put("table.check.interval.ms", 60_000);
        expected.put("heartbeat.interval.ms", 10_000);
        expected.put("heartbeat.action.query", null);
        expected.put("max.batch.size", 20_000);
        expected.put("max.queue.size.in.bytes", "16MB");
        expected.put("status.update.interval.ms", 10_000);
        putStream(expected);
        putMessages(expected);

        Map<String, Object> actual = new LinkedHashMap<>();
        PgSeamSettings.definition().configKeys().forEach((name, key) -> actual.put(name, key.defaultValue));
        assertThat(actual).containsExactlyEntriesOf(expected);
    }

    private static void putStream(Map<String, Object> expected) {
        expected.put("stream.begin.lsn", null);
        expected.put("stream.end.lsn", null);
        expected.put("slot.continue.lsn", null);
        expected.put("truncate.policy", "log");
        expected.put("toast.unchanged", null);
        expected.put("unavailable.value.placeholder", null);
        expected.put("text.invalid", "fail");
    }

    private static void putMessages(Map<String, Object> expected) {
        expected.put("output.format", "flat");
        expected.put("flat.metadata.fields", List.of("__op", "__lsn", "__seq", "__snapshot"));
        expected.put("flat.unrepresentable", "null");
        expected.put("tombstones.on.delete", null);
        expected.put("skipped.operations", "t");
        expected.put("skip.messages.without.change", false);
        expected.put("flat.headers", false);
        expected.put("flat.key.table", false);
        expected.put("flat.pack.bytes", "0");
        expected.put("flat.pack.buckets", 64);
        expected.put("flat.pack.form", "lines");
        expected.put("decimal.handling.mode", "precise");
        expected.put("time.precision.mode", "adaptive");
        expected.put("interval.handling.mode", "numeric");
        expected.put("hstore.handling.mode", "json");
        expected.put("binary.handling.mode", "bytes");
        expected.put("money.fraction.digits", 2);
        expected.put("include.unknown.datatypes", false);
        expected.put("schema.name.adjustment.mode", "none");
        expected.put("field.name.adjustment.mode", "none");
        expected.put("event.converting.failure.handling.mode", "fail");
        expected.put("message.max.bytes", null);
        expected.put("message.oversize", "fail");
        expected.put("metrics.tables.max", 200);
        expected.put("signal.enabled.channels", List.of("source"));
        expected.put("signal.data.collection", null);
        expected.put("signal.message.prefix", "pgseam.signal");
        expected.put("signal.kafka.topic", null);
        expected.put("signal.kafka.bootstrap.servers", null);
        expected.put("message.prefix.include.list", "");
        expected.put("message.prefix.exclude.list", "");
        expected.put("provide.transaction.metadata", false);
        expected.put("topic.transaction", "transaction");
        expected.put("unsupported.settings", "refuse");
    }

    @Test
    void readsHowRowsArePacked() {
        assertThat(PgSeamSettings.parse(MINIMAL).output().pack()).isNull();
        assertThat(PgSeamSettings.parse(with(Map.of("flat.pack.bytes", "64kB")))
                        .output()
                        .pack())
                .isEqualTo(new PackSettings(64 << 10, 64, PackForm.LINES));
        assertThat(PgSeamSettings.parse(with(
                                Map.of("flat.pack.bytes", "2kB", "flat.pack.buckets", "7", "flat.pack.form", "Array")))
                        .output()
                        .pack())
                .isEqualTo(new PackSettings(2 << 10, 7, PackForm.ARRAY));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "output.format                          | debezium       | output.format=flat",
                "tombstones.on.delete                   | true           | tombstones.on.delete=false",
                "flat.headers                           | true           | flat.headers=false",
                "topic.creation.default.cleanup.policy  | compact        | topic.creation.default.cleanup.policy=delete",
                "topic.creation.orders.cleanup.policy   | delete,compact | topic.creation.orders.cleanup.policy=delete",
                "message.max.bytes                      | 64kB           | 65408",
                "producer.override.max.request.size     | 65600          | 65472"
            })
    void refusesWhatDoesNotFitPackedMessages(String setting, String value, String remedy) {
        assertThat(PgSeamSettings.faults(with(Map.of("flat.pack.bytes", "64kB"))))
                .isEmpty();
        assertThat(PgSeamSettings.faults(with(Map.of(setting, value)))).isEmpty();
        assertThat(PgSeamSettings.faults(with(Map.of("flat.pack.bytes", "64kB", setting, value))))
                .singleElement()
                .satisfies(fault -> {
                    assertThat(fault.setting()).isEqualTo("flat.pack.bytes");
                    assertThat(fault.message()).contains(remedy);
                });
    }

    @Test
    void readsAMinimalConfiguration() {
        PgSeamSettings settings = PgSeamSettings.parse(MINIMAL);

        assertThat(settings.connectorName()).isEqualTo("shop-source");
        assertThat(settings.connection().target()).isEqualTo("db.example.org:5432/shop");
        assertThat(settings.connection().password()).isEqualTo("s3cret");
        assertThat(settings.connection().applicationName()).isEqualTo("pgseam shop-source");
        assertThat(settings.connection().driverProperties()).containsExactly(Map.entry("sslmode", "prefer"));
        assertThat(settings.topics().controlTopic()).isEqualTo("Shop-1.eu.seam");
        assertThat(settings.replication())
                .isEqualTo(new ReplicationSettings(
                        "pgseam_shop_1_eu_5bdfd35892",
                        "pgseam_shop_1_eu",
                        "pgseam_shop_1_eu_5bdfd35892",
                        false,
                        "pgseam_shop_1_eu_5bdfd35892",
                        PublicationMode.FILTERED,
                        false));
        assertThat(settings.snapshot())
                .isEqualTo(new SnapshotSettings(SnapshotMode.INITIAL, 128L << 20, 16L << 20, 3_000, 0, 60_000));
        assertThat(settings.stream().truncatePolicy()).isEqualTo(TruncatePolicy.LOG);
        assertThat(settings.output().metadataFields()).containsExactly("__op", "__lsn", "__seq", "__snapshot");
    }

    @Test
    void someDefaultsDependOnTheFormat() {
        PgSeamSettings flat = PgSeamSettings.parse(MINIMAL);
        PgSeamSettings debezium = PgSeamSettings.parse(with(Map.of("output.format", "debezium")));
        PgSeamSettings given = PgSeamSettings.parse(with(Map.of(
                "output.format", "debezium",
                "tombstones.on.delete", "false",
                "toast.unchanged", "Complete",
                "unavailable.value.placeholder", "?")));

        assertThat(flat.output().tombstonesOnDelete()).isFalse();
        assertThat(flat.stream().unchangedToast()).isEqualTo(UnchangedToastPolicy.COMPLETE);
        assertThat(flat.stream().unavailableValuePlaceholder()).isEqualTo("__pgseam_unavailable_value");
        assertThat(debezium.output().tombstonesOnDelete()).isTrue();
        assertThat(debezium.stream().unchangedToast()).isEqualTo(UnchangedToastPolicy.PLACEHOLDER);
        assertThat(debezium.stream().unavailableValuePlaceholder()).isEqualTo("__debezium_unavailable_value");
        assertThat(given.output().tombstonesOnDelete()).isFalse();
        assertThat(given.stream().unchangedToast()).isEqualTo(UnchangedToastPolicy.COMPLETE);
        assertThat(given.stream().unavailableValuePlaceholder()).isEqualTo("?");
    }

    @Test
    void settingsOfDebeziumAreHeldToWhatItKnows() {
        assertThat(PgSeamSettings.faults(with(Map.of(
                        "decimal.handling.mode", "exact",
                        "skipped.operations", "c,x",
                        "time.precision.mode", "Connect",
                        "toast.unchanged", "ignore"))))
                .extracting(Fault::setting)
                .containsExactlyInAnyOrder("decimal.handling.mode", "skipped.operations", "toast.unchanged");
        assertThat(PgSeamSettings.faults(with(Map.of("skipped.operations", "c, d, t", "output.format", "debezium"))))
                .isEmpty();
        assertThat(PgSeamSettings.faults(with(Map.of("skipped.operations", "none,t"))))
                .isNotEmpty();
    }

    @Test
    void readsTheSettingsThatAreGiven() {
        PgSeamSettings settings = PgSeamSettings.parse(with(Map.of(
                "database.sslmode", "Verify-Full",
                "database.sslrootcert", "/etc/ssl/root.crt",
                "database.sslpassword", "keypass",
                "slot.name", "my_slot",
                "publication.name", "My Publication",
                "publication.autocreate.mode", "DISABLED",
                "snapshot.mode", "no_data",
                "snapshot.chunk.size", "1GB",
                "snapshot.stride.size", "65536",
                "flat.metadata.fields", "__op,__ver")));

        assertThat(settings.connection().driverProperties())
                .isEqualTo(
                        Map.of("sslmode", "verify-full", "sslrootcert", "/etc/ssl/root.crt", "sslpassword", "keypass"));
        assertThat(settings.replication())
                .isEqualTo(new ReplicationSettings(
                        "pgseam_shop_1_eu_5bdfd35892",
                        "pgseam_shop_1_eu",
                        "my_slot",
                        false,
                        "My Publication",
                        PublicationMode.DISABLED,
                        false));
        assertThat(settings.snapshot())
                .isEqualTo(new SnapshotSettings(SnapshotMode.NO_DATA, 1L << 30, 65_536, 3_000, 0, 60_000));
        assertThat(settings.output().metadataFields()).containsExactly("__op", "__ver");
    }

    @Test
    void twoPrefixesNeverHaveTheSameDefaultNames() {
        String likeTheOther = defaultSlot("Trx").substring("pgseam_".length());
        List<String> prefixes = List.of(
                "trx",
                "Trx",
                "TRX",
                "tr_x",
                "tr.x",
                "tr-x",
                likeTheOther,
                "x".repeat(56),
                "x".repeat(57),
                "x".repeat(100),
                "x".repeat(99) + "y");
        assertThat(prefixes)
                .extracting(PgSeamSettingsTest::defaultSlot)
                .doesNotHaveDuplicates()
                .allSatisfy(
                        slot -> assertThat(slot).hasSizeLessThanOrEqualTo(63).matches("pgseam_[a-z0-9_]+"));
        assertThat(defaultSlot("trx")).isEqualTo("pgseam_trx");
        assertThat(defaultSlot("x".repeat(56))).isEqualTo("pgseam_" + "x".repeat(56));
    }

    private static String defaultSlot(String prefix) {
        ReplicationSettings replication =
                PgSeamSettings.parse(with(Map.of("topic.prefix", prefix))).replication();
        assertThat(replication.publicationName()).isEqualTo(replication.slotName());
        return replication.slotName();
    }

    @Test
    void neverPrintsAPassword() {
        String text = PgSeamSettings.parse(with(Map.of("database.sslpassword", "keypass")))
                .toString();
        assertThat(text).contains("db.example.org").doesNotContain("s3cret", "keypass");
    }

    @ParameterizedTest
    @ValueSource(strings = {"database.hostname", "database.user", "database.dbname", "topic.prefix"})
    void reportsWhatIsMissing(String name) {
        Map<String, String> props = new HashMap<>(MINIMAL);
        props.remove(name);
        assertThat(PgSeamSettings.faults(props)).extracting(Fault::setting).containsExactly(name);
        assertThatThrownBy(() -> PgSeamSettings.parse(props))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "database.hostname | '' | non-empty",
                "database.port | 0 | at least 1",
                "database.port | 70000 | no more than 65535",
                "database.port | many | Not a number",
                "database.sslmode | maybe | VERIFY-FULL",
                "database.connect.timeout.ms | 10 | at least 1000",
                "topic.prefix | shop/eu | letters, digits",
                "topic.prefix | '' | letters, digits",
                "table.include.list | public.(a | public.(a",
                "table.exclude.list | a{1,2} | \\,",
                "schema.include.list | [ | regular expression",
                "column.exclude.list | * | regular expression",
                "slot.name | My-Slot | lower-case",
                "slot.name | '' | lower-case",
                "publication.name | '' | 1 to 63 bytes",
                "publication.autocreate.mode | no_tables | filtered, all_tables, disabled",
                "publish.via.partition.root | perhaps | true or false",
                "snapshot.mode | always | initial, initial_only, no_data",
                "snapshot.chunk.size | 12 parsecs | 128MB",
                "snapshot.chunk.size | 4kB | at least 8kB",
                "snapshot.chunk.size | 99999999TB | 128MB",
                "snapshot.stride.size | 256MB | more than snapshot.chunk.size",
                "snapshot.stride.size | 0 | at least 8kB",
                "snapshot.lock.timeout.ms | -1 | at least 0",
                "heartbeat.interval.ms | -1 | at least 0",
                "max.batch.size | 0 | at least 1",
                "max.queue.size.in.bytes | 1kB | at least 64kB",
                "status.update.interval.ms | 0 | at least 1",
                "stream.begin.lsn | 0x16 | 16/B374D848",
                "stream.begin.lsn | 0 | no LSN",
                "stream.begin.lsn | 16/B374D848 | snapshot.mode = no_data",
                "slot.continue.lsn | 123 | 16/B374D848",
                "stream.end.lsn | 0x16 | 16/B374D848",
                "stream.end.lsn | 0/0 | two hexadecimal numbers",
                "stream.end.lsn | 1/123456789 | an LSN as PostgreSQL writes it",
                "truncate.policy | skip | log, fail",
                "toast.unchanged | null | complete, placeholder, fail",
                "output.format | avro | flat",
                "flat.metadata.fields | __op,__what | unknown: __what",
                "flat.metadata.fields | __op,__lsn,__op | twice",
                "flat.unrepresentable | zero | null, string, fail",
                "tombstones.on.delete | 2 | true or false",
                "flat.headers | 2 | true or false",
            })
    void reportsABadValueAtItsSetting(String name, String value, String message) {
        List<Fault> faults = PgSeamSettings.faults(with(Map.of(name, value)));
        assertThat(faults).singleElement().satisfies(fault -> {
            assertThat(fault.setting()).isEqualTo(name);
            assertThat(fault.message()).contains(message);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"table", "schema", "column"})
    void includeAndExcludeAreAlternatives(String kind) {
        List<Fault> faults =
                PgSeamSettings.faults(with(Map.of(kind + ".include.list", "a", kind + ".exclude.list", "b")));
        assertThat(faults).singleElement().satisfies(fault -> {
            assertThat(fault.setting()).isEqualTo(kind + ".exclude.list");
            assertThat(fault.message()).contains(kind + ".include.list", "remove one");
        });
    }

    /** As PostgreSQL writes it, and as the offsets of Debezium's connector have it. */
    @ParameterizedTest
    @ValueSource(strings = {"16/b374d848", "97500059720"})
    void theStreamBeginsWhereAnotherConnectorEnded(String lsn) {
        assertThat(PgSeamSettings.parse(with(Map.of("stream.begin.lsn", lsn, "snapshot.mode", "no_data"))).stream()
                        .limits()
                        .begin())
                .isEqualTo(new StreamBegin(Lsn.parse("16/B374D848")));
    }

    @Test
    void whatIsNotStreamedHasNoEnd() {
        assertThat(PgSeamSettings.parse(with(Map.of("stream.end.lsn", " 16/b374d848 "))).stream()
                        .limits())
                .isEqualTo(new StreamLimits(null, new StreamEnd(Lsn.parse("16/B374D848")), null));
        assertThat(PgSeamSettings.faults(with(Map.of("stream.end.lsn", "0/1", "snapshot.mode", "initial_only"))))
                .singleElement()
                .satisfies(fault -> {
                    assertThat(fault.setting()).isEqualTo("stream.end.lsn");
                    assertThat(fault.message()).contains("nothing is streamed", "snapshot.mode");
                });
    }

    @Test
    void reportsEveryFaultAtOnce() {
        Map<String, String> props = with(Map.of("database.port", "x", "slot.name", "A", "snapshot.stride.size", "1GB"));
        assertThat(PgSeamSettings.faults(props))
                .extracting(Fault::setting)
                .containsExactly("database.port", "slot.name", "snapshot.stride.size");
    }

    @ParameterizedTest
    @CsvSource({"8192,8192", "8kB,8192", "8 KB,8192", "128MB,134217728", "1gb,1073741824", "2TB,2199023255552", "7B,7"})
    void readsSizes(String text, long bytes) {
        assertThat(ByteSize.parse(text)).isEqualTo(bytes);
    }

    @Test
    void anApplicationNameComesBackFromTheServerAsItWasSent() {
        assertThat(ConnectionDefinition.applicationName("orders")).isEqualTo("pgseam orders");
        String umlaut = ConnectionDefinition.applicationName("Verkäufe");
        assertThat(umlaut)
                .startsWith("pgseam Verk?ufe~")
                .isNotEqualTo(ConnectionDefinition.applicationName("Verköufe"));
        String first = ConnectionDefinition.applicationName("c".repeat(200) + "1");
        String second = ConnectionDefinition.applicationName("c".repeat(200) + "2");
        assertThat(first).hasSize(44).isNotEqualTo(second);
    }

    private static Map<String, String> with(Map<String, String> changes) {
        Map<String, String> props = new HashMap<>(MINIMAL);
        props.putAll(changes);
        return props;
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', '', 1048576",
        "5000000, '', '', 5000000",
        "'', 80000000, '', 33554432",
        "'', 80000000, 200000000, 80000000",
        "5MB, 80000000, '', 5242880",
        "'', a lot, '', 1048576"
    })
    void theLargestMessageIsTheProducersUnlessSaid(String own, String request, String buffer, long expected) {
        Map<String, String> props = messageSize(own, request, buffer);
        assertThat(PgSeamSettings.parse(props).message().maxBytes()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"90000000, 80000000, ''", "40MB, 80000000, 33554432"})
    void aMessageCannotBeLargerThanTheProducerTakes(String own, String request, String buffer) {
        assertThat(PgSeamSettings.faults(messageSize(own, request, buffer)))
                .singleElement()
                .satisfies(fault -> assertThat(fault.setting()).isEqualTo("message.max.bytes"));
    }

    private static Map<String, String> messageSize(String own, String request, String buffer) {
        Map<String, String> props = new HashMap<>(MINIMAL);
        if (!own.isEmpty()) {
            props.put("message.max.bytes", own);
        }
        if (!request.isEmpty()) {
            props.put("producer.override.max.request.size", request);
        }
        if (!buffer.isEmpty()) {
            props.put("producer.override.buffer.memory", buffer);
        }
        return props;
    }
}
