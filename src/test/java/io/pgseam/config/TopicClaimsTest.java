package io.pgseam.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.TableId;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;

final class TopicClaimsTest {

    @Test
    void aTopicBelongsToOneTable() {
        TopicClaims claims = new TopicClaims(new TopicNaming("shop"));
        assertThat(claims.claim(new TableId("a", "b.c"))).isEqualTo("shop.a.b.c");
        assertThat(claims.claim(new TableId("a", "b.c"))).isEqualTo("shop.a.b.c");
        assertThat(claims.claim(new TableId("a", "d"))).isEqualTo("shop.a.d");
        for (TableId other : new TableId[] {new TableId("a.b", "c"), new TableId("a", "b_c")}) {
            assertThatThrownBy(() -> claims.claim(other))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("\"a\".\"b.c\"", other.quoted(), "topic.mapping");
        }
    }
}
