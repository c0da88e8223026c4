package io.pgseam.testing;

import java.io.IOException;

/** A process of this machine that does nothing until this is closed, such as a backend of a server: what it misses meanwhile is certain. */
public final class StoppedProcess implements AutoCloseable {

    private final long pid;

    private StoppedProcess(long pid) {
        this.pid = pid;
    }

    /** Stops a process; returns when the system has been told to. */
    public static StoppedProcess of(long pid) throws IOException, InterruptedException {
        signal("STOP", pid);
        return new StoppedProcess(pid);
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(pid))
                .inheritIO()
                .start();
        if (kill.waitFor() != 0) {
            throw new IOException("cannot send SIG" + name + " to process " + pid);
        }
    }

    /** Lets the process continue. */
    @Override
    public void close() throws IOException, InterruptedException {
        signal("CONT", pid);
    }
}
