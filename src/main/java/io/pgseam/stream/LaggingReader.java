package io.pgseam.stream;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.pgoutput.Begin;
import io.pgseam.pg.pgoutput.Commit;
import io.pgseam.pg.pgoutput.Message;
import io.pgseam.pg.pgoutput.MessageDecoder;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Takes the messages of the second reading, and routes what the lagging topics miss, up to a border that the first reading has reached.
 *
 * <p>A transaction is routed in one go, so that none of the other reading comes between its changes and ends a batch there. Only one that is
 * larger than a batch is routed in parts.
 *
 * <p>Used by the thread that reads the slot, between two transactions of the first reading.
 */
final class LaggingReader {

    /** About what holding a message takes besides its bytes. */
    private static final int HELD_OVERHEAD_BYTES = 256;

    private final StreamCursor cursor;
    private final CompletionWindow window;
    private final StreamMetrics metrics;
    private final long mostBytes;
    private final MessageDecoder decoder = new MessageDecoder();

    /** What came of the transaction at hand, and is not routed. */
    private final ArrayDeque<Held> held = new ArrayDeque<>();

    private long heldBytes;

    /** Where the transaction at hand commits; null between transactions. */
    private @Nullable Lsn transaction;

    /** No transaction that commits there or later is routed. */
    private Lsn border;

    /** Everything committed before is taken; and is routed, too. */
    private Lsn taken;

    private Lsn routed;

    /** The server has sent everything committed before. */
    private Lsn sent = Lsn.NONE;

    /**
     * @param cursor of the lagging topics
     * @param window in front of a router that has the same cursor
     * @param mostBytes how many bytes of a transaction may be held, give or take a message
     */
    LaggingReader(StreamCursor cursor, CompletionWindow window, StreamMetrics metrics, long mostBytes) {
        this.cursor = cursor;
        this.window = window;
        this.metrics = metrics;
        this.mostBytes = mostBytes;
        this.routed = cursor.position().places().lagging().last().commitLsn();
        this.taken = routed;
        this.border = routed;
    }

    /** How many bytes of messages may be held. */
    long mostBytes() {
        return mostBytes;
    }

    /** The LSN that a session has to read from. */
    Lsn resumeLsn() {
        return cursor.position().places().lagging().last().commitLsn();
    }

    /** Forgets what is not routed, because the session is lost: the server sends it again. */
    void restart() {
        held.clear();
        heldBytes = 0;
        transaction = null;
        taken = routed;
        sent = Lsn.NONE;
        window.restart();
    }

    /** Everything is to be routed that was committed before this LSN, and nothing that was committed there or later. It never goes back. */
    void aimAt(Lsn next) {
        border = next;
        takeSent();
    }

    /** No further than the border: what is committed beyond it is for both readings to see. */
    private void takeSent() {
        if (transaction == null) {
            taken = Lsn.max(taken, sent.isAfter(border) ? border : sent);
        }
    }

    /**
     * Whether everything committed before the border is taken. A transaction that commits there or later may have begun; nothing of it is
     * routed.
     */
    boolean isAtBorder() {
        Lsn reached = transaction == null ? taken : transaction;
        return !reached.isBefore(border);
    }

    /** How far the border is away, in bytes of WAL; about 0 if one transaction is left, however large that is. */
    long bytesLeft() {
        return Math.max(0, border.value() - taken.value());
    }

    /**
     * Takes the next message. Not to be called at the border.
     *
     * @param encoded its bytes, in an array of their own
     * @param at where it is in the WAL, as the server says with it
     */
    void take(ByteBuffer encoded, Lsn at) throws SQLException {
        metrics.receivedBeside(encoded.remaining());
        Message message = decoder.decode(encoded);
        held.add(new Held(encoded, at));
        heldBytes += encoded.remaining() + HELD_OVERHEAD_BYTES;
        if (message instanceof Begin begin) {
            transaction = begin.commitLsn();
        } else if (message instanceof Commit commit) {
            routeHeld();
            transaction = null;
            taken = Lsn.max(taken, commit.endLsn());
        }
        if (heldBytes >= mostBytes && !isAtBorder()) {
            routeHeld();
        }
    }

    private void routeHeld() throws SQLException {
        for (Held next = held.poll(); next != null; next = held.poll()) {
            window.take(next.encoded, decoder.decode(next.encoded), next.at);
        }
        heldBytes = 0;
    }

    /** The server has sent everything up to this LSN. */
    void idle(Lsn received) {
        sent = Lsn.max(sent, received);
        takeSent();
    }

    /** The other reading is next: routes what is held to be completed, and moves the place of the lagging topics. */
    void pause() throws SQLException {
        window.flush();
        routed = taken;
        if (!window.inTransaction()) {
            cursor.laggingReadTo(routed);
        }
    }

    private record Held(ByteBuffer encoded, Lsn at) {}
}
