package io.pgseam.stream;

import static io.pgseam.stream.RoutedStream.CUSTOMERS;
import static io.pgseam.stream.RoutedStream.ORDERS;
import static io.pgseam.stream.RoutedStream.SIGNALS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.phase.Anchor;
import io.pgseam.phase.CopyRequest;
import io.pgseam.phase.CopyRequests;
import io.pgseam.phase.SignalPlace;
import io.pgseam.phase.StreamPosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals in the stream: each gets one answer, whatever is in it, and the changes around it are sent as ever. */
class SignalsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String COPY =
            "{\"id\":\"again\",\"type\":\"execute-snapshot\",\"data\":{\"data-collections\":[\"public.orders\"]}}";

    private static final String SOME =
            "{\"type\":\"execute-snapshot\",\"data\":{\"data-collections\":[\"public.orders\"],";

    private final FakeCatalog catalog = new FakeCatalog();
    private final RecordingSink sink = new RecordingSink();

    @BeforeEach
    void tables() {
        catalog.put(ORDERS, "orders", "id", "note");
        catalog.put(CUSTOMERS, "customers", "id", "name");
        catalog.putIntoPlan(ORDERS, "orders");
        catalog.putIntoPlan(CUSTOMERS, "customers");
    }

    private RoutedStream stream() {
        return new RoutedStream(catalog, sink, RoutedStream.at(100, 0));
    }

    private RoutedStream stream(StreamPosition from) {
        return new RoutedStream(catalog, sink, from);
    }

    private StreamPosition last() {
        List<StreamPosition> offsets = sink.offsets();
        return offsets.get(offsets.size() - 1);
    }

    private static String signal(String type, String data) {
        return "{\"id\":\"one\",\"type\":\"" + type + "\",\"data\":" + data + "}";
    }

    private List<JsonNode> answers() {
        return sink.taken().stream()
                .filter(record -> record.contains("\"type\":\"signal\""))
                .map(record -> record.substring(record.lastIndexOf("{\"type\":\"signal\"")))
                .map(SignalsTest::json)
                .toList();
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }

    private JsonNode answerTo(String content) throws SQLException {
        int before = answers().size();
        stream()
                .begin(500)
                .say(true, SIGNALS, content)
                .steps("orders: id, note", "insert 1, kept")
                .commit(500);
        assertThat(answers()).hasSize(before + 1);
        assertThat(sink.taken().get(sink.taken().size() - 1)).contains("kept");
        return answers().get(before);
    }

    @Test
    void aCopyIsAskedForWithThePositionAfterTheSignal() throws SQLException {
        stream()
                .begin(500)
                .steps("orders: id, note", "insert 1, before")
                .say(true, SIGNALS, COPY)
                .steps("insert 2, after")
                .commit(500);
        assertThat(answers()).hasSize(1);
        JsonNode answer = answers().get(0);
        assertThat(answer.path("outcome").asText()).isEqualTo("accepted");
        assertThat(answer.path("id").asText()).isEqualTo("again");
        assertThat(answer.path("tables").get(0).asText()).isEqualTo("public.orders");
        List<StreamPosition> offsets = sink.offsets();
        assertThat(offsets.get(0).requests()).isEqualTo(CopyRequests.NONE);
        assertThat(offsets.get(1).requests().want(ORDERS, 1)).isTrue();
        assertThat(offsets.get(1).requests().want(ORDERS, 2)).isFalse();
        assertThat(offsets.get(1).requests().want(CUSTOMERS, 1)).isFalse();
        assertThat(last().requests()).isEqualTo(offsets.get(1).requests());
    }

    @Test
    void numbersOfChangesDoNotDependOnSignals() throws SQLException {
        stream()
                .begin(500)
                .steps("orders: id, note", "insert 1, a")
                .say(true, "another.prefix", COPY)
                .steps("insert 2, b")
                .commit(500);
        List<String> without = List.copyOf(sink.taken());
        stream()
                .begin(500)
                .steps("orders: id, note", "insert 1, a")
                .say(true, SIGNALS, COPY)
                .steps("insert 2, b")
                .commit(500);
        assertThat(sink.taken().subList(without.size(), sink.taken().size()))
                .filteredOn(record -> !record.contains("\"type\":\"signal\""))
                .isEqualTo(without);
    }

    @Test
    void aSignalIsAnsweredOnceWhereverTheStreamIsRestarted() throws SQLException {
        for (boolean transactional : new boolean[] {true, false}) {
            StreamPosition start = RoutedStream.at(100, 0);
            send(stream(start), transactional);
            List<String> whole = List.copyOf(sink.taken());
            List<StreamPosition> offsets = List.copyOf(sink.offsets());
            for (int kept = 1; kept <= offsets.size(); kept++) {
                int before = sink.taken().size();
                send(stream(offsets.get(kept - 1)), transactional);
                assertThat(sink.taken().subList(before, sink.taken().size()))
                        .as("after record %s, transactional %s", kept, transactional)
                        .isEqualTo(whole.subList(kept, whole.size()));
                assertThat(last().requests().all()).hasSize(1);
            }
            sink.clear();
        }
    }

    private static void send(RoutedStream stream, boolean transactional) throws SQLException {
        stream.at(400).begin(500).steps("orders: id, note", "insert 1, first");
        if (transactional) {
            stream.say(true, SIGNALS, COPY).commit(500);
        } else {
            stream.commit(500).at(600).say(false, SIGNALS, COPY);
        }
        stream.at(650).begin(700).steps("orders: id, note", "insert 2, next").commit(700);
    }

    @Test
    void aSignalOfATopicIsAnsweredOnceWithItsPlace() throws SQLException {
        StreamPosition start = RoutedStream.at(100, 0);
        sendFromTopic(stream(start));
        List<String> whole = List.copyOf(sink.taken());
        List<StreamPosition> offsets = List.copyOf(sink.offsets());
        assertThat(answers())
                .extracting(answer -> answer.path("id").asText() + " "
                        + answer.path("outcome").asText())
                .containsExactly("again accepted", "signals-4 refused");
        assertThat(last().requests().read()).isEqualTo(new SignalPlace("signals", 5));
        for (int kept = 1; kept <= offsets.size(); kept++) {
            int before = sink.taken().size();
            // The topic is read again from the beginning, whatever the position says.
            sendFromTopic(stream(offsets.get(kept - 1)));
            assertThat(sink.taken().subList(before, sink.taken().size()))
                    .as("after record %s", kept)
                    .isEqualTo(whole.subList(kept, whole.size()));
            assertThat(last().requests())
                    .isEqualTo(offsets.get(offsets.size() - 1).requests());
        }
    }

    private static SignalTopic.Read read(long offset, String content) {
        ByteBuffer value = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
        return new SignalTopic.Read(offset, value, new SignalPlace("signals", offset + 1));
    }

    private static void sendFromTopic(RoutedStream stream) throws SQLException {
        stream.at(400).transaction(500, "orders: id, note", "insert 1, first");
        stream.signals.answer(read(3, COPY), new Lsn(600));
        stream.signals.answer(read(4, "no json"), new Lsn(600));
        stream.at(650).transaction(700, "orders: id, note", "insert 2, next");
    }

    @Test
    void aSignalOutsideOfATransactionMayBeAloneInTheStream() throws SQLException {
        stream().at(600).say(false, SIGNALS, COPY);
        assertThat(answers()).hasSize(1);
        assertThat(last().requests().all()).hasSize(1);
        assertThat(last().lsn().value()).isEqualTo(601);
        assertThat(sink.transactions()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no json",
                "[]",
                "null",
                "7",
                "{",
                "{}",
                "{\"type\":null}",
                "{\"type\":\"unknown\"}",
                "{\"type\":\"execute-snapshot\"}",
                "{\"type\":\"execute-snapshot\",\"data\":7}",
                "{\"type\":\"execute-snapshot\",\"data\":\"no json\"}",
                "{\"type\":\"execute-snapshot\",\"data\":{}}",
                "{\"type\":\"execute-snapshot\",\"data\":{\"data-collections\":\"public.orders\"}}",
                "{\"type\":\"execute-snapshot\",\"data\":{\"data-collections\":[]}}",
                "{\"type\":\"execute-snapshot\",\"data\":{\"data-collections\":[7]}}",
                "{\"type\":\"execute-snapshot\",\"data\":{\"data-collections\":[\"public.unknown\"]}}",
                "{\"type\":\"execute-snapshot\",\"data\":{\"data-collections\":[\"public.orders\",\"public.unknown\"]}}",
                "{\"type\":\"execute-snapshot\",\"data\":{\"data-collections\":[\"(\"]}}",
                "{\"type\":\"execute-snapshot\",\"data\":{\"type\":\"odd\",\"data-collections\":[\"public.orders\"]}}",
                SOME + "\"additional-conditions\":[{\"data-collection\":\"public.orders\",\"filter\":\"id > 1; x\"}]}}",
                SOME + "\"additional-conditions\":[{\"data-collection\":\"public.customers\",\"filter\":\"id > 1\"}]}}",
                SOME + "\"additional-conditions\":[{\"data-collection\":\"public.orders\"}]}}",
                SOME + "\"additional-conditions\":[7]}}",
                SOME + "\"additional-conditions\":\"id > 1\"}}",
                SOME + "\"additional-condition\":7}}",
                SOME + "\"additional-condition\":\"select * from public.orders where id in (select 1)\"}}",
                SOME + "\"additional-condition\":\"select * from public.customers where id > 1\"}}",
                "{\"type\":\"stop-snapshot\",\"data\":{\"data-collections\":[\"public.orders\"]}}",
                "{\"type\":\"stop-snapshot\"}",
                "{\"type\":\"pause-snapshot\"}",
                "{\"type\":\"resume-snapshot\"}",
                "{\"type\":\"log\"}",
                "{\"type\":\"log\",\"data\":{\"message\":{}}}",
                "{\"id\":{\"a\":[]},\"type\":[],\"data\":[]}"
            })
    void whatCannotBeDoneIsRefused(String content) throws SQLException {
        JsonNode answer = answerTo(content);
        assertThat(answer.path("outcome").asText()).isEqualTo("refused");
        assertThat(answer.path("reason").asText()).isNotBlank();
        assertThat(last().requests()).isEqualTo(CopyRequests.NONE);
    }

    @Test
    void whatIsLargeOrDeepIsRefused() throws SQLException {
        String name = "x".repeat(300);
        for (String content : List.of(
                signal("log", "{\"message\":\"" + "x".repeat(100_000) + "\"}"),
                "[".repeat(60_000),
                "{\"id\":\"" + name + "\",\"type\":\"log\",\"data\":{\"message\":\"m\"}}",
                "{\"type\":\"" + name + "\"}",
                signal("execute-snapshot", "{\"data-collections\":[\"" + "(".repeat(5_000) + "\"]}"))) {
            assertThat(answerTo(content).path("outcome").asText()).isEqualTo("refused");
        }
    }

    @Test
    void noExpressionKeepsTheStreamBusy() throws SQLException {
        catalog.put(1_000, "a".repeat(60), "id");
        catalog.putIntoPlan(1_000, "a".repeat(60));
        JsonNode answer =
                answerTo(signal("execute-snapshot", "{\"data-collections\":[\"public.(a|aa)*(a|aa)*\\\\1b\"]}"));
        assertThat(answer.path("outcome").asText()).isEqualTo("refused");
        assertThat(answer.path("reason").asText()).contains("takes too long");
    }

    @Test
    void noRefusalQuotesWhatCannotBeRead() throws SQLException {
        assertThat(answerTo("secret {").toString()).doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"public.orders", "public\\\\.orders", "PUBLIC\\\\.OR.*", ".*orders", "public.(orders|unknown)"})
    void tablesAreNamedAsInDebeziumsSignals(String expression) throws SQLException {
        JsonNode answer = answerTo(
                signal("execute-snapshot", "{\"type\":\"BLOCKING\",\"data-collections\":[\"" + expression + "\"]}"));
        assertThat(answer.path("outcome").asText()).isEqualTo("accepted");
        assertThat(answer.path("tables").toString()).isEqualTo("[\"public.orders\"]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"additional-conditions\":[{\"data-collection\":\"public.orders\",\"filter\":\"id > 1\"}]",
                "\"additional-conditions\":[{\"data-collection\":\"public\\\\.ord.*\",\"filter\":\"id > 1\"}]",
                "\"additional-conditions\":[{\"data-collection\":\"public.orders\",\"filter\":\"SELECT * FROM public.orders WHERE id > 1\"}]",
                "\"additional-condition\":\"id > 1\",\"additional-conditions\":[]"
            })
    void someRowsAreAskedForAsInDebeziumsSignals(String conditions) throws SQLException {
        assertThat(answerTo(SOME + conditions + "}}").path("outcome").asText()).isEqualTo("accepted");
        assertThat(last().requests().rowsWanted(ORDERS, 1)).isEqualTo("(id > 1)");
    }

    @Test
    void moreConditionsThanAnOffsetCanCarryAreRefused() throws SQLException {
        RoutedStream stream = stream().begin(500);
        for (int i = 0; i < 6; i++) {
            String condition = "note = '" + "x".repeat(1_900) + "'";
            stream.say(
                    true,
                    SIGNALS,
                    "{\"id\":\"" + i + "\"," + SOME.substring(1) + "\"additional-condition\":\"" + condition + "\"}}");
        }
        stream.commit(500);
        assertThat(answers())
                .extracting(answer -> answer.path("outcome").asText())
                .containsExactly("accepted", "accepted", "accepted", "accepted", "refused", "refused");
        assertThat(answers().toString()).doesNotContain("xxx");
    }

    @Test
    void detailsMayBeAString() throws SQLException {
        JsonNode answer =
                answerTo("{\"type\":\"execute-snapshot\",\"data\":\"{\\\"data-collections\\\":[\\\"public.*\\\"]}\"}");
        assertThat(answer.path("outcome").asText()).isEqualTo("accepted");
        assertThat(answer.path("tables")).hasSize(2);
        assertThat(answer.path("id").asText())
                .as("without an id of its own, the LSN")
                .isEqualTo(answer.path("lsn").asText());
    }

    @Test
    void aTableThatIsGoneIsNotCopied() throws SQLException {
        catalog.drop(CUSTOMERS);
        JsonNode answer = answerTo(signal("execute-snapshot", "{\"data-collections\":[\"public.customers\"]}"));
        assertThat(answer.path("reason").asText()).contains("public.customers was dropped");
    }

    @Test
    void theSameIdIsRefusedWhileItIsUnderWay() throws SQLException {
        stream().begin(500).say(true, SIGNALS, COPY).say(true, SIGNALS, COPY).commit(500);
        assertThat(answers())
                .extracting(answer -> answer.path("outcome").asText())
                .containsExactly("accepted", "refused");
        assertThat(last().requests().all()).hasSize(1);
    }

    @Test
    void aCopyIsStoppedOnlyBeforeItBegins() throws SQLException {
        CopyRequest waiting =
                new CopyRequest("waiting", new Lsn(50), 1, Map.of(ORDERS, new TableId("public", "orders")));
        CopyRequests requests = CopyRequests.NONE.with(waiting);
        stream(RoutedStream.at(100, 0).requesting(requests))
                .begin(500)
                .say(true, SIGNALS, signal("stop-snapshot", "{\"type\":\"incremental\"}"))
                .commit(500);
        assertThat(answers())
                .extracting(answer -> answer.path("outcome").asText())
                .containsExactly("stopped", "done");
        assertThat(answers().get(0).path("id").asText()).isEqualTo("waiting");
        assertThat(last().requests()).isEqualTo(CopyRequests.NONE);

        CopyRequests begun = requests.begunAt(new Anchor(2, new Lsn(90)), any -> true);
        stream(RoutedStream.at(100, 0).requesting(begun))
                .begin(500)
                .say(true, SIGNALS, signal("stop-snapshot", "{\"data-collections\":[\"public.orders\"]}"))
                .commit(500);
        assertThat(answers().get(2).path("outcome").asText()).isEqualTo("refused");
        assertThat(last().requests()).isEqualTo(begun);
    }

    @Test
    void aNewRowOfTheTableIsASignal() throws SQLException {
        RoutedStream stream = stream();
        stream.begin(500)
                .steps(
                        "orders: id, note",
                        "insert 1, before",
                        "other_signals: id, type, data",
                        "insert row, execute-snapshot, {\"data-collections\":[\"public.orders\"]}",
                        "update row, log, NULL",
                        "delete row",
                        "orders insert 2, after")
                .commit(500);
        assertThat(answers())
                .extracting(answer -> answer.path("outcome").asText())
                .containsExactly("accepted");
        assertThat(answers().get(0).path("id").asText()).isEqualTo("row");
        assertThat(sink.taken()).hasSize(3);
        assertThat(sink.offsets())
                .extracting(offset -> offset.requests().all().size())
                .containsExactly(0, 1, 1);
        StreamPosition answered = sink.offsets().get(1);
        sink.clear();
        stream(answered)
                .begin(500)
                .steps(
                        "orders: id, note",
                        "insert 1, before",
                        "other_signals: id, type, data",
                        "insert row, execute-snapshot, {\"data-collections\":[\"public.orders\"]}",
                        "orders insert 2, after")
                .commit(500);
        assertThat(sink.taken()).hasSize(1);
        assertThat(sink.taken().get(0)).contains("after");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "other_signals: id, type|insert row, log",
                "other_signals: id, type, data, more|insert row, log, {}, more",
                "other_signals: id, type, data|insert NULL, NULL, NULL",
                "other_signals: id, type, data|insert row, log, NULL",
                "other_signals: id, type, data|insert row, log, no json",
                "other_signals: id, type, data|insert row, log, []",
                "other_signals: id, type, data|insert row, execute-snapshot, {\"data-collections\":[]}",
                "other_signals: id, type, data|insert row, snapshot-window-open, NULL"
            })
    void noRowOfTheTableStopsTheStream(String steps) throws SQLException {
        stream()
                .begin(500)
                .steps(steps.split("\\|"))
                .steps("orders: id, note", "insert 1, kept")
                .commit(500);
        assertThat(answers())
                .extracting(answer -> answer.path("outcome").asText())
                .containsExactly("refused");
        assertThat(last().requests()).isEqualTo(CopyRequests.NONE);
        assertThat(sink.taken().get(1)).contains("kept");
    }

    @Test
    void aLineIsWrittenIntoTheLog() throws SQLException {
        assertThat(answerTo(signal("log", "{\"message\":\"at {}\\nsecond line\"}"))
                        .path("outcome")
                        .asText())
                .isEqualTo("done");
    }
}
