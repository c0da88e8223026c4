package io.pgseam.phase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import io.pgseam.testing.Seed;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamPositionTest {

    private static final Lsn BEFORE = Lsn.parse("0/FFFFFFFF");
    private static final Lsn HERE = Lsn.parse("1/0");
    private static final Lsn AFTER = Lsn.parse("1/1");
    private static final StreamPosition POSITION = new StreamPosition(HERE, 5, 2, 1, false);

    @Test
    void coversWhatIsAtOrBeforeIt() {
        assertThat(POSITION.covers(BEFORE, 1_000)).isTrue();
        assertThat(POSITION.covers(HERE, 5)).isTrue();
        assertThat(POSITION.covers(HERE, 6)).isFalse();
        assertThat(POSITION.covers(AFTER, 1)).isFalse();
    }

    @Test
    void coversNothingOfATransactionOfWhichNothingIsThere() {
        StreamPosition heartbeat = POSITION.at(HERE, 0);
        assertThat(heartbeat.covers(HERE, 1)).isFalse();
        assertThat(heartbeat.covers(BEFORE, 1)).isTrue();
    }

    @Test
    void comparesPositionsAsUnsigned() {
        StreamPosition late = POSITION.at(new Lsn(-1), 1);
        assertThat(late.covers(HERE, 6)).isTrue();
        assertThat(POSITION.covers(new Lsn(-1), 1)).isFalse();
    }

    @Test
    void hasReachedAnAnchorOfItsNumberThatIsNotAhead() {
        assertThat(POSITION.hasReached(new Anchor(2, HERE))).isTrue();
        assertThat(POSITION.hasReached(new Anchor(2, BEFORE))).isTrue();
        assertThat(POSITION.hasReached(new Anchor(2, AFTER))).isFalse();
        assertThat(POSITION.hasReached(new Anchor(3, BEFORE))).isFalse();
    }

    @Test
    void isPastAnAnchorOnceAChangeAtItIsThere() {
        assertThat(POSITION.isPast(new Anchor(3, HERE))).isTrue();
        assertThat(POSITION.isPast(new Anchor(3, AFTER))).isFalse();
        assertThat(POSITION.at(HERE, 0).isPast(new Anchor(3, HERE))).isFalse();
    }

    @Test
    void letsSomeTopicsGoOnWhileTheOthersWaitAtTheAnchor() {
        Anchor anchor = new Anchor(2, HERE);
        StreamPosition parted = POSITION.at(HERE, 0).parted().at(AFTER, 3);
        assertThat(parted.isPast(anchor)).isFalse();
        assertThat(parted.isPast(new Anchor(3, HERE)))
                .as("another anchor at the same place")
                .isTrue();
        assertThat(parted.hasReached(anchor)).isTrue();
        assertThat(parted.lsn()).isEqualTo(AFTER);
        assertThat(parted.readFrom()).isEqualTo(HERE);
        assertThat(parted.covers(AFTER, 3, false)).isTrue();
        assertThat(parted.covers(HERE, 1, true)).isFalse();
        assertThat(StreamPosition.fromSourceOffset(StoredOffsets.roundTrip(parted)))
                .isEqualTo(parted)
                .isNotEqualTo(POSITION.at(AFTER, 3));
        assertThat(parted.joiningAt(HERE, 1).isPast(anchor)).isTrue();
    }

    @Test
    void joinsOnceEverythingUpToTheFixedPlaceHasBeenRead() {
        StreamPosition open = POSITION.at(BEFORE, 0).parted().at(HERE, 3);
        assertThat(open.readUpTo(AFTER)).isEqualTo(open.at(AFTER, 0).joiningAt(AFTER, 0));
        StreamPosition fixed = open.thatJoinsAt(AFTER);
        assertThat(fixed.isJoinedBy(HERE)).isFalse();
        assertThat(fixed.readUpTo(BEFORE)).isEqualTo(fixed);
        assertThat(fixed.readUpTo(HERE)).isEqualTo(fixed.joiningAt(HERE, 0));
        assertThat(fixed.readUpTo(AFTER)).isEqualTo(POSITION.at(AFTER, 0));
        assertThat(StreamPosition.fromSourceOffset(StoredOffsets.roundTrip(fixed)))
                .isEqualTo(fixed)
                .isNotEqualTo(open);
        assertThat(StreamPosition.atSeam(fixed, new Anchor(3, BEFORE), false))
                .isEqualTo(new StreamPosition(BEFORE, 0, 3, 3, false)
                        .parted()
                        .at(HERE, 3)
                        .thatJoinsAt(AFTER));
        assertThat(fixed.atEnd(new StreamEnd(AFTER)).isParted()).isFalse();
    }

    @Test
    void isReadFromTheEarlierPlace() {
        StreamPosition parted = POSITION.at(BEFORE, 0).parted().thatJoinsAt(AFTER);
        assertThat(parted.at(HERE, 1).readFrom()).isEqualTo(BEFORE);
        assertThat(parted.joiningAt(HERE, 1).readFrom()).isEqualTo(BEFORE);
    }

    @Test
    void keepsItsStandingFurtherOn() {
        StreamPosition further = POSITION.at(AFTER, 1);
        assertThat(further).isEqualTo(new StreamPosition(AFTER, 1, 2, 1, false));
        assertThat(new StreamPosition(HERE, 1, 1, 1, true).at(AFTER, 1).ended()).isTrue();
    }

    @Test
    void isNoLongerAtTheEndFurtherOn() {
        StreamPosition atEnd = POSITION.atEnd(new StreamEnd(AFTER));
        assertThat(atEnd.lsn()).isEqualTo(AFTER);
        assertThat(atEnd.covers(AFTER, 1)).isFalse();
        assertThat(atEnd.endReached()).isTrue();
        assertThat(atEnd).isNotEqualTo(POSITION.at(AFTER, 0));
        assertThat(StreamPosition.fromSourceOffset(StoredOffsets.roundTrip(atEnd)))
                .isEqualTo(atEnd);
        assertThat(atEnd.at(AFTER, 1)).isEqualTo(POSITION.at(AFTER, 1));
    }

    @Test
    void keepsItsTimelineFurtherOn() {
        StreamPosition promoted = POSITION.onTimeline(2);
        assertThat(promoted).isNotEqualTo(POSITION);
        assertThat(promoted.at(AFTER, 1).timeline()).isEqualTo(2);
        assertThat(promoted.atEnd(new StreamEnd(AFTER)).timeline()).isEqualTo(2);
        assertThat(StreamPosition.fromSourceOffset(StoredOffsets.roundTrip(promoted)))
                .isEqualTo(promoted);
    }

    @Test
    void knowsNoTimelineFromAnOffsetThatHasNone() {
        StreamPosition stored = StreamPosition.fromSourceOffset(StoredOffsets.roundTrip(POSITION));
        assertThat(stored).isNotNull();
        assertThat(stored.timeline()).isZero();
    }

    @Test
    void survivesConnectsStore() {
        Random random = Seed.random(StreamPositionTest.class);
        for (int i = 0; i < 500; i++) {
            StreamPosition position = new StreamPosition(
                    new Lsn(random.nextLong()),
                    random.nextLong(1L << 33),
                    random.nextInt(1_000),
                    random.nextInt(1_000),
                    random.nextBoolean());
            assertThat(StreamPosition.fromSourceOffset(StoredOffsets.roundTrip(position)))
                    .isEqualTo(position);
            assertThat(StreamPosition.fromSourceOffset(position)).isEqualTo(position);
        }
    }

    @Test
    void isAMapAsConnectNeedsIt() {
        assertThat(new String(StoredOffsets.key(POSITION), StandardCharsets.UTF_8))
                .isEqualTo("{\"lsn\":\"1/0\",\"caught_up\":2,\"seam\":1,\"seq\":5}");
        assertThat(POSITION).hasSize(4).containsEntry("seq", 5L);
        assertThat(POSITION).hasSameHashCodeAs(new StreamPosition(HERE, 5, 2, 1, false));
        assertThat(POSITION).isNotEqualTo(new StreamPosition(HERE, 5, 2, 1, true));
    }

    @Test
    void isFoundByTheSameBytesEachTime() {
        byte[] key = StoredOffsets.key(StreamPosition.sourcePartition("shop"));
        assertThat(new String(key, StandardCharsets.UTF_8)).isEqualTo("{\"server\":\"shop\"}");
        assertThat(StoredOffsets.key(StreamPosition.sourcePartition("shop"))).isEqualTo(key);
    }

    @Test
    void isNotThereWithoutAnOffset() {
        assertThat(StreamPosition.fromSourceOffset(null)).isNull();
    }

    @Test
    void saysOfAnOffsetOfDebeziumThatItIsNotOurs() {
        Map<String, Object> debezium =
                Map.of("transaction_id", "x", "lsn_proc", 26_712_344L, "lsn", 26_712_344L, "txId", 760L, "ts_usec", 1L);
        assertThatThrownBy(() -> StreamPosition.fromSourceOffset(debezium))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'lsn'")
                .hasMessageContaining("not written by this version of pgseam")
                .hasMessageContaining("DELETE /connectors/<name>/offsets");
    }
}
