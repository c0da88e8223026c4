package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.StreamPosition.End;
import io.pgseam.phase.StreamPosition.Place;
import io.pgseam.phase.StreamPosition.Places;
import io.pgseam.phase.StreamPosition.Places.Split;
import io.pgseam.phase.StreamPosition.Places.Together;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The fields of a position as Connect stores them.
 *
 * <p>Earlier releases named a place in mid-transaction by {@code seq}, the number of captured records up to there, and wrote
 * {@code joining_lsn} and {@code joining_seq} for topics that lag behind. Such offsets are read. They in turn cannot read what is
 * written here in mid-transaction or with lagging topics: {@code seq} is missing then, so they fail rather than lose changes.
 */
final class StreamOffsetFields {

    private static final String LSN = "lsn";
    private static final String COUNTED = "counted_seq";
    private static final String LAGGING = "lagging_";

    /** A field of every offset of Debezium's connector once it streams. */
    private static final String DEBEZIUM = "lsn_proc";

    private StreamOffsetFields() {}

    static StreamPosition read(OffsetFields fields) {
        if (fields.has(DEBEZIUM)) {
            throw new IllegalStateException(
                    "the committed source offset is one of Debezium's, whose connector has the same name."
                            + " Create this connector under another name; to continue where Debezium's has ended, set"
                            + " stream.begin.lsn: docs/debezium.md says how");
        }
        return new StreamPosition(
                places(fields),
                fields.integer("caught_up"),
                fields.integer("seam"),
                end(fields),
                timeline(fields),
                fields.requests("requests"),
                fields.events("events"));
    }

    private static Places places(OffsetFields fields) {
        if (fields.has(LAGGING + LSN)) {
            return new Split(place(fields, ""), place(fields, LAGGING));
        }
        if (fields.has("joining_lsn")) {
            return new Split(counted(fields, LSN, "seq"), counted(fields, "joining_lsn", "joining_seq"));
        }
        boolean named = fields.has("change_lsn") || fields.has(COUNTED);
        return new Together(named ? place(fields, "") : counted(fields, LSN, "seq"));
    }

    private static Place counted(OffsetFields fields, String lsn, String sequence) {
        return new Place(ChangeId.startOf(fields.lsn(lsn)), fields.number(sequence));
    }

    private static Place place(OffsetFields fields, String prefix) {
        Lsn commitLsn = fields.lsn(prefix + LSN);
        if (!fields.has(prefix + "change_lsn")) {
            return new Place(ChangeId.startOf(commitLsn), fields.numberOr(prefix + COUNTED, 0));
        }
        ChangeId last =
                new ChangeId(commitLsn, fields.lsn(prefix + "change_lsn"), fields.integer(prefix + "change_index"));
        return new Place(last, fields.number(prefix + "change_seq"));
    }

    private static End end(OffsetFields fields) {
        if (fields.flag("ended")) {
            return End.AFTER_SEAM;
        }
        return fields.flag("end_reached") ? End.AT_END_LSN : End.NONE;
    }

    private static Timeline timeline(OffsetFields fields) {
        Long system = fields.bitsOr("system", 0L);
        return new Timeline(system == null ? 0 : system, (int) fields.numberOr("timeline", 0));
    }

    static Map<String, Object> write(StreamPosition position) {
        List<Object> entries = new ArrayList<>();
        add(entries, "", position.live());
        if (position.isSplit()) {
            add(entries, LAGGING, position.places().lagging());
        } else if (position.live().sequence() == 0) {
            entries.addAll(List.of("seq", 0L));
        }
        entries.addAll(List.of("caught_up", (long) position.caughtUp(), "seam", (long) position.seam()));
        if (position.ended()) {
            entries.addAll(List.of("ended", true));
        }
        if (position.endReached()) {
            entries.addAll(List.of("end_reached", true));
        }
        if (position.timeline().number() != 0) {
            entries.addAll(List.of("timeline", (long) position.timeline().number()));
        }
        if (position.timeline().system() != 0) {
            entries.addAll(
                    List.of("system", Long.toHexString(position.timeline().system())));
        }
        if (position.requests().isKept()) {
            entries.addAll(List.of("requests", position.requests().text()));
        }
        if (position.events().total() > 0) {
            entries.addAll(List.of("events", position.events().text()));
        }
        return LedgerMap.of(entries.toArray());
    }

    private static void add(List<Object> entries, String prefix, Place place) {
        ChangeId last = place.last();
        entries.addAll(List.of(prefix + LSN, last.commitLsn().toString()));
        if (!last.isStart()) {
            entries.addAll(List.of(
                    prefix + "change_lsn",
                    last.recordLsn().toString(),
                    prefix + "change_index",
                    (long) last.index(),
                    prefix + "change_seq",
                    place.sequence()));
        } else if (place.isCounted()) {
            entries.addAll(List.of(prefix + COUNTED, place.sequence()));
        }
    }
}
