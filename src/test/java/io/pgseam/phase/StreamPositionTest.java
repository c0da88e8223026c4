package io.pgseam.phase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.StreamPosition.End;
import io.pgseam.phase.StreamPosition.Place;
import io.pgseam.phase.StreamPosition.Places.Split;
import io.pgseam.phase.StreamPosition.Places.Together;
import io.pgseam.testing.Seed;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamPositionTest {

    private static final Lsn BEFORE = Lsn.parse("0/FFFFFFFF");
    private static final Lsn HERE = Lsn.parse("1/0");
    private static final Lsn AFTER = Lsn.parse("1/1");
    private static final StreamPosition POSITION = Positions.at(HERE, 5, 2, 1);

    private static ChangeId change(Lsn commitLsn, long recordLsn) {
        return new ChangeId(commitLsn, new Lsn(recordLsn), 0);
    }

    private static StreamPosition stored(StreamPosition position) {
        return Objects.requireNonNull(
                StreamPosition.fromSourceOffset(StoredOffsets.roundTrip(position.toSourceOffset())));
    }

    @Test
    void coversWhatIsAtOrBeforeIt() {
        assertThat(POSITION.covers(change(BEFORE, 1_000), TopicGroup.LIVE)).isTrue();
        assertThat(POSITION.covers(change(HERE, 5), TopicGroup.LIVE)).isTrue();
        assertThat(POSITION.covers(new ChangeId(HERE, new Lsn(5), 1), TopicGroup.LIVE))
                .isFalse();
        assertThat(POSITION.covers(change(HERE, 6), TopicGroup.LIVE)).isFalse();
        assertThat(POSITION.covers(change(AFTER, 1), TopicGroup.LIVE)).isFalse();
    }

    @Test
    void coversNothingOfATransactionOfWhichNothingIsThere() {
        StreamPosition heartbeat = StreamPosition.before(HERE, 2, 1);
        assertThat(heartbeat.covers(change(HERE, 1), TopicGroup.LIVE)).isFalse();
        assertThat(heartbeat.covers(change(BEFORE, 1), TopicGroup.LIVE)).isTrue();
        assertThat(heartbeat.isPast(HERE)).isFalse();
        assertThat(heartbeat.isPast(BEFORE)).isTrue();
        assertThat(POSITION.isPast(HERE)).isTrue();
    }

    @Test
    void comparesPositionsAsUnsigned() {
        StreamPosition late = Positions.at(new Lsn(-1), 1, 2, 1);
        assertThat(late.covers(change(HERE, 6), TopicGroup.LIVE)).isTrue();
        assertThat(POSITION.covers(change(new Lsn(-1), 1), TopicGroup.LIVE)).isFalse();
        assertThat(POSITION.covers(change(HERE, -1), TopicGroup.LIVE)).isFalse();
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
        assertThat(StreamPosition.before(HERE, 2, 1).isPast(new Anchor(3, HERE)))
                .isFalse();
    }

    @Test
    void letsSomeTopicsStreamWhileTheOthersWaitAtTheAnchor() {
        Anchor anchor = new Anchor(2, HERE);
        StreamPosition split = StreamPosition.before(HERE, 2, 1).split().at(TopicGroup.LIVE, Positions.place(AFTER, 3));
        assertThat(split.isPast(anchor)).isFalse();
        assertThat(split.isPast(new Anchor(3, HERE)))
                .as("another anchor at the same place")
                .isTrue();
        assertThat(split.hasReached(anchor)).isTrue();
        assertThat(split.lsn()).isEqualTo(AFTER);
        assertThat(split.readFrom()).isEqualTo(HERE);
        assertThat(split.covers(change(AFTER, 3), TopicGroup.LIVE)).isTrue();
        assertThat(split.covers(change(HERE, 1), TopicGroup.LAGGING)).isFalse();
        assertThat(stored(split)).isEqualTo(split).isNotEqualTo(Positions.at(AFTER, 3, 2, 1));
        assertThat(split.readUpTo(Positions.place(HERE, 1)).isPast(anchor)).isTrue();
    }

    @Test
    void laggingTopicsAreOneWithTheOthersOnceTheyHaveReachedThem() {
        StreamPosition split =
                StreamPosition.before(BEFORE, 2, 1).split().at(TopicGroup.LIVE, Positions.place(HERE, 3));
        assertThat(split.readUpTo(Positions.place(HERE, 2)).place(TopicGroup.LAGGING))
                .isEqualTo(Positions.place(HERE, 2));
        assertThat(split.readUpTo(Positions.place(HERE, 2)).live()).isEqualTo(Positions.place(HERE, 3));
        assertThat(split.readUpTo(Place.before(HERE)).isSplit())
                .as("half of a transaction is still to come")
                .isTrue();
        assertThat(split.readUpTo(Positions.place(HERE, 3))).isEqualTo(Positions.at(HERE, 3, 2, 1));
        assertThat(split.readUpTo(Place.before(AFTER))).isEqualTo(StreamPosition.before(AFTER, 2, 1));
        assertThat(StreamPosition.atSeam(split, new Anchor(3, BEFORE), false))
                .isEqualTo(StreamPosition.before(BEFORE, 3, 3).split().at(TopicGroup.LIVE, Positions.place(HERE, 3)));
        assertThat(split.atEnd(new StreamEnd(AFTER)).isSplit()).isFalse();
    }

    @Test
    void isReadFromTheEarlierPlace() {
        StreamPosition split = StreamPosition.before(BEFORE, 2, 1).split();
        assertThat(split.at(TopicGroup.LIVE, Positions.place(HERE, 1)).readFrom())
                .isEqualTo(BEFORE);
        assertThat(split.at(TopicGroup.LIVE, Positions.place(AFTER, 1))
                        .readUpTo(Positions.place(HERE, 1))
                        .readFrom())
                .isEqualTo(HERE);
    }

    @Test
    void keepsItsStandingFurtherOn() {
        assertThat(POSITION.readUpTo(Positions.place(AFTER, 1))).isEqualTo(Positions.at(AFTER, 1, 2, 1));
        assertThat(Positions.ended(HERE, 1, 1)
                        .readUpTo(Positions.place(AFTER, 1))
                        .ended())
                .isTrue();
    }

    @Test
    void isNoLongerAtTheEndFurtherOn() {
        StreamPosition atEnd = POSITION.atEnd(new StreamEnd(AFTER));
        assertThat(atEnd.lsn()).isEqualTo(AFTER);
        assertThat(atEnd.isPast(AFTER)).isFalse();
        assertThat(atEnd.endReached()).isTrue();
        assertThat(atEnd).isNotEqualTo(StreamPosition.before(AFTER, 2, 1));
        assertThat(stored(atEnd)).isEqualTo(atEnd);
        assertThat(atEnd.readUpTo(Positions.place(AFTER, 1))).isEqualTo(Positions.at(AFTER, 1, 2, 1));
    }

    @Test
    void keepsItsTimelineFurtherOn() {
        Timeline timeline = new Timeline(-7, 2);
        StreamPosition promoted = POSITION.onTimeline(timeline);
        assertThat(promoted).isNotEqualTo(POSITION);
        assertThat(promoted.readUpTo(Positions.place(AFTER, 1)).timeline()).isEqualTo(timeline);
        assertThat(promoted.atEnd(new StreamEnd(AFTER)).timeline()).isEqualTo(timeline);
        assertThat(stored(promoted)).isEqualTo(promoted);
    }

    @Test
    void knowsNoTimelineFromAnOffsetThatHasNone() {
        assertThat(stored(POSITION).timeline()).isEqualTo(Timeline.UNKNOWN);
    }

    @Test
    void survivesConnectsStore() {
        Random random = Seed.random(StreamPositionTest.class);
        for (int i = 0; i < 500; i++) {
            StreamPosition position = new StreamPosition(
                    random.nextBoolean()
                            ? new Together(anywhere(random))
                            : new Split(anywhere(random), anywhere(random)),
                    random.nextInt(1_000),
                    random.nextInt(1_000),
                    End.values()[random.nextInt(End.values().length)],
                    new Timeline(random.nextLong(2), random.nextInt(3)));
            assertThat(stored(position)).isEqualTo(position);
            assertThat(StreamPosition.fromSourceOffset(position.toSourceOffset()))
                    .isEqualTo(position);
        }
    }

    /** Between two transactions, within one, or as an earlier release said it. */
    private static Place anywhere(Random random) {
        Lsn commitLsn = new Lsn(random.nextLong());
        return switch (random.nextInt(3)) {
            case 0 -> Place.before(commitLsn);
            case 1 ->
                new Place(
                        new ChangeId(commitLsn, new Lsn(1 + random.nextLong()), random.nextInt(300)),
                        1 + random.nextLong(1L << 33));
            default -> new Place(ChangeId.startOf(commitLsn), 1 + random.nextInt(1_000));
        };
    }

    @Test
    void readsOffsetsOfEarlierReleases() {
        StreamPosition within = Objects.requireNonNull(StreamPosition.fromSourceOffset(
                Map.of("lsn", "1/0", "seq", 5L, "caught_up", 2L, "seam", 1L, "timeline", 3L)));
        assertThat(within.countedRecords(HERE, TopicGroup.LIVE)).isEqualTo(5);
        assertThat(within.countedRecords(AFTER, TopicGroup.LIVE)).isZero();
        assertThat(within.covers(change(BEFORE, 9), TopicGroup.LIVE)).isTrue();
        assertThat(within.covers(change(HERE, 1), TopicGroup.LIVE))
                .as("how far it reaches is to be counted")
                .isFalse();
        assertThat(within.isPast(HERE)).isTrue();
        assertThat(within.timeline()).isEqualTo(new Timeline(0, 3));

        StreamPosition parted = Objects.requireNonNull(StreamPosition.fromSourceOffset(Map.of(
                "lsn",
                "1/0",
                "seq",
                5L,
                "caught_up",
                2L,
                "seam",
                1L,
                "joining_lsn",
                "0/FFFFFFFF",
                "joining_seq",
                2L,
                "joins_at",
                "1/1")));
        assertThat(parted.isSplit()).isTrue();
        assertThat(parted.readFrom()).isEqualTo(BEFORE);
        assertThat(parted.countedRecords(HERE, TopicGroup.LIVE)).isEqualTo(5);
        assertThat(parted.countedRecords(BEFORE, TopicGroup.LAGGING)).isEqualTo(2);
        assertThat(parted.readUpTo(Positions.place(HERE, 1)).isSplit())
                .as("which of the two is further is to be counted")
                .isTrue();
        assertThat(parted.readUpTo(Positions.place(AFTER, 1))).isEqualTo(Positions.at(AFTER, 1, 2, 1));
        assertThat(stored(parted)).isEqualTo(parted);

        StreamPosition between = Objects.requireNonNull(
                StreamPosition.fromSourceOffset(Map.of("lsn", "1/0", "seq", 0L, "caught_up", 2L, "seam", 1L)));
        assertThat(between).isEqualTo(StreamPosition.before(HERE, 2, 1));
    }

    @Test
    void isNotMistakenByAnEarlierRelease() {
        assertThat(POSITION.toSourceOffset())
                .as("an earlier release fails where seq is missing")
                .doesNotContainKey("seq");
        assertThat(StreamPosition.before(HERE, 2, 1).split().toSourceOffset()).doesNotContainKey("seq");
        assertThat(StreamPosition.before(HERE, 2, 1).toSourceOffset()).containsEntry("seq", 0L);
    }

    @Test
    void isAMapAsConnectNeedsIt() {
        assertThat(new String(
                        StoredOffsets.key(StreamPosition.before(HERE, 2, 1).toSourceOffset()), StandardCharsets.UTF_8))
                .isEqualTo("{\"lsn\":\"1/0\",\"caught_up\":2,\"seam\":1,\"seq\":0}");
        assertThat(POSITION.toSourceOffset())
                .containsEntry("lsn", "1/0")
                .containsEntry("change_lsn", "0/5")
                .containsEntry("change_index", 0L)
                .containsEntry("change_seq", 20L);
        assertThat(POSITION.toSourceOffset())
                .isEqualTo(Positions.at(HERE, 5, 2, 1).toSourceOffset())
                .hasSameHashCodeAs(Positions.at(HERE, 5, 2, 1).toSourceOffset())
                .isNotEqualTo(Positions.at(HERE, 6, 2, 1).toSourceOffset());
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
                .hasMessageContainingAll(
                        "one of Debezium's", "under another name", "stream.begin.lsn", "docs/debezium.md");
    }
}
