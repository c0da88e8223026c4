package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the fields of a source offset, and says which one is missing or of the wrong kind. */
final class OffsetFields {

    private final Map<String, ?> offset;

    OffsetFields(Map<String, ?> offset) {
        this.offset = offset;
    }

    private IllegalStateException fault(String name, String expected) {
        return new IllegalStateException("the committed source offset " + offset + " has no " + expected + " '" + name
                + "': it was not written by this version of pgseam. Stop the connector and delete its offsets (DELETE"
                + " /connectors/<name>/offsets) to begin anew");
    }

    long number(String name) {
        if (offset.get(name) instanceof Number number) {
            return number.longValue();
        }
        throw fault(name, "number");
    }

    long numberOr(String name, long otherwise) {
        return offset.containsKey(name) ? number(name) : otherwise;
    }

    int integer(String name) {
        long number = number(name);
        if (number != (int) number) {
            throw fault(name, "32-bit number");
        }
        return (int) number;
    }

    String text(String name) {
        if (offset.get(name) instanceof String text) {
            return text;
        }
        throw fault(name, "text");
    }

    @Nullable
    String textOr(String name, @Nullable String otherwise) {
        return offset.containsKey(name) ? text(name) : otherwise;
    }

    boolean has(String name) {
        return offset.containsKey(name);
    }

    boolean flag(String name) {
        return Boolean.TRUE.equals(offset.get(name));
    }

    Lsn lsn(String name) {
        String text = text(name);
        try {
            return Lsn.parse(text);
        } catch (IllegalArgumentException e) {
            throw fault(name, "LSN");
        }
    }

    /** A 64-bit number without sign, in hexadecimal digits. */
    long bits(String name) {
        String text = text(name);
        try {
            return Long.parseUnsignedLong(text, 16);
        } catch (NumberFormatException e) {
            throw fault(name, "hexadecimal number");
        }
    }

    @Nullable
    Long bitsOr(String name, @Nullable Long otherwise) {
        return offset.containsKey(name) ? Long.valueOf(bits(name)) : otherwise;
    }

    /** Copies that are asked for; none if there is no such field. */
    CopyRequests requests(String name) {
        if (!offset.containsKey(name)) {
            return CopyRequests.NONE;
        }
        String text = text(name);
        try {
            return CopyRequests.parse(text);
        } catch (IllegalArgumentException e) {
            throw fault(name, "list of requested copies");
        }
    }

    /** Events that are counted; none if there is no such field. */
    EventCounts events(String name) {
        if (!offset.containsKey(name)) {
            return EventCounts.NONE;
        }
        String text = text(name);
        try {
            return EventCounts.parse(text);
        } catch (IllegalArgumentException e) {
            throw fault(name, "number of events by table");
        }
    }

    OffsetRanges.Snapshot ranges() {
        String text = text("offsets");
        OffsetRanges.Snapshot located;
        try {
            located = OffsetRanges.Snapshot.parse(text, !flag("offsets_unknown"));
        } catch (IllegalArgumentException e) {
            throw fault("offsets", "list of Kafka offsets");
        }
        return located.withLeftOut(numberOr("left_out", 0));
    }
}
