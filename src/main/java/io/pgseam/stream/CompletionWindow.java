package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.pgoutput.Begin;
import io.pgseam.pg.pgoutput.Commit;
import io.pgseam.pg.pgoutput.Message;
import io.pgseam.pg.pgoutput.MessageDecoder;
import io.pgseam.pg.pgoutput.Relation;
import io.pgseam.pg.pgoutput.Update;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds messages back, from an update on whose large values were not sent, until these are read from the source together:
 * so a query answers many updates, and never only one while more are on their way. Everything behind the update waits with it,
 * so the order stays (invariant I4).
 *
 * <p>Messages are held as the bytes in which they came and are decoded again when their turn comes; a number, an offset or a
 * record is made only then, as for any other message. The window ends when it is full (invariant I11), when the server has
 * nothing more to send between two transactions, and before a Relation message, which would change what the held ones mean. It
 * may span transactions, and may end within one.
 *
 * <p>Used by the thread that reads the slot.
 */
final class CompletionWindow {

    /** Most lookups of one window. A query with so many keys costs the server a few milliseconds. */
    static final int MOST_LOOKUPS = 1_000;

    /** About what holding a message takes besides its bytes. */
    private static final int HELD_OVERHEAD_BYTES = 256;

    private final ChangeRouter router;
    private final LookupReader reader;
    private final LookupReader.Progress progress;
    private final long mostBytes;
    private final MessageDecoder decoder = new MessageDecoder();
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private final ArrayDeque<Lookup> lookups = new ArrayDeque<>();
    private long bytes;

    /** Of the transaction that the last message belongs to, which the router has not come to yet. */
    private Lsn commitLsn = Lsn.NONE;

    private long transactionId;
    private boolean inTransaction;

    /** @param mostBytes how many bytes of messages may be held, give or take a message */
    CompletionWindow(ChangeRouter router, LookupReader reader, LookupReader.Progress progress, long mostBytes) {
        this.router = router;
        this.reader = reader;
        this.progress = progress;
        this.mostBytes = mostBytes;
    }

    /** Whether everything taken is routed. */
    boolean isEmpty() {
        return held.isEmpty();
    }

    /** Whether the last message taken was within a transaction. */
    boolean inTransaction() {
        return inTransaction;
    }

    /** Forgets what is held, because the session is lost: the server sends it again. */
    void restart() {
        held.clear();
        lookups.clear();
        bytes = 0;
        inTransaction = false;
        router.restart();
    }

    /**
     * Takes the next message of the stream: routes it, now or later.
     *
     * @param encoded its bytes, in an array of their own
     * @param message the same, decoded
     * @param at where it stands in the WAL, as the server says with it
     */
    void take(ByteBuffer encoded, Message message, Lsn at) throws SQLException {
        Lookup lookup = null;
        if (message instanceof Update update) {
            lookup = lookupFor(update, at);
        } else if (message instanceof Begin begin) {
            commitLsn = begin.commitLsn();
            transactionId = begin.xid();
            inTransaction = true;
        } else if (message instanceof Commit) {
            inTransaction = false;
        } else if (message instanceof Relation) {
            flush();
        }
        if (held.isEmpty() && lookup == null) {
            router.route(message, at, null);
            return;
        }
        held.add(new Held(encoded, at, lookup));
        bytes += encoded.remaining() + HELD_OVERHEAD_BYTES;
        if (lookup != null) {
            lookups.add(lookup);
        }
        if (lookups.size() >= MOST_LOOKUPS || bytes >= mostBytes) {
            flush();
        }
    }

    /** A value is looked up in the shape that the table had when the update was made, so that one has to be known. */
    private @Nullable Lookup lookupFor(Update update, Lsn at) throws SQLException {
        if (!router.mayNeedLookup(update, commitLsn, at)) {
            return null;
        }
        if (!router.isSettled(update.relationOid(), commitLsn)) {
            flush();
            router.settle(update.relationOid(), at);
        }
        return router.lookupFor(update, commitLsn, transactionId);
    }

    /** Routes everything that is held. */
    void flush() throws SQLException {
        routeAnswered();
        while (!held.isEmpty()) {
            List<Lookup> waiting = new ArrayList<>(lookups);
            reader.answer(waiting, progress);
            routeAnswered();
        }
    }

    private void routeAnswered() throws SQLException {
        for (Held next = held.peek(); next != null && next.isReady(); next = held.peek()) {
            held.remove();
            bytes -= next.encoded().remaining() + HELD_OVERHEAD_BYTES;
            if (next.lookup() != null) {
                lookups.remove();
            }
            router.route(decoder.decode(next.encoded()), next.at(), next.lookup());
        }
    }

    private record Held(
            ByteBuffer encoded, Lsn at, @Nullable Lookup lookup) {
        boolean isReady() {
            return lookup == null || lookup.isAnswered();
        }
    }
}
