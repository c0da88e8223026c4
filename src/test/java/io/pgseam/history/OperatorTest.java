package io.pgseam.history;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OperatorTest {

    private static final String FRAME = "\n\tat io.pgseam.stream.StreamTask.poll(StreamTask.java:90)";

    @Test
    void accountsForWhatFaultsBringAbout() {
        assertThat(Operator.isUnaccountable(
                        "org.apache.kafka.connect.errors.ConnectException: Failpoint ROWS_READ was armed by a test"
                                + FRAME))
                .isFalse();
        assertThat(Operator.isUnaccountable("org.apache.kafka.common.errors.ProducerFencedException: newer producer"))
                .isFalse();
        assertThat(Operator.isUnaccountable(
                        "java.lang.IllegalStateException: closed\n\tat org.apache.kafka.X.y(X.java:1)"))
                .isFalse();
    }

    @Test
    void doesNotAccountForDefectsAndForDecisionsThatAPersonWouldHaveToTake() {
        assertThat(Operator.isUnaccountable("java.lang.NullPointerException" + FRAME))
                .isTrue();
        assertThat(Operator.isUnaccountable(
                        "org.apache.kafka.connect.errors.ConnectException: replication slot \"s\" is gone. Either copy"
                                + " everything again: stop the connector" + FRAME))
                .isTrue();
    }
}
