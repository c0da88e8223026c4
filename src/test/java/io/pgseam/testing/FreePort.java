package io.pgseam.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of this machine for servers that tests start. They are below what operating systems hand out to clients, so that nobody
 * takes one while its server restarts, and each JVM of a build ({@code -Dpgseam.fork}) has a range of its own.
 */
final class FreePort {

    private static final int FIRST = 20_000;
    private static final int RANGE = 2_000;
    private static final int RANGES = 6;

    private static final Set<Integer> GIVEN = Collections.synchronizedSet(new HashSet<>());

    private FreePort() {}

    /** One that nobody listens at, and that this JVM has given to nobody. */
    static int next() {
        int first = FIRST + RANGE * (Integer.getInteger("pgseam.fork", 0) % RANGES);
        while (true) {
            int candidate = first + ThreadLocalRandom.current().nextInt(RANGE);
            try (ServerSocket socket = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
                if (GIVEN.add(candidate)) {
                    return socket.getLocalPort();
                }
            } catch (IOException e) {
                // Taken: the next candidate.
            }
        }
    }
}
