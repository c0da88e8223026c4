package io.pgseam.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.TableId;
import io.pgseam.record.mask.FixedMask;
import io.pgseam.record.mask.HashMask;
import io.pgseam.record.mask.HashMask.Input;
import io.pgseam.record.mask.TruncateMask;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaskSettingsTest {

    private static final TableId PEOPLE = new TableId("public", "people");

    private static Map<String, String> props(String... pairs) {
        Map<String, String> props = new HashMap<>(Map.of(
                "database.hostname", "localhost",
                "database.user", "pgseam",
                "database.dbname", "shop",
                "topic.prefix", "shop"));
        for (int i = 0; i < pairs.length; i += 2) {
            props.put(pairs[i], pairs[i + 1]);
        }
        return props;
    }

    private static MaskSettings masks(String... pairs) {
        return PgSeamSettings.parse(props(pairs)).masks();
    }

    @Test
    void namesOfSettingsAreRules() {
        MaskSettings masks = masks(
                "column.mask.hash.SHA-256.with.salt.a.b c", "public.people.v1",
                "column.mask.hash.v2.MD5.with.salt.x", "public.people.v2",
                "column.mask.with.12.chars", "public.people.fixed",
                "column.mask.with.0.chars", "public.people.empty",
                "column.truncate.to.20.chars", "public.people.cut");
        assertThat(masks.of(PEOPLE, "v1")).isEqualTo(new HashMask(Input.SERIALIZED, "SHA-256", "a.b c"));
        assertThat(masks.of(PEOPLE, "v2")).isEqualTo(new HashMask(Input.TEXT, "MD5", "x"));
        assertThat(masks.of(PEOPLE, "fixed")).isEqualTo(new FixedMask(12));
        assertThat(masks.of(PEOPLE, "empty")).isEqualTo(new FixedMask(0));
        assertThat(masks.of(PEOPLE, "cut")).isEqualTo(new TruncateMask(20));
        assertThat(masks.of(PEOPLE, "id")).isNull();
        assertThat(masks().isEmpty()).isTrue();
        assertThat(masks().of(PEOPLE, "v1")).isNull();
    }

    @Test
    void expressionsMatchWholeNamesInAnyCase() {
        MaskSettings masks = masks("column.mask.with.1.chars", " PUBLIC\\.People\\.(a|b) , public.x{1\\,2}.c");
        assertThat(masks.of(PEOPLE, "a")).isNotNull();
        assertThat(masks.of(PEOPLE, "B")).isNotNull();
        assertThat(masks.of(PEOPLE, "ab")).isNull();
        assertThat(masks.of(new TableId("other_public", "people"), "a")).isNull();
        assertThat(masks.of(new TableId("public", "xx"), "c")).isNotNull();
    }

    @Test
    void theStrictestRuleHolds() {
        String all = "public.people.*";
        MaskSettings masks = masks(
                "column.truncate.to.1.chars", all,
                "column.truncate.to.9.chars", all,
                "column.mask.hash.v2.MD5.with.salt.x", all + "hash," + all + "fixed",
                "column.mask.with.9.chars", all + "fixed",
                "column.mask.with.5.chars", all + "fixed");
        assertThat(masks.of(PEOPLE, "fixed")).isEqualTo(new FixedMask(5));
        assertThat(masks.of(PEOPLE, "hash")).isInstanceOf(HashMask.class);
        assertThat(masks.of(PEOPLE, "cut")).isEqualTo(new TruncateMask(1));
    }

    @Test
    void theSaltCanBeASettingOfItsOwn() {
        MaskSettings masks = masks("column.mask.salt", "canary", "column.mask.hash.v2.SHA-256", "public.people.a");
        assertThat(masks.of(PEOPLE, "a")).isEqualTo(new HashMask(Input.TEXT, "SHA-256", "canary"));
        assertThat(PgSeamSettings.faults(props("column.mask.hash.v2.SHA-256", "public.people.a")))
                .singleElement()
                .satisfies(fault -> assertThat(fault.message()).contains("column.mask.salt"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "column.mask.hash.SHA256X.with.salt.canary",
                "column.mask.hash.SHA-256.with.slat.canary",
                "column.mask.hash.v2.with.salt.canary",
                "column.mask.hash.v3.SHA-256.with.salt.canary",
                "column.mask.with.-1.chars",
                "column.mask.with.x.chars",
                "column.mask.with.99999999999.chars",
                "column.mask.with.5.char",
                "column.mask.fixed",
                "column.truncate.to.5",
                "column.truncate.to.99999999999.chars"
            })
    void whatIsNoRuleIsRefusedAtItsOwnName(String setting) {
        Map<String, String> props = props(setting, "public.people.a", "unsupported.settings", "warn");
        assertThat(PgSeamSettings.faults(props)).extracting(Fault::setting).containsExactly(setting);
        assertThatThrownBy(() -> PgSeamSettings.parse(props))
                .isInstanceOf(ConfigException.class)
                .hasMessageNotContaining("canary");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " , ", "public.people.("})
    void aRuleWithoutColumnsIsRefused(String columns) {
        assertThat(PgSeamSettings.faults(props("column.mask.with.5.chars", columns)))
                .extracting(Fault::setting)
                .containsExactly("column.mask.with.5.chars");
    }

    @Test
    void tellsExpressionsThatMatchNothing() {
        MaskSettings masks = masks("column.mask.with.5.chars", "public.people.a,public.people.b,public.persons.*");
        assertThat(masks.unmatched(List.of("public.people.a", "public.people.c")))
                .isEqualTo(Map.of("column.mask.with.5.chars", List.of("public.people.b", "public.persons.*")));
        assertThat(masks.settingOf(PEOPLE, "a")).isEqualTo("column.mask.with.5.chars");
    }
}
