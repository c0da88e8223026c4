package io.pgseam.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Stands between a connector and its PostgreSQL: can cut, delay, limit and hold their connections, and lead to another server. */
public final class TcpProxy implements AutoCloseable {

    private static final int BUFFER = 16 * 1024;

    /** In a client's startup message: the name that a copy task gives its session. */
    private static final Pattern COPYING = Pattern.compile("application_name\0[^\0]* copy [0-9]+\0");

    /** How a copy task asks for rows. */
    private static final String ROWS_WANTED = "COPY (SELECT ";

    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile InetSocketAddress server;
    private volatile long delayMs;
    private volatile long nanosPerByte;
    private volatile CountDownLatch copiesMayRead = new CountDownLatch(0);
    private volatile boolean swallowing;
    private volatile @Nullable Gate gate;

    /** Clients whose connections carry nothing any more. */
    private final Set<Socket> swallowed = ConcurrentHashMap.newKeySet();

    /** Clients that copy, by what they call themselves in their first message. */
    private final Set<Socket> copying = ConcurrentHashMap.newKeySet();

    private final Map<Socket, Gate> gated = new ConcurrentHashMap<>();

    /**
     * Holds clients.
     *
     * @param client a part of their startup message
     * @param bytes how many bytes of the server they get, all together
     * @param open is down once they get the rest
     */
    private record Gate(String client, AtomicLong bytes, CountDownLatch open) {}

    private TcpProxy(ServerSocket listener, InetSocketAddress server) {
        this.listener = listener;
        this.server = server;
    }

    /** Listens on a free port, and passes everything on to the given server. */
    public static TcpProxy start(PostgresServer server) throws IOException {
        TcpProxy proxy = new TcpProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), addressOf(server));
        thread("proxy at " + proxy.port(), proxy::accept);
        return proxy;
    }

    public String host() {
        return listener.getInetAddress().getHostAddress();
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Leads new connections to another server; those that are open stay where they are. */
    public void leadTo(PostgresServer other) {
        server = addressOf(other);
    }

    private static InetSocketAddress addressOf(PostgresServer server) {
        return new InetSocketAddress(server.host(), server.port());
    }

    /** Ends every connection at once, without a word of either side. */
    public int cut() {
        int connections = sockets.size() / 2;
        sockets.forEach(TcpProxy::reset);
        return connections;
    }

    /** From now on, the connections that are open stay open and carry nothing, in either direction. New ones work. */
    public void swallowOpen() {
        swallowed.addAll(sockets);
    }

    /** From now on, every connection stays open and carries nothing, in either direction; also new ones, until {@link #passAgain}. */
    public void swallowAll() {
        swallowing = true;
        swallowOpen();
    }

    /** Lets new connections work again. */
    public void passAgain() {
        swallowing = false;
    }

    /** From now on, each piece of data arrives so much later; 0 for no delay. */
    public void delay(long ms) {
        delayMs = ms;
    }

    /** From now on, a connection for copying carries so many bytes a second and no more, in either direction. */
    public void limitCopies(long bytesPerSecond) {
        nanosPerByte = TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
    }

    /** From now on, a copy task has its session and its snapshot, but does not get the next rows that it asks for. */
    public void holdCopies() {
        copiesMayRead = new CountDownLatch(1);
    }

    /** From now on, connections for copying are as fast as others, and those that were held get their rows. */
    public void unlimitCopies() {
        nanosPerByte = 0;
        copiesMayRead.countDown();
    }

    /**
     * From now on, until {@link #release}, new connections get so many bytes of the server, and then no more. Those that were held before get the
     * rest.
     *
     * @param role how the connections' application name ends
     */
    public void hold(String role, long bytes) {
        Gate before = gate;
        gate = new Gate(" " + role + "\0", new AtomicLong(bytes), new CountDownLatch(1));
        if (before != null) {
            before.open.countDown();
        }
    }

    /** Lets the connections pass again that are held, and new ones. */
    public void release() {
        Gate closed = gate;
        gate = null;
        if (closed != null) {
            closed.open.countDown();
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                thread("proxy at " + port() + " on", () -> connect(client));
            } catch (IOException e) {
                // Closed, or a client that is gone already.
            }
        }
    }

    private void connect(Socket client) {
        sockets.add(client);
        try {
            InetSocketAddress target = server;
            Socket back = new Socket(target.getAddress(), target.getPort());
            sockets.add(back);
            client.setTcpNoDelay(true);
            back.setTcpNoDelay(true);
            thread("proxy at " + port() + " back", () -> pass(back, client, client));
            pass(client, back, client);
        } catch (IOException e) {
            // The server is away: the client learns it by the end of its connection.
            end(client);
        }
    }

    private void pass(Socket from, Socket to, Socket client) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[BUFFER];
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                if (from == client) {
                    look(client, new String(buffer, 0, length, ISO_8859_1));
                } else {
                    waitAtGate(client, length);
                }
                boolean limited = copying.contains(client);
                if (swallowing || swallowed.contains(client)) {
                    swallowed.add(client);
                    continue;
                }
                TimeUnit.NANOSECONDS.sleep(
                        TimeUnit.MILLISECONDS.toNanos(delayMs) + (limited ? length * nanosPerByte : 0));
                out.write(buffer, 0, length);
            }
        } catch (IOException e) {
            // One side is gone, and so is the other.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end(from);
            end(to);
        }
    }

    private void waitAtGate(Socket client, int length) throws InterruptedException {
        Gate its = gated.get(client);
        if (its != null && its.bytes.addAndGet(-length) < 0) {
            its.open.await();
        }
    }

    /** Looks at what a client sends: finds out whether it copies, and holds it if it asks for rows too early. */
    private void look(Socket client, String sent) throws InterruptedException {
        Gate closed = gate;
        if (closed != null && sent.contains(closed.client)) {
            gated.put(client, closed);
        }
        if (COPYING.matcher(sent).find()) {
            copying.add(client);
        } else if (copying.contains(client) && sent.contains(ROWS_WANTED)) {
            copiesMayRead.await();
        }
    }

    private void end(Socket socket) {
        sockets.remove(socket);
        copying.remove(socket);
        gated.remove(socket);
        swallowed.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone.
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It is gone.
        }
    }

    private static void thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sockets.forEach(this::end);
        copiesMayRead.countDown();
        release();
    }
}
