package io.pgseam.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.control.ControlRecords;
import io.pgseam.ledger.Ledger;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.Partition;
import io.pgseam.record.JsonForm;
import io.pgseam.testing.CommittedOffsets;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class PartitionWatchTest {

    private static final long ROOT = 16_000;

    private final FakeCatalog catalog = new FakeCatalog();
    private final CommittedOffsets committed = new CommittedOffsets();

    @Test
    void tellsOfPartitionsThatComeAndGoOnce() throws SQLException {
        catalog.setPartitions(partition(1, true), partition(2, false));
        PartitionWatch watch = watch(1, 2);
        assertThat(look(watch)).containsExactly("2 [] [] []");
        assertThat(look(watch)).isEmpty();

        catalog.setPartitions(partition(2, false), partition(3, true), partition(4, false));
        assertThat(look(watch)).containsExactly("3 [\"public.p3\"] [\"public.p4\"] [\"public.p1\"]");
        assertThat(look(watch)).isEmpty();

        catalog.setPartitions();
        assertThat(look(watch)).containsExactly("0 [] [] [\"public.p2\",\"public.p3\",\"public.p4\"]");
        assertThat(look(watch)).isEmpty();
    }

    @Test
    void missesNothingWhileTheTaskIsDown() throws SQLException {
        catalog.setPartitions(partition(1, true), partition(2, true));
        look(watch(1, 2));
        catalog.setPartitions(partition(2, true), partition(3, false));
        // The plan is not known any more.
        PartitionWatch restarted = watch();
        assertThat(look(restarted)).containsExactly("2 [] [\"public.p3\"] [\"public.p1\"]");
        assertThat(look(watch())).isEmpty();
    }

    @Test
    void tellsOfWhatWasAttachedWhileOthersWereCopiedAndOfWhatWasCopiedLater() throws SQLException {
        catalog.setPartitions(partition(1, true), partition(2, false));
        assertThat(look(watch(1))).containsExactly("2 [] [\"public.p2\"] []");
        catalog.setPartitions(partition(1, true), partition(2, false), partition(3, false));
        // At another anchor.
        PartitionWatch watch = watch(1, 2, 3);
        assertThat(look(watch)).containsExactly("3 [] [\"public.p3\"] []");
        assertThat(look(watch)).isEmpty();
    }

    @Test
    void takesWhatThereIsForKnownWhereNothingWasCopied() throws SQLException {
        catalog.setPartitions(partition(1, false));
        assertThat(look(watch())).containsExactly("1 [] [] []");
    }

    private static Partition partition(long oid, boolean madeInside) {
        return new Partition(ROOT, new TableId("public", "root"), oid, new TableId("public", "p" + oid), madeInside);
    }

    private PartitionWatch watch(long... copied) {
        Clock clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
        Ledger ledger = new Ledger("shop", committed);
        return new PartitionWatch(
                catalog,
                ledger,
                new ControlRecords("shop", "shop.seam", JsonForm.BYTES, clock),
                "shop",
                Arrays.stream(copied).boxed().collect(Collectors.toSet()),
                0);
    }

    /** The records of a look, whose offsets are committed at once: count, made, attached, detached. */
    private List<String> look(PartitionWatch watch) throws SQLException {
        List<String> texts = new ArrayList<>();
        for (SourceRecord record : watch.look()) {
            committed.commit(record);
            String value = new String((byte[]) record.value(), StandardCharsets.UTF_8);
            texts.add(value.replaceAll(
                    ".*\"count\":(\\d+),\"made\":(.*),\"attached\":(.*),\"detached\":(.*)}", "$1 $2 $3 $4"));
        }
        return texts;
    }
}
