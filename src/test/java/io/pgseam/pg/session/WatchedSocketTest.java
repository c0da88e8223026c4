package io.pgseam.pg.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.testing.Seed;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A socket reads ahead into a buffer, and nobody notices. */
class WatchedSocketTest {

    private static final int PATIENCE_MS = 60_000;

    private static Peer peer() {
        Sessions nobody =
                new Sessions(new ConnectionSettings("localhost", 1, "nothing", "nobody", "", 1_000, Map.of(), "test"));
        return new Peer(nobody, PATIENCE_MS, PATIENCE_MS);
    }

    @Test
    void givesTheBytesThatCameInWhateverPortionsTheyAreAskedFor() throws Exception {
        Random random = Seed.random(WatchedSocketTest.class);
        byte[] sent = new byte[3_000_000];
        random.nextBytes(sent);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                WatchedSocket socket = new WatchedSocket(peer())) {
            socket.connect(server.getLocalSocketAddress(), PATIENCE_MS);
            try (Socket other = server.accept()) {
                CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                    try {
                        other.getOutputStream().write(sent);
                        other.shutdownOutput();
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
                ByteArrayOutputStream received = new ByteArrayOutputStream();
                int count = 0;
                while (count >= 0) {
                    // A TLS layer asks for the stream again.
                    InputStream in = socket.getInputStream();
                    if (random.nextInt(4) == 0) {
                        count = in.read();
                        if (count >= 0) {
                            received.write(count);
                        }
                    } else {
                        byte[] portion = new byte[1 + random.nextInt(random.nextInt(9) == 0 ? 300_000 : 9_000)];
                        int available = in.available();
                        count = in.read(portion, 0, portion.length);
                        if (available > 0) {
                            assertThat(count).isPositive();
                        }
                        received.write(portion, 0, Math.max(0, count));
                    }
                }
                sending.join();
                assertThat(received.toByteArray()).isEqualTo(sent);
                assertThat(socket.getInputStream().available()).isZero();
            }
        }
    }

    @Test
    void whatIsReadAheadIsAvailableAndATimeoutLosesNothing() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                WatchedSocket socket = new WatchedSocket(peer())) {
            socket.connect(server.getLocalSocketAddress(), PATIENCE_MS);
            try (Socket other = server.accept()) {
                other.getOutputStream().write(new byte[] {1, 2, 3});
                InputStream in = socket.getInputStream();
                assertThat(in.read()).isEqualTo(1);
                assertThat(in.available()).isEqualTo(2);
                assertThat(in.readNBytes(2)).containsExactly(2, 3);
                socket.setSoTimeout(1);
                assertThatThrownBy(in::read).isInstanceOf(SocketTimeoutException.class);
                socket.setSoTimeout(0);
                other.getOutputStream().write(4);
                assertThat(in.read()).isEqualTo(4);
            }
        }
    }

    @Test
    void awaitsBytesAndTakesNone() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                WatchedSocket socket = new WatchedSocket(peer())) {
            socket.connect(server.getLocalSocketAddress(), PATIENCE_MS);
            socket.setSoTimeout(PATIENCE_MS);
            try (Socket other = server.accept()) {
                assertThat(socket.awaitBytes(1)).isFalse();
                assertThat(socket.getSoTimeout()).isEqualTo(PATIENCE_MS);
                CompletableFuture<Boolean> awaited = CompletableFuture.supplyAsync(() -> awaitUnchecked(socket));
                other.getOutputStream().write(new byte[] {1, 2, 3});
                assertThat(awaited.get(30, TimeUnit.SECONDS)).isTrue();
                InputStream in = socket.getInputStream();
                assertThat(in.readNBytes(2)).containsExactly(1, 2);
                assertThat(socket.awaitBytes(PATIENCE_MS))
                        .as("one is read ahead")
                        .isTrue();
                assertThat(in.read()).isEqualTo(3);
                other.shutdownOutput();
                assertThat(socket.awaitBytes(PATIENCE_MS)).isTrue();
                assertThat(in.read()).isEqualTo(-1);
            }
        }
    }

    @Test
    void closingEndsTheWaitForBytes() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                WatchedSocket socket = new WatchedSocket(peer())) {
            socket.connect(server.getLocalSocketAddress(), PATIENCE_MS);
            CompletableFuture<Boolean> awaited = CompletableFuture.supplyAsync(() -> awaitUnchecked(socket));
            socket.close();
            assertThatThrownBy(() -> awaited.get(30, TimeUnit.SECONDS))
                    .hasRootCauseInstanceOf(java.net.SocketException.class);
        }
    }

    private static boolean awaitUnchecked(WatchedSocket socket) {
        try {
            return socket.awaitBytes(PATIENCE_MS);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
