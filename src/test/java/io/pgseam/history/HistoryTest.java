package io.pgseam.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.failpoint.Failpoint;
import io.pgseam.testing.ConnectCluster.Delivery;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class HistoryTest {

    private static final List<History> MANY =
            LongStream.rangeClosed(1, 500).mapToObj(History::of).toList();

    @Test
    void isTheSameForTheSameSeed() {
        assertThat(History.of(42)).isEqualTo(History.of(42)).isNotEqualTo(History.of(43));
    }

    @Test
    void comesToEveryKindOfFaultAndEveryFailpoint() {
        List<Fault> faults = MANY.stream()
                .flatMap(history -> history.steps().stream())
                .map(Step::fault)
                .toList();
        Set<Class<?>> kinds = faults.stream().map(Object::getClass).collect(Collectors.toSet());
        assertThat(kinds).containsExactlyInAnyOrderElementsOf(Fault.kinds());
        Set<Failpoint> failpoints = faults.stream()
                .filter(Fault.Fail.class::isInstance)
                .map(fault -> ((Fault.Fail) fault).failpoint())
                .collect(Collectors.toSet());
        assertThat(failpoints).containsExactlyInAnyOrderElementsOf(Arrays.asList(Failpoint.values()));
    }

    @Test
    void takesItsStepsInTheOrderOfTheirMoments() {
        assertThat(MANY)
                .allSatisfy(history -> assertThat(
                                history.steps().stream().map(Step::moment).toList())
                        .isSorted());
    }

    @Test
    void comesWithEveryVersionDeliveryAndForm() {
        assertThat(MANY).extracting(History::postgres).contains(14, 17, 18);
        assertThat(MANY).extracting(History::delivery).contains(Delivery.values());
        assertThat(MANY).extracting(History::viaRoot).contains(true, false);
        assertThat(MANY.stream().flatMap(history -> history.tables().stream()).map(SampleTable::key))
                .contains(SampleTable.KeyForm.values());
    }

    @Test
    void theHistoriesOfTheBuildDrawEverythingBetweenThem() {
        assertThat(Cover.missing(HistoriesIT.OF_THE_BUILD))
                .as(() -> "what no history of the build draws; the seeds " + Cover.choose(100) + " draw everything")
                .isEmpty();
    }
}
