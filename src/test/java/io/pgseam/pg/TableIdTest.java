package io.pgseam.pg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableIdTest {

    @Test
    void quotesBothPartsForSql() {
        assertThat(new TableId("public", "Order Lines").quoted()).isEqualTo("\"public\".\"Order Lines\"");
        assertThat(new TableId("a\"b", "ü.\"").quoted()).isEqualTo("\"a\"\"b\".\"ü.\"\"\"");
    }

    @Test
    void writesItsNamesUnquotedForPeople() {
        assertThat(new TableId("public", "Order Lines")).hasToString("public.Order Lines");
    }

    @Test
    void isOrderedBySchemaThenByName() {
        assertThat(new TableId("a", "z")).isLessThan(new TableId("b", "a"));
        assertThat(new TableId("a", "y")).isLessThan(new TableId("a", "z"));
        assertThat(new TableId("a", "z")).isEqualByComparingTo(new TableId("a", "z"));
    }

    @Test
    void needsBothNames() {
        assertThatThrownBy(() -> new TableId("", "t")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TableId("s", "")).isInstanceOf(IllegalArgumentException.class);
    }
}
