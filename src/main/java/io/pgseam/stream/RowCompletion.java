package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.pgoutput.Update;
import io.pgseam.record.UnfitTableException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * Puts new rows together whose unchanged TOAST values were not sent: from the old row where that has them, which it does for
 * all of them with REPLICA IDENTITY FULL, and for those of the key whatever the identity; the rest from the source.
 */
final class RowCompletion {

    private static final int[] NOTHING = {};

    private final TextRow completed = new TextRow();

    static boolean hasUnchanged(TextRow row) {
        for (int field = 0; field < row.size(); field++) {
            if (row.isUnchanged(field)) {
                return true;
            }
        }
        return false;
    }

    /**
     * What has to be read so that the new row is whole; null where nothing has to be, or the table has no key to read by.
     *
     * @param committed where the update's transaction committed
     * @param xid its transaction
     */
    @Nullable
    Lookup lookupFor(CapturedRelation relation, Update update, Lsn committed, long xid) {
        TextRow newRow = relation.newRow(update.newRow());
        TextRow oldRow = relation.oldRow(update.oldRow());
        int[] wanted = new int[newRow.size()];
        int count = 0;
        for (int field = 0; field < newRow.size(); field++) {
            if (newRow.isUnchanged(field) && !isInOldRow(oldRow, field)) {
                wanted[count++] = field;
            }
        }
        if (count == 0 || relation.keyFields().length == 0) {
            return null;
        }
        List<String> key = new ArrayList<>(relation.keyFields().length);
        for (int field : relation.keyFields()) {
            TextRow from = newRow.isUnchanged(field) && oldRow != null ? oldRow : newRow;
            if (from.length(field) < 0) {
                return null;
            }
            key.add(from.text(field));
        }
        return new Lookup(relation, xid, committed, key, Arrays.copyOf(wanted, count));
    }

    /**
     * A value that is stored apart from its row is not NULL. So a NULL in the old row means that the replica identity does not have
     * the column, whatever the server calls the old row.
     */
    private static boolean isInOldRow(@Nullable TextRow oldRow, int field) {
        return oldRow != null && oldRow.length(field) >= 0;
    }

    /**
     * Why a row is not whole.
     *
     * @param looksUp whether large values that were not sent are to be looked up
     */
    static ConnectException notWhole(CapturedRelation relation, Lsn commitLsn, boolean looksUp) {
        String update = "An update of table " + relation.id() + " at " + commitLsn
                + " left a large (TOAST) value unchanged, so PostgreSQL did not send it, and ";
        String wayOut = "ALTER TABLE " + relation.id().quoted() + " REPLICA IDENTITY FULL";
        return looksUp
                ? new UnfitTableException(update + "the table has no key to look it up by. Run " + wayOut)
                : new ConnectException(update
                        + "toast.unchanged=fail. Set toast.unchanged=complete to have it read from the table, and to"
                        + " have the updates to come bring it along, run " + wayOut);
    }

    /**
     * The new row with everything that is at hand; valid until the next call.
     *
     * @param lookup its answer has the rest; null where there is none
     * @throws UnfitTableException if the table may not be read
     */
    TextRow complete(@Nullable TextRow oldRow, TextRow newRow, @Nullable Lookup lookup) {
        if (lookup != null && lookup.refusal() != null) {
            throw new UnfitTableException(
                    "large values that an update left unchanged cannot be read: " + lookup.refusal());
        }
        TextRow read = lookup == null ? null : lookup.values();
        int[] wanted = lookup == null ? NOTHING : lookup.wanted();
        byte[] bytes = new byte[size(newRow) + size(oldRow) + size(read)];
        completed.reset(bytes);
        int end = 0;
        int next = 0;
        for (int field = 0; field < newRow.size(); field++) {
            TextRow from = newRow;
            int place = field;
            if (read != null && next < wanted.length && wanted[next] == field) {
                from = read;
                place = next++;
            } else if (oldRow != null && newRow.isUnchanged(field) && isInOldRow(oldRow, field)) {
                from = oldRow;
            }
            end = append(from, place, bytes, end);
        }
        return completed;
    }

    private int append(TextRow from, int place, byte[] bytes, int end) {
        int length = from.length(place);
        if (from.isUnchanged(place)) {
            completed.addUnchanged();
        } else if (from.isNull(place)) {
            completed.addNull();
        } else {
            System.arraycopy(from.bytes(), from.start(place), bytes, end, length);
            completed.addValue(end, length);
            return end + length;
        }
        return end;
    }

    private static int size(@Nullable TextRow row) {
        int size = 0;
        for (int field = 0; row != null && field < row.size(); field++) {
            size += Math.max(0, row.length(field));
        }
        return size;
    }
}
