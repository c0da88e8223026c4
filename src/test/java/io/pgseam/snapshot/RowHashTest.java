package io.pgseam.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.testing.Seed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RowHashTest {

    private final RowHash hash = new RowHash();

    private long of(String row) {
        byte[] line = (row + "\n").getBytes(StandardCharsets.UTF_8);
        return hash.of(line, line.length - 1);
    }

    private long sum(List<String> rows) {
        return rows.stream().mapToLong(this::of).sum();
    }

    private static List<String> rows(int count) {
        List<String> rows = new ArrayList<>();
        for (int id = 0; id < count; id++) {
            rows.add(id + "\tcustomer " + id + "\t\\N");
        }
        return rows;
    }

    @Test
    void aSumOfItDoesNotDependOnTheOrder() {
        Random random = Seed.random(RowHashTest.class);
        List<String> rows = rows(1_000);
        long sum = sum(rows);
        for (int round = 0; round < 10; round++) {
            Collections.shuffle(rows, random);
            int cut = random.nextInt(rows.size());
            assertThat(sum(rows.subList(0, cut)) + sum(rows.subList(cut, rows.size())))
                    .isEqualTo(sum);
        }
    }

    @Test
    void aSumOfItTellsMissingDoubledAndChangedRows() {
        List<String> rows = rows(1_000);
        long sum = sum(rows);
        for (int row = 0; row < rows.size(); row++) {
            assertThat(sum - of(rows.get(row))).isNotEqualTo(sum);
            assertThat(sum - of(rows.get(row)) + of(rows.get(row) + "x")).isNotEqualTo(sum);
        }
        assertThat(2 * of("1\ta")).as("twice the same row is not no row").isNotZero();
    }

    @Test
    void valuesThatChangePlacesChangeASum() {
        assertThat(sum(List.of("1\ta", "2\tb"))).isNotEqualTo(sum(List.of("1\tb", "2\ta")));
    }

    @Test
    void differsBetweenRows() {
        Set<Long> seen = new HashSet<>();
        rows(100_000).forEach(row -> seen.add(of(row)));
        assertThat(seen).hasSize(100_000);
    }

    @Test
    void leavesTheLineFeedOut() {
        byte[] line = "1\ta\n".getBytes(StandardCharsets.UTF_8);
        byte[] longer = "1\ta\nmore".getBytes(StandardCharsets.UTF_8);
        assertThat(hash.of(longer, 3)).isEqualTo(hash.of(line, 3)).isNotEqualTo(hash.of(line, 4));
    }

    @Test
    void staysWhatItIs() {
        // Written into manifests: to change it is to make the earlier ones incomparable.
        assertThat(Long.toHexString(of("1\tcustomer 1\t\\N"))).isEqualTo("400aa721fcd5271a");
    }
}
