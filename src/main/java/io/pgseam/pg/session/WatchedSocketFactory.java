package io.pgseam.pg.session;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.SocketFactory;

/** Makes the sockets of one session. For the driver, which makes factories by reflection and hands them a text. */
public final class WatchedSocketFactory extends SocketFactory {

    private static final Map<String, Peer> EXPECTED = new ConcurrentHashMap<>();
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final Peer peer;

    /** @param key what {@link #expect} gave */
    public WatchedSocketFactory(String key) {
        Peer expected = EXPECTED.get(key);
        if (expected == null) {
            throw new IllegalArgumentException("no session is being opened by the number " + key);
        }
        this.peer = expected;
    }

    /** Has a factory with the text that this returns make sockets to this peer, until {@link #forget}. */
    static String expect(Peer peer) {
        String key = String.valueOf(NUMBERS.incrementAndGet());
        EXPECTED.put(key, peer);
        return key;
    }

    static void forget(String key) {
        EXPECTED.remove(key);
    }

    @Override
    public Socket createSocket() {
        WatchedSocket socket = new WatchedSocket(peer);
        peer.reachedBy(socket);
        return socket;
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
        return connected(new InetSocketAddress(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
        return connected(new InetSocketAddress(host, port));
    }

    private Socket connected(InetSocketAddress address) throws IOException {
        Socket socket = createSocket();
        socket.connect(address);
        return socket;
    }
}
