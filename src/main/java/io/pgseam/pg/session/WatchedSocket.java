package io.pgseam.pg.session;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;

/**
 * A socket on which no read waits without end. If the server is silent for long, its {@link Peer} is asked whether it is at work
 * for this session. If it is, the read waits on; else it fails, as with a broken connection.
 */
final class WatchedSocket extends Socket {

    private final Peer peer;

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
    public InputStream getInputStream() throws IOException {
        return new WatchedStream(super.getInputStream());
    }

    private final class WatchedStream extends FilterInputStream {

        WatchedStream(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
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
