package io.pgseam.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.TableId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TopicNamingTest {

    private final TopicNaming naming = new TopicNaming("shop");

    @Test
    void namesATopicAfterPrefixSchemaAndTable() {
        assertThat(naming.topicFor(new TableId("public", "orders"))).isEqualTo("shop.public.orders");
        assertThat(naming.topicFor(new TableId("Sales 2024", "Über\"Lines-1.x")))
                .isEqualTo("shop.Sales_2024._ber_Lines-1.x");
        assertThat(naming.controlTopic()).isEqualTo("shop.seam");
    }

    @Test
    void tablesWithTopicsOfTheirOwnAreNoFault() {
        assertThat(faults(new TableId("a", "t"), new TableId("b", "t"), new TableId("a", "T")))
                .isEmpty();
    }

    @Test
    void reportsTablesThatShareATopic() {
        assertThat(faults(new TableId("a", "ä"), new TableId("a", "ö"), new TableId("a", "o")))
                .singleElement()
                .satisfies(fault -> {
                    assertThat(fault.setting()).isEqualTo("table.include.list");
                    assertThat(fault.message()).contains("\"a\".\"ä\"", "\"a\".\"ö\"", "shop.a._");
                });
    }

    @Test
    void reportsTopicsThatKafkaHoldsForTheSame() {
        assertThat(faults(new TableId("a", "b.c"), new TableId("a", "b_c"), new TableId("a.b", "c")))
                .hasSize(1);
    }

    @Test
    void noTableCanTakeTheControlTopic() {
        assertThat(faults(new TableId("seam", "seam"), new TableId("s", "eam"), new TableId("_", "seam")))
                .isEmpty();
    }

    @Test
    void tablesShareATopicWhereThePatternLeavesOutInWhatTheyDiffer() {
        TopicNaming byTable = naming("${prefix}.all-${table}", "");
        TableId first = new TableId("s1", "orders");
        TableId second = new TableId("s2", "orders");
        assertThat(byTable.topicFor(first)).isEqualTo("shop.all-orders").isEqualTo(byTable.topicFor(second));
        assertThat(byTable.mayShare(first, second)).isTrue();
        assertThat(faults(byTable, first, second, new TableId("s1", "lines"))).isEmpty();
        // By accident: a character that a topic cannot have.
        assertThat(faults(byTable, new TableId("s1", "ä"), new TableId("s2", "ö")))
                .hasSize(1);
        assertThat(faults(naming("${prefix}.everything", ""), first, new TableId("s2", "lines")))
                .isEmpty();
    }

    @Test
    void theFirstEntryOfTheMappingThatMatchesNamesTheTopic() {
        TopicNaming mapped = naming(
                "${prefix}.${schema}.${table}",
                "tenant_\\d+\\.(.*):${prefix}.$1; (?:a|b)\\.(x)_(\\d):$1-$2.${schema} ;.*\\.log:logs");
        assertThat(mapped.topicFor(new TableId("tenant_1", "orders"))).isEqualTo("shop.orders");
        assertThat(mapped.topicFor(new TableId("TENANT_22", "log"))).isEqualTo("shop.log");
        assertThat(mapped.topicFor(new TableId("a", "x_7"))).isEqualTo("x-7.a");
        assertThat(mapped.topicFor(new TableId("a", "log"))).isEqualTo("logs");
        assertThat(mapped.topicFor(new TableId("tenant", "orders"))).isEqualTo("shop.tenant.orders");
        assertThat(faults(mapped, new TableId("tenant_1", "orders"), new TableId("tenant_2", "orders")))
                .isEmpty();
        assertThat(faults(
                        naming("${prefix}.${schema}.${table}", "a\\.t:shop.b.t"),
                        new TableId("a", "t"),
                        new TableId("b", "t")))
                .singleElement()
                .satisfies(fault -> assertThat(fault.message()).contains("\"a\".\"t\", \"b\".\"t\"", "topic.mapping"));
    }

    @Test
    void reportsTopicsThatCannotBe() {
        TopicNaming byTable = naming("${prefix}.${table}", "");
        assertThat(faults(byTable, new TableId("public", "seam")))
                .singleElement()
                .satisfies(fault -> assertThat(fault.message()).contains("control topic shop.seam"));
        assertThat(faults(
                        naming("x".repeat(200) + "${table}", ""),
                        new TableId("s", "t".repeat(49)),
                        new TableId("s", "t".repeat(50))))
                .singleElement()
                .satisfies(fault -> {
                    assertThat(fault.setting()).isEqualTo("topic.naming");
                    assertThat(fault.message()).contains("at most 249");
                });
        assertThat(faults(naming("..", ""), new TableId("s", "t"))).hasSize(1);
    }

    @Test
    void noTableHasATopicOfTheConnectorsOwn() {
        Map<String, String> props = new HashMap<>(settings("${prefix}.${table}", ""));
        props.put("message.prefix.include.list", "audit");
        TopicNaming messages = PgSeamSettings.parse(props).topics();
        TableId message = new TableId("public", "message");
        assertThat(faults(messages, message))
                .singleElement()
                .satisfies(fault -> assertThat(fault.message()).contains("topic of messages, shop.message"));
        assertThat(messages.conflicts(List.of(message), List.of()))
                .as("it had that topic before messages were sent")
                .containsOnlyKeys(message);
        assertThat(faults(naming("${prefix}.${table}", ""), message, new TableId("public", "transaction")))
                .isEmpty();

        props.put("output.format", "debezium");
        props.put("provide.transaction.metadata", "true");
        assertThat(faults(PgSeamSettings.parse(props).topics(), message, new TableId("public", "transaction")))
                .hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"seam", "message"})
    void theConnectorsOwnTopicsDiffer(String name) {
        Map<String, String> props = new HashMap<>(settings("${prefix}.${schema}.${table}", ""));
        props.put("topic.transaction", name);
        assertThat(PgSeamSettings.faults(props)).as("there is no such topic").isEmpty();
        props.put("output.format", "debezium");
        props.put("provide.transaction.metadata", "true");
        assertThat(PgSeamSettings.faults(props)).singleElement().satisfies(fault -> {
            assertThat(fault.setting()).isEqualTo("topic.transaction");
            assertThat(fault.message()).contains("shop." + name);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "${name}", "$1", "${prefix}/x", "a:b"})
    void refusesAPatternThatIsNone(String pattern) {
        assertThat(PgSeamSettings.faults(settings(pattern, "")))
                .extracting(Fault::setting)
                .contains("topic.naming");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", ":a", "a:", "(:a", "a.b:$1", "(a).b:$2", "a:b;c", "a:ü"})
    void refusesAMappingThatIsNone(String mapping) {
        assertThat(PgSeamSettings.faults(settings("${table}", mapping)))
                .extracting(Fault::setting)
                .contains("topic.mapping");
    }

    private static TopicNaming naming(String pattern, String mapping) {
        return PgSeamSettings.parse(settings(pattern, mapping)).topics();
    }

    private static Map<String, String> settings(String pattern, String mapping) {
        return Map.of(
                "database.hostname", "localhost",
                "database.user", "me",
                "database.dbname", "shop",
                "topic.prefix", "shop",
                "topic.naming", pattern,
                "topic.mapping", mapping);
    }

    private List<Fault> faults(TableId... tables) {
        return faults(naming, tables);
    }

    private static List<Fault> faults(TopicNaming naming, TableId... tables) {
        return naming.conflicts(List.of(), List.of(tables)).values().stream()
                .distinct()
                .toList();
    }
}
