package io.pgseam.pg.session;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A socket on which no read waits without end. If the server is silent for long, its {@link Peer} is asked whether it is at work
 * for this session. If it is, the read waits on; else it fails, as with a broken connection.
 */
final class WatchedSocket extends Socket {

    private final Peer peer;

    /** The driver asks for 8 kB at most: with a buffer, a call of the system brings what there is. */
    private static final int BUFFER_BYTES = 128 << 10;

    /** The only one, as it may hold bytes that a TLS layer is to read. */
    private @Nullable WatchedStream stream;

    /** What the driver has set; 0 to wait without end. */
    private int driverTimeoutMs;

    private volatile long lastByte = System.nanoTime();

    WatchedSocket(Peer peer) {
        this.peer = peer;
    }

    /** How long nothing has come from the server. */
    long silentMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastByte);
    }

    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
        super.connect(endpoint, timeout);
        setSoTimeout(driverTimeoutMs);
    }

    @Override
    public synchronized void setSoTimeout(int timeout) throws SocketException {
        driverTimeoutMs = timeout;
        super.setSoTimeout(timeout == 0 ? peer.patienceMs() : timeout);
    }

    @Override
    public synchronized int getSoTimeout() {
        return driverTimeoutMs;
    }

    @Override
    public synchronized InputStream getInputStream() throws IOException {
        InputStream in = super.getInputStream();
        WatchedStream only = stream == null ? new WatchedStream(in) : stream;
        stream = only;
        return only;
    }

    /**
     * Waits until there is something to read, or the end of the stream. Nothing is consumed, so a message of which a part has come is still whole
     * if the time is over; a read that times out would lose that part.
     *
     * @param timeoutMs how long, in ms; more than 0
     * @return false if nothing has come in that time
     * @throws IOException if the connection is broken, or is closed by another thread
     */
    boolean awaitBytes(int timeoutMs) throws IOException {
        getInputStream();
        WatchedStream only = stream;
        return only != null && only.await(timeoutMs);
    }

    private final class WatchedStream extends FilterInputStream {

        private final byte[] buffer = new byte[BUFFER_BYTES];
        private int start;
        private int end;

        WatchedStream(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            return start < end || fill() ? buffer[start++] & 0xff : -1;
        }

        @Override
        public int available() throws IOException {
            return end - start + in.available();
        }

        @Override
        public long skip(long count) throws IOException {
            long skipped = Math.min(count, end - start);
            start += (int) skipped;
            return skipped > 0 ? skipped : super.skip(count);
        }

        @Override
        public boolean markSupported() {
            return false;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (start == end) {
                if (length >= BUFFER_BYTES) {
                    return readNow(target, offset, length);
                }
                if (length > 0 && !fill()) {
                    return -1;
                }
            }
            int count = Math.min(length, end - start);
            System.arraycopy(buffer, start, target, offset, count);
            start += count;
            return count;
        }

        private boolean await(int timeoutMs) throws IOException {
            if (start < end) {
                return true;
            }
            WatchedSocket.super.setSoTimeout(timeoutMs);
            try {
                fillOnce();
                return true;
            } catch (SocketTimeoutException e) {
                return false;
            } finally {
                if (!isClosed()) {
                    setSoTimeout(getSoTimeout());
                }
            }
        }

        private void fillOnce() throws IOException {
            start = 0;
            end = 0;
            end = Math.max(0, in.read(buffer, 0, BUFFER_BYTES));
            lastByte = System.nanoTime();
        }

        /** Waits for bytes, if the buffer is empty; returns false if there are no more. */
        private boolean fill() throws IOException {
            start = 0;
            end = 0;
            end = Math.max(0, readNow(buffer, 0, BUFFER_BYTES));
            return end > 0;
        }

        private int readNow(byte[] target, int offset, int length) throws IOException {
            assert NoWaiting.mayWait() : "a thread of Connect waits for the source";
            while (true) {
                try {
                    int count = in.read(target, offset, length);
                    lastByte = System.nanoTime();
                    return count;
                } catch (SocketTimeoutException e) {
                    if (getSoTimeout() != 0) {
                        // The driver's own timeouts are its own affair.
                        throw e;
                    }
                    if (!peer.isAtWork()) {
                        // Of a timeout that it has not set, the driver would take no notice.
                        throw new SocketException("the server has been silent for " + silentMs() / 1000 + " s");
                    }
                }
            }
        }
    }
}
