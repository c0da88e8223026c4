package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.control.ControlRecords;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.PgType;
import io.pgseam.pg.catalog.CompositeTypes.CompositeType;
import io.pgseam.pg.catalog.CompositeTypes.TypeAttribute;
import io.pgseam.phase.CompositeHistory;
import io.pgseam.record.JsonForm;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class CompositeFormsTest {

    private static final long OID = 500;
    private static final PgType PAIR =
            new PgType(OID, "public", "pair", PgType.Kind.COMPOSITE, null, -1, ',', List.of());

    private final FakeCatalog catalog = new FakeCatalog();
    private final Map<Long, CompositeHistory> committed = new HashMap<>();

    @Test
    void aTypeHasTheFormOfThePlaceInTheStreamAndTheOthersAfterIt() throws SQLException {
        CompositeForms forms = forms();
        present(1000, "1 a", "2 b");
        assertThat(at(forms, 10)).isEqualTo("[a, b]");
        assertThat(forms.changesBy(new Lsn(5000))).isZero();
        present(2000, "1 a", "2 b", "3 c");
        forms.refresh();
        present(3000, "1 x", "3 c");
        forms.refresh();
        assertThat(at(forms, 10)).isEqualTo("[a, b] [a, b, c] [x, c]");
        assertThat(at(forms, 1999)).isEqualTo("[a, b] [a, b, c] [x, c]");
        assertThat(at(forms, 2000)).isEqualTo("[a, b, c] [x, c] [a, b]");
        assertThat(at(forms, 3000)).isEqualTo("[x, c] [a, b, c] [a, b]");
        assertThat(forms.changesBy(new Lsn(1999))).isZero();
        assertThat(forms.changesBy(new Lsn(2999))).isEqualTo(1);
        assertThat(forms.changesBy(new Lsn(3000))).isEqualTo(2);
    }

    @Test
    void whatATypeIsMadeOfHasItsFormsToo() throws SQLException {
        CompositeForms forms = forms();
        present(1000, "1 a");
        PgType array = new PgType(501, "public", "_pair", PgType.Kind.ARRAY, PAIR, -1, ',');
        PgType domain = new PgType(502, "public", "pairs", PgType.Kind.DOMAIN, array, -1, ',');
        assertThat(names(forms.at(domain, new Lsn(1)).element().element())).isEqualTo("[a]");
    }

    @Test
    void eachAlterationIsToldOnceAlsoAfterARestart() throws SQLException {
        CompositeForms forms = forms();
        assertThat(told(forms)).isEmpty();
        present(1000, "1 a", "2 b");
        at(forms, 10);
        assertThat(told(forms)).containsExactly("0/0 [{\"what\":\"first_seen\"}]");
        assertThat(told(forms)).isEmpty();
        // While the task is down.
        present(2000, "1 x", "3 c");
        CompositeForms restarted = forms();
        assertThat(at(restarted, 10)).isEqualTo("[a, b] [x, c]");
        assertThat(told(restarted))
                .containsExactly("0/7D0 [{\"what\":\"attribute_renamed\",\"attribute\":\"x\",\"from\":\"a\"},"
                        + "{\"what\":\"attribute_added\",\"attribute\":\"c\"},"
                        + "{\"what\":\"attribute_dropped\",\"attribute\":\"b\"}]");
        assertThat(told(restarted)).isEmpty();
        CompositeForms again = forms();
        at(again, 10);
        assertThat(told(again)).isEmpty();
    }

    @Test
    void aTypeThatIsGoneKeepsWhatItWas() throws SQLException {
        present(1000, "1 a");
        CompositeForms forms = forms();
        at(forms, 10);
        told(forms);
        catalog.setComposites();
        assertThat(told(forms)).isEmpty();
        assertThat(at(forms, 10)).isEqualTo("[a]");
        assertThat(at(forms(), 10)).isEqualTo("[a]");
    }

    private CompositeForms forms() {
        Clock clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
        return new CompositeForms(
                catalog,
                oid -> committed.getOrDefault(oid, CompositeHistory.EMPTY),
                new ControlRecords("shop", "shop.seam", JsonForm.BYTES, clock),
                "shop",
                0);
    }

    /** The type has these attributes, each with its number, when the WAL ends at an LSN. */
    private void present(long lsn, String... attributes) {
        List<TypeAttribute> all = new ArrayList<>();
        for (String attribute : attributes) {
            String[] parts = attribute.split(" ");
            all.add(new TypeAttribute(Integer.parseInt(parts[0]), parts[1], 25, -1));
        }
        catalog.setWalEnd(new Lsn(lsn));
        catalog.setComposites(new CompositeType(OID, "public", "pair", all));
    }

    private static String at(CompositeForms forms, long lsn) throws SQLException {
        return names(forms.at(PAIR, new Lsn(lsn)));
    }

    private static String names(PgType type) {
        StringBuilder names = new StringBuilder(names(type.attributes()));
        type.otherForms().forEach(form -> names.append(' ').append(names(form)));
        return names.toString();
    }

    private static String names(List<PgType.Attribute> attributes) {
        return attributes.stream().map(PgType.Attribute::name).toList().toString();
    }

    /** The records of a look, whose offsets are committed at once: LSN and changes. */
    private List<String> told(CompositeForms forms) throws SQLException {
        List<String> texts = new ArrayList<>();
        for (SourceRecord record : forms.look(catalog)) {
            committed.put(OID, CompositeHistory.fromSourceOffset(record.sourceOffset()));
            String value = new String((byte[]) record.value(), StandardCharsets.UTF_8);
            texts.add(value.replaceAll(".*\"lsn\":\"(.*)\",\"attributes\".*\"changes\":(.*)}", "$1 $2"));
        }
        return texts;
    }
}
