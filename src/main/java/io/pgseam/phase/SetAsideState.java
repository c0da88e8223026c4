package io.pgseam.phase;

import io.pgseam.pg.TableId;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which tables the control topic says are set aside, in the ledger.
 *
 * @param tables these tables by their OIDs
 */
public record SetAsideState(Map<Long, Entry> tables) {

    /** Of more tables than this many characters can name, only OIDs are kept: a ledger's entry is one Kafka record. */
    private static final int MOST_CHARACTERS = 200_000;

    /** No name in PostgreSQL has it. */
    private static final String SEPARATOR = "\0";

    private static final int FIELDS = 4;

    /**
     * What was said of a table.
     *
     * @param reason the name of the reason
     * @param table its name; null if it is not known any more
     */
    public record Entry(String reason, @Nullable TableId table) {}

    public SetAsideState {
        tables = Map.copyOf(tables);
    }

    /** Before anything was said. */
    public static final SetAsideState NOTHING = new SetAsideState(Map.of());

    /** The source partition of what is said of tables that are set aside. */
    public static Map<String, Object> sourcePartition(String server) {
        return LedgerMap.of("server", server, "tables", "set_aside");
    }

    /** Reads a source offset as {@link #toSourceOffset()} wrote it. */
    public static SetAsideState fromSourceOffset(@Nullable Map<String, ?> offset) {
        if (offset == null || !offset.containsKey("set_aside")) {
            return NOTHING;
        }
        String[] fields = new OffsetFields(offset).text("set_aside").split(SEPARATOR, -1);
        Map<Long, Entry> tables = new TreeMap<>();
        for (int i = 0; i + FIELDS <= fields.length; i += FIELDS) {
            TableId table = fields[i + 3].isEmpty() ? null : new TableId(fields[i + 2], fields[i + 3]);
            tables.put(Long.parseLong(fields[i]), new Entry(fields[i + 1], table));
        }
        return new SetAsideState(tables);
    }

    /** The source offset that says this. */
    public Map<String, Object> toSourceOffset() {
        String text = text(true);
        return LedgerMap.of("set_aside", text.length() <= MOST_CHARACTERS ? text : text(false));
    }

    private String text(boolean named) {
        return new TreeMap<>(tables)
                .entrySet().stream()
                        .map(entry -> {
                            TableId table = named ? entry.getValue().table() : null;
                            return String.join(
                                    SEPARATOR,
                                    String.valueOf(entry.getKey()),
                                    entry.getValue().reason(),
                                    table == null ? "" : table.schema(),
                                    table == null ? "" : table.name());
                        })
                        .collect(Collectors.joining(SEPARATOR));
    }
}
