package io.pgseam.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.config.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionBoundaryCheckTest {

    private static List<Fault> faults(Map<String, String> props) {
        List<Fault> faults = new ArrayList<>();
        TransactionBoundaryCheck.check(props, faults::add);
        return faults;
    }

    @Test
    void takesConnectsDefault() {
        assertThat(faults(Map.of())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"poll", "connector", "CONNECTOR"})
    void takesTransactionsThatEndWithABatch(String boundary) {
        assertThat(faults(Map.of("transaction.boundary", boundary))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"interval", " INTERVAL "})
    void refusesTransactionsThatStayOpenBetweenBatches(String boundary) {
        assertThat(faults(Map.of("transaction.boundary", boundary, "transaction.boundary.interval.ms", "1000")))
                .singleElement()
                .satisfies(fault -> {
                    assertThat(fault.setting()).isEqualTo("transaction.boundary");
                    assertThat(fault.message()).contains("transaction.timeout.ms", "Remove the setting");
                });
    }
}
