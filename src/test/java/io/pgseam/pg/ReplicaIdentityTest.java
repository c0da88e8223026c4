package io.pgseam.pg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ReplicaIdentityTest {

    @Test
    void isFoundByItsCode() {
        assertThat(ReplicaIdentity.ofCode('d')).isEqualTo(ReplicaIdentity.DEFAULT);
        assertThat(ReplicaIdentity.ofCode('n')).isEqualTo(ReplicaIdentity.NOTHING);
        assertThat(ReplicaIdentity.ofCode('f')).isEqualTo(ReplicaIdentity.FULL);
        assertThat(ReplicaIdentity.ofCode('i')).isEqualTo(ReplicaIdentity.INDEX);
    }

    @Test
    void refusesAnyOtherCode() {
        assertThatThrownBy(() -> ReplicaIdentity.ofCode('D')).isInstanceOf(IllegalArgumentException.class);
    }
}
