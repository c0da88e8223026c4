package io.pgseam.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class IdleWatchTest {

    private final Semaphore acted = new Semaphore(0);

    @Test
    void actsOnceWheneverNobodyHasComeForAWhile() throws InterruptedException {
        try (IdleWatch watch = new IdleWatch(Duration.ofMillis(50), acted::release)) {
            for (int round = 0; round < 3; round++) {
                watch.begin();
                watch.end();
                assertThat(acted.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(acted.tryAcquire(200, TimeUnit.MILLISECONDS))
                    .as("nobody has come since")
                    .isFalse();
        }
    }

    @Test
    void neverActsWhileSomebodyIsAtWork() throws InterruptedException {
        try (IdleWatch watch = new IdleWatch(Duration.ofMillis(50), acted::release)) {
            watch.begin();
            assertThat(acted.tryAcquire(300, TimeUnit.MILLISECONDS)).isFalse();
            watch.end();
            assertThat(acted.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void doesNothingBeforeAnybodyHasComeNorAfterItIsClosed() throws InterruptedException {
        IdleWatch watch = new IdleWatch(Duration.ofMillis(50), acted::release);
        assertThat(acted.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();
        watch.begin();
        watch.close();
        watch.end();
        assertThat(acted.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();
    }
}
