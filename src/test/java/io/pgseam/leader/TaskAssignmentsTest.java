package io.pgseam.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.leader.TaskAssignments.Work;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connect stops a task five seconds late if it is stopped while it starts. */
class TaskAssignmentsTest {

    private static final Work SOME = maxTasks -> List.of(Map.of());
    private static final Work NONE = maxTasks -> List.of();
    private static final long SECOND_NANOS = 1_000_000_000;

    private final CountDownLatch stopped = new CountDownLatch(1);
    private long requestedAt;
    private int requests;

    private final TaskAssignments tasks = new TaskAssignments("shop", "localhost", host(), stopped);

    private LeaderHost host() {
        return new LeaderHost() {
            @Override
            public void requestTaskReconfiguration() {
                requestedAt = System.nanoTime();
                requests++;
            }

            @Override
            public void raiseError(Exception e) {
                throw new AssertionError(e);
            }
        };
    }

    @Test
    void tasksThatWereConfiguredAMomentAgoStartFirst() throws Exception {
        tasks.assign(SOME);
        for (Work next : List.of(NONE, SOME, SOME)) {
            boolean start = !tasks.configs(1).isEmpty();
            long configuredAt = System.nanoTime();
            tasks.assign(next);
            assertThat(requestedAt - configuredAt).isGreaterThan(start ? SECOND_NANOS * 9 / 10 : 0);
        }
        assertThat(requests).isEqualTo(4);
    }

    @Test
    @Timeout(60)
    void nothingWaitsForTasksThatAreDone() throws Exception {
        TaskAssignments slow = new TaskAssignments("shop", "localhost", host(), stopped, Duration.ofMinutes(10));
        slow.assign(SOME);
        assertThat(slow.configs(1)).hasSize(1);
        slow.haveStarted();
        slow.assign(SOME);
        assertThat(requests).isEqualTo(2);
    }

    @Test
    void aConnectorThatStopsWaitsForNoTask() throws Exception {
        tasks.assign(SOME);
        assertThat(tasks.configs(1)).hasSize(1);
        stopped.countDown();
        tasks.assign(NONE);
        assertThat(requests).isEqualTo(1);
        assertThat(tasks.configs(1)).as("nothing else is assigned").hasSize(1);
    }
}
