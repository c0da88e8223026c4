package io.pgseam.tool.verify;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.pgseam.pg.Lsn;
import io.pgseam.tool.outcome.CommandFailure;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Keeps in a file which tables were found equal in which target, so that a run that was interrupted is resumed at the next table. */
public final class EqualTables {

    private static final String TABLE = "equal_table";
    private static final String TARGET = "target";

    /**
     * A table that was found equal.
     *
     * @param lsn as of which LSN
     * @param rows how many rows it had
     */
    public record Equal(Lsn lsn, long rows) {}

    private record Name(String target, String table) {}

    private final StateFile file;
    private final Map<Name, Equal> equal = new HashMap<>();

    /**
     * Reads the file.
     *
     * @param file one JSON document a line; made if it does not exist. Null to keep nothing
     * @throws CommandFailure if it cannot be read
     */
    public EqualTables(@Nullable Path file) {
        this.file = new StateFile(file);
        this.file.read(node -> {
            if (node.has(TABLE)) {
                equal.put(
                        new Name(node.path(TARGET).asText(), node.path(TABLE).asText()),
                        new Equal(
                                Lsn.parse(node.path("lsn").asText()),
                                node.path("rows").asLong()));
            }
        });
    }

    /**
     * What an earlier run found.
     *
     * @param target the table in the target, with its database and where that is
     */
    public Optional<Equal> find(String table, String target) {
        return Optional.ofNullable(equal.get(new Name(target, table)));
    }

    /** Keeps that a table is equal. */
    public void add(String table, String target, Equal found) {
        file.add(JsonNodeFactory.instance
                .objectNode()
                .put(TABLE, table)
                .put(TARGET, target)
                .put("lsn", found.lsn().toString())
                .put("rows", found.rows()));
    }
}
