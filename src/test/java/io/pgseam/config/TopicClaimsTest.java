package io.pgseam.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.TableId;
import java.util.Map;
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

    /** A table may take the name after it was validated. */
    @Test
    void theControlTopicBelongsToNoTable() {
        TopicClaims claims = new TopicClaims(PgSeamSettings.parse(Map.of(
                        "database.hostname", "localhost",
                        "database.user", "me",
                        "database.dbname", "shop",
                        "topic.prefix", "shop",
                        "topic.naming", "${prefix}.${table}"))
                .topics());
        TableId seam = new TableId("public", "seam");
        claims.hold(seam);
        assertThatThrownBy(() -> claims.claim(seam))
                .isInstanceOf(ConnectException.class)
                .hasMessageContainingAll("\"public\".\"seam\"", "control topic shop.seam", "topic.mapping");
    }
}
