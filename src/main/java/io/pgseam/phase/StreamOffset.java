package io.pgseam.phase;

import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The position of the stream as the map that Connect sees. Rendered only when Connect writes it. */
public final class StreamOffset extends AbstractMap<String, Object> {

    private final StreamPosition position;
    private final @Nullable ChangeId change;

    /**
     * @param position what Kafka has once it has the record that carries this offset
     * @param change the change that the record is of; null if it is of none. Not part of the map
     */
    public StreamOffset(StreamPosition position, @Nullable ChangeId change) {
        this.position = position;
        this.change = change;
    }

    /** The position that this offset says. */
    public StreamPosition position() {
        return position;
    }

    /** Whether the record that carries this offset is of this change or a later one. */
    public boolean isOfOrAfter(ChangeId first) {
        return change != null && change.compareTo(first) >= 0;
    }

    @Override
    public Set<Map.Entry<String, Object>> entrySet() {
        return position.fields().entrySet();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof StreamOffset offset ? position.equals(offset.position) : super.equals(other);
    }

    /** Cheaper than a map's hash: Connect hashes every record's offset. Only equal offsets need equal hashes here. */
    @Override
    public int hashCode() {
        return position.live().hashCode();
    }
}
