package io.pgseam.stream;

import static io.pgseam.stream.RoutedStream.NULL;
import static io.pgseam.stream.RoutedStream.at;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PartitionIdentitiesTest {

    private static final long ROOT = 16_600;
    private static final long OTHER = 16_500;

    private final FakeCatalog catalog = new FakeCatalog();
    private final RecordingSink sink = new RecordingSink();

    @BeforeEach
    void tables() {
        catalog.putKeyedBy(ROOT, "root", "owner", "id", "owner");
        catalog.put(OTHER, "customers", "id", "name");
    }

    /** The server calls the old row whole by the table's identity, and fills it by the partition's. */
    @Test
    void believesAnOldRowAsFarAsThePartitionsIdentityGoes() throws SQLException {
        RoutedStream stream = new RoutedStream(catalog, sink, at(100, 0))
                .begin(500)
                .relation(ROOT, "root", 'f', List.of("id", "owner"), "id", "owner")
                .relation(ROOT + 1, "part_1", 'f', List.of("id", "owner"), "id", "owner")
                .update(ROOT, 'O', new String[] {"1", NULL}, "1", "b");
        assertThat(sink.taken()).anyMatch(record -> record.contains("{\"owner\":null}"));
        int before = sink.taken().size();
        stream.relation(ROOT, "root", 'f', List.of("id", "owner"), "id", "owner")
                .relation(ROOT + 2, "part_2", 'd', List.of("id"), "id", "owner");
        stream.update(ROOT, 'O', new String[] {"2", NULL}, "3", "b");
        assertThat(sink.taken())
                .hasSize(before + 1)
                .last()
                .asString()
                .contains("\"missed\"", "public.part_2")
                .doesNotContain("public.part_1");
    }

    /** A truncate names tables that were described one behind the other, too. */
    @Test
    void takesNoTableThatIsTruncatedForAPartition() throws SQLException {
        new RoutedStream(catalog, sink, at(100, 0))
                .begin(500)
                .relation(ROOT, "root", 'f', List.of("id", "owner"), "id", "owner")
                .relation(OTHER, "customers", "id", "name")
                .truncate(ROOT, OTHER)
                .update(ROOT, 'O', new String[] {"1", NULL}, "1", "b");
        assertThat(sink.taken()).last().asString().contains("\"owner\":\"b\"");
    }
}
