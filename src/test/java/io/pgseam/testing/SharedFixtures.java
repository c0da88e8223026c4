package io.pgseam.testing;

import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Closes the servers that tests share when the last test of the JVM has run: workers first, then what they read. */
public final class SharedFixtures implements LauncherSessionListener {

    @Override
    public void launcherSessionClosed(LauncherSession session) {
        ConnectCluster.closeAll();
        PostgresServer.closeAll();
    }
}
