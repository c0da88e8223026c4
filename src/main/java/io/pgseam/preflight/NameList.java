package io.pgseam.preflight;

import io.pgseam.pg.TableId;
import java.util.Collection;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Names in a message: the first of them, and how many more there are. */
final class NameList {

    private static final int SHOWN = 10;

    private NameList() {}

    static String of(Collection<TableId> tables) {
        return of(tables, TableId::quoted, ", ");
    }

    static <T> String of(Collection<T> things, Function<T, String> text, String separator) {
        String shown = things.stream().limit(SHOWN).map(text).collect(Collectors.joining(separator));
        return things.size() <= SHOWN ? shown : shown + separator + "… and " + (things.size() - SHOWN) + " more";
    }
}
