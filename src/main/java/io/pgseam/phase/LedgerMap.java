package io.pgseam.phase;

import java.util.AbstractMap;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An unmodifiable map for source partitions and source offsets.
 *
 * <p>Connect serializes a partition in the order of its entries and finds it again by these bytes. When offsets are asked
 * for or deleted over REST, it makes these bytes from a HashMap that it has read from them, so the order has to be that of a
 * HashMap: with any other one it finds no offset, and a deletion leaves everything as it is. It also hashes the partition and the offset of every record, several times each in exactly-once mode:
 * the hash is computed once.
 */
final class LedgerMap extends AbstractMap<String, Object> {

    private final Map<String, Object> entries;
    private final int hash;

    private LedgerMap(Map<String, Object> entries) {
        this.entries = Collections.unmodifiableMap(entries);
        this.hash = entries.hashCode();
    }

    /**
     * Makes a map of alternating names and values; entries whose value is null are left out. The values are what Connect
     * accepts in offsets: strings, numbers and booleans.
     */
    static LedgerMap of(@Nullable Object... namesAndValues) {
        Map<String, Object> entries = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            Object value = namesAndValues[i + 1];
            if (value != null && namesAndValues[i] instanceof String name) {
                entries.put(name, value);
            }
        }
        return new LedgerMap(entries);
    }

    @Override
    public @Nullable Object get(@Nullable Object name) {
        return entries.get(name);
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        return entries.containsKey(name);
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        return entries.entrySet();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || super.equals(other);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
