package io.pgseam.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.record.RowOperation;
import io.pgseam.record.SkippedChanges;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnknownSettingsTest {

    private static final Map<String, String> COMPLETE = Map.of(
            "database.hostname", "localhost",
            "database.user", "pgseam",
            "database.dbname", "shop",
            "topic.prefix", "shop");

    private static Map<String, String> with(String... pairs) {
        Map<String, String> props = new HashMap<>(COMPLETE);
        for (int i = 0; i < pairs.length; i += 2) {
            props.put(pairs[i], pairs[i + 1]);
        }
        return props;
    }

    private static List<Fault> faults(String... pairs) {
        return PgSeamSettings.faults(with(pairs));
    }

    @ParameterizedTest
    @CsvSource({
        "table.inclde.list, table.include.list",
        "schema.includelist, schema.include.list",
        "snapshot.mod, snapshot.mode",
        "slot.nam, slot.name",
        "database.hostnam, database.hostname",
        "flat.header, flat.headers"
    })
    void aSlipOfThePenIsRefusedWithTheNameThatWasMeant(String written, String meant) {
        assertThat(faults(written, "x"))
                .extracting(Fault::setting, Fault::message)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(
                        written, "there is no such setting. Did you mean " + meant + "?"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"snapshot.select.statement.overrides", "snapshot.select.statement.overrides.public.orders"})
    void whatKeepsPrivateDataBackIsNeverIgnored(String setting) {
        assertThat(faults(setting, "public.customers.email"))
                .extracting(Fault::setting)
                .containsExactly(setting);
        assertThat(faults(setting, "public.customers.email", "unsupported.settings", "warn"))
                .extracting(Fault::setting)
                .containsExactly(setting);
    }

    @Test
    void whatChangesTheMessagesIsRefusedUnlessTheUserAcceptsIt() {
        assertThat(faults("converters", "geometry")).extracting(Fault::setting).containsExactly("converters");
        assertThat(faults("converters", "geometry", "unsupported.settings", "warn"))
                .isEmpty();
        assertThat(PgSeamSettings.warnings(with("converters", "geometry")))
                .singleElement()
                .asString()
                .contains("converters");
    }

    @Test
    void aValueThatAsksForWhatHappensAnywayPasses() {
        Map<String, String> props = with(
                "plugin.name", "pgoutput",
                "slot.drop.on.stop", "false",
                "lsn.flush.mode", "connector",
                "topic.naming.strategy", "io.debezium.schema.SchemaTopicNamingStrategy",
                "max.queue.size", "8192",
                "max.queue.size.in.bytes", "0",
                "snapshot.locking.mode", "none");
        assertThat(PgSeamSettings.faults(props)).isEmpty();
        assertThat(PgSeamSettings.warnings(props)).isEmpty();
        assertThat(PgSeamSettings.parse(props).stream().maxQueueBytes()).isEqualTo(16L << 20);
    }

    @Test
    void settingsOfConnectAndOfOthersAreLeftAlone() {
        assertThat(faults(
                        "topic.creation.default.partitions", "4",
                        "topic.creation.groups", "big",
                        "transforms", "unwrap",
                        "transforms.unwrap.type", "org.example.Unwrap",
                        "producer.override.linger.ms", "5",
                        "errors.tolerance", "all",
                        "confluent.license", "x",
                        "value.converter.schemas.enable", "false"))
                .isEmpty();
    }

    @Test
    void changesCanBeLeftOutOfEitherFormat() {
        assertThat(skipped("skipped.operations", "d, u").operations())
                .containsExactlyInAnyOrder(RowOperation.DELETE, RowOperation.UPDATE);
        assertThat(skipped("skipped.operations", "none")).isEqualTo(SkippedChanges.NONE);
        assertThat(skipped()).isEqualTo(SkippedChanges.NONE);
        assertThat(skipped("skip.messages.without.change", "true").unchanged()).isTrue();
    }

    private static SkippedChanges skipped(String... settings) {
        return PgSeamSettings.parse(with(settings)).output().skipped();
    }

    @Test
    void settingsOfTheEnvelopeAreNamedIfMessagesAreFlat() {
        assertThat(PgSeamSettings.warnings(with("decimal.handling.mode", "string")))
                .singleElement()
                .asString()
                .contains("decimal.handling.mode", "output.format=debezium");
    }
}
