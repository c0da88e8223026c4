package io.pgseam.tool.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TargetAddressTest {

    @Test
    void theSchemeSaysTheKindAndThePortMayBeMissing() {
        assertThat(TargetAddress.parse("starrocks://fe.example:9031", null))
                .isEqualTo(new TargetAddress(DatabaseKind.STARROCKS, "fe.example", 9031));
        assertThat(TargetAddress.parse("doris://fe", null))
                .isEqualTo(new TargetAddress(DatabaseKind.DORIS, "fe", 9030));
        assertThat(TargetAddress.parse("clickhouse://ch/", null))
                .isEqualTo(new TargetAddress(DatabaseKind.CLICKHOUSE, "ch", 8123));
    }

    @Test
    void withoutASchemeItIsTheExpectedKind() {
        assertThat(TargetAddress.parse("fe:9031", DatabaseKind.DORIS)).hasToString("Doris at fe:9031");
        assertThatThrownBy(() -> TargetAddress.parse("fe:9031", null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TargetAddress.parse("doris://fe", DatabaseKind.STARROCKS))
                .hasMessageContaining("is not StarRocks");
    }

    @Test
    void aPasswordInAnAddressIsRefusedAndNotShown() {
        assertThatThrownBy(() -> TargetAddress.parse("starrocks://root:secret@fe:9030", null))
                .hasMessageContaining("starrocks://…@fe:9030")
                .hasMessageNotContaining("secret");
        assertThat(new Credentials("root", "secret", false).toString()).doesNotContain("secret");
    }

    @Test
    void whatIsLeftOverIsRefused() {
        for (String text :
                new String[] {"mysql://fe", "starrocks://fe/shop", "starrocks://fe?x=y", "starrocks://", "a b"}) {
            assertThatThrownBy(() -> TargetAddress.parse(text, null))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
