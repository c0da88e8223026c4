package io.pgseam.phase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CopyRequestsTest {

    private static final Lsn AT = Lsn.parse("16/B374D848");
    private static final CopyRequest STRANGE = new CopyRequest(
            "a b\n:,\u0000%ü",
            AT,
            3,
            Map.of(4_294_967_295L, new TableId("My \"schema\"", "a:b,c d\n"), 7L, new TableId("public", "orders")));

    private static StreamPosition committed(StreamPosition position) {
        return StreamPosition.fromSourceOffset(new HashMap<>(position.toSourceOffset()));
    }

    @Test
    void areReadAsTheyWereStored() {
        CopyRequests requests =
                CopyRequests.NONE.with(STRANGE).with(new CopyRequest("1", AT, 0, Map.of(8L, new TableId("s", "t"))));
        StreamPosition position = StreamPosition.before(AT, 3, 3).requesting(requests);
        assertThat(committed(position)).isEqualTo(position);
        StreamPosition begun =
                position.requesting(requests.begunAt(new Anchor(4, AT), request -> request.equals(STRANGE)));
        assertThat(committed(begun)).isEqualTo(begun).isNotEqualTo(position);
        assertThat(committed(begun).requests().all().get(0).begun()).isEqualTo(new Anchor(4, AT));
    }

    @Test
    void areLeftOutIfThereAreNone() {
        assertThat(StreamPosition.before(AT, 3, 3).toSourceOffset()).doesNotContainKey("requests");
    }

    @Test
    void stayWhileThePositionMoves() {
        StreamPosition position = StreamPosition.before(AT, 3, 3)
                .requesting(CopyRequests.NONE.with(STRANGE))
                .onTimeline(new Timeline(2, 7));
        Anchor next = new Anchor(4, new Lsn(AT.value() + 100));
        assertThat(position.split().requests().all()).containsExactly(STRANGE);
        assertThat(position.splitAt(next).requests().all()).containsExactly(STRANGE);
        assertThat(StreamPosition.atSeam(position, next, false).requests().all())
                .containsExactly(STRANGE);
        assertThat(position.at(TopicGroup.LIVE, StreamPosition.Place.before(next.lsn()))
                        .requests()
                        .all())
                .containsExactly(STRANGE);
    }

    @Test
    void haveHowFarATopicIsRead() {
        SignalPlace place = new SignalPlace("a b\n@:,", 7);
        CopyRequests read = CopyRequests.NONE.readTo(place);
        assertThat(committed(StreamPosition.before(AT, 3, 3).requesting(read)).requests())
                .isEqualTo(read);
        CopyRequests more = read.with(STRANGE);
        assertThat(committed(StreamPosition.before(AT, 3, 3).requesting(more)).requests())
                .isEqualTo(more);
        assertThat(more.begunAt(new Anchor(4, AT), any -> true)
                        .without(any -> true)
                        .read())
                .as("whatever becomes of the requests")
                .isEqualTo(place);
    }

    @Test
    void haveConditionsOfTables() {
        TableId orders = new TableId("public", "orders");
        CopyRequest some = new CopyRequest(
                "some", AT, 3, Map.of(7L, orders, 8L, new TableId("s", "t")), Map.of(7L, "(note = 'a:b,c d\n')"));
        CopyRequest others = new CopyRequest("others", AT, 3, Map.of(7L, orders), Map.of(7L, "(id > 1)"));
        CopyRequests requests = CopyRequests.NONE.with(some).with(others);
        StreamPosition position = StreamPosition.before(AT, 3, 3).requesting(requests);
        assertThat(committed(position)).isEqualTo(position);
        assertThat(requests.rowsWanted(7, 3)).isEqualTo("(note = 'a:b,c d\n') OR (id > 1)");
        assertThat(requests.rowsWanted(8, 3)).isEmpty();
        assertThat(requests.rowsWanted(7, 4)).isNull();
        assertThat(requests.with(STRANGE).rowsWanted(7, 3)).as("all rows").isEmpty();
    }

    @Test
    void wantOnlyCopiesThatBeginAfterTheSignal() {
        CopyRequests requests = CopyRequests.NONE.with(STRANGE);
        assertThat(requests.want(7, 3)).isTrue();
        assertThat(requests.want(7, 4)).isFalse();
        assertThat(requests.want(8, 1)).isFalse();
        assertThat(requests.begunAt(new Anchor(4, AT), any -> true).want(7, 3)).isFalse();
    }

    @Test
    void refusesWhatNobodyStored() {
        for (String text : new String[] {"a", "a b c d e f", "a 0/1 1 0 0/0 7:public"}) {
            assertThatThrownBy(() -> CopyRequests.parse(text)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
