package io.pgseam.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.TableId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MessageKeysTest {

    @Test
    void readsColumnsOfSeveralTablesInTheOrderOfTheKey() {
        MessageKeys keys = MessageKeys.parse("public.orders:tenant,id; audit\\.log_\\d+ : entity ;");
        assertThat(keys.of(new TableId("public", "orders"))).containsExactly("tenant", "id");
        assertThat(keys.of(new TableId("PUBLIC", "Orders"))).containsExactly("tenant", "id");
        assertThat(keys.of(new TableId("audit", "log_7"))).containsExactly("entity");
        assertThat(keys.of(new TableId("audit", "log_x"))).isEmpty();
        assertThat(keys.of(new TableId("public", "orders_old"))).isEmpty();
    }

    @Test
    void joinsEveryEntryThatMatches() {
        MessageKeys keys = MessageKeys.parse("(?:.*)\\.orders:tenant;public.orders:id,tenant");
        assertThat(keys.of(new TableId("public", "orders"))).containsExactly("tenant", "id");
    }

    @Test
    void columnsAreNamesAndNotExpressions() {
        assertThat(MessageKeys.parse("s.t:a.b,Größe \"x\"").of(new TableId("s", "t")))
                .containsExactly("a.b", "Größe \"x\"");
        assertThat(MessageKeys.parse("").of(new TableId("s", "t"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"public.orders", "public.orders:", ":id", "public.orders:id,", "public.(orders:id", "a.b:c;d"})
    void refusesWhatItCannotRead(String text) {
        assertThatThrownBy(() -> MessageKeys.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
