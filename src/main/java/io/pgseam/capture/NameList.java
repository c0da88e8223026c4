package io.pgseam.capture;

import io.pgseam.pg.TableId;
import java.util.Collection;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Names in a message: the first of them, and how many more there are. */
public final class NameList {

    private static final int SHOWN = 10;

    private NameList() {}

    /** Names of tables, quoted. */
    public static String of(Collection<TableId> tables) {
        return of(tables, TableId::quoted, ", ");
    }

    /**
     * Names of any things.
     *
     * @param text gives the name of one
     */
    public static <T> String of(Collection<T> things, Function<T, String> text, String separator) {
        String shown = things.stream().limit(SHOWN).map(text).collect(Collectors.joining(separator));
        return things.size() <= SHOWN ? shown : shown + separator + "… and " + (things.size() - SHOWN) + " more";
    }

    /** Whether a list of these things names them all. */
    public static boolean isWhole(Collection<?> things) {
        return things.size() <= SHOWN;
    }
}
