package io.pgseam.stream;

import io.pgseam.pg.TextRow;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tables that a test fills, to look up what updates left out. */
final class FakeRows implements LookupReader {

    private final Map<String, Map<String, String>> rows = new HashMap<>();
    private final List<Integer> asked = new ArrayList<>();
    private final List<Long> awaited = new ArrayList<>();
    private int mostAnswers = Integer.MAX_VALUE;
    private int questionsBeforeFailure = Integer.MAX_VALUE;

    /** @param values name and value of columns, in turns */
    void put(String table, String key, String... values) {
        Map<String, String> row = new HashMap<>();
        for (int i = 0; i < values.length; i += 2) {
            row.put(values[i], values[i + 1]);
        }
        rows.put(table + " " + key, row);
    }

    void remove(String table, String key) {
        rows.remove(table + " " + key);
    }

    /** Answers no more than so many lookups at once. */
    void answerAtMost(int lookups) {
        mostAnswers = lookups;
    }

    /** Answers so often, then loses its session once. */
    void failAfter(int questions) {
        questionsBeforeFailure = questions;
    }

    /** How many lookups each question had. */
    List<Integer> asked() {
        return asked;
    }

    /** The transactions whose visibility was waited for. */
    List<Long> awaited() {
        return awaited;
    }

    @Override
    public void answer(List<Lookup> lookups, Progress progress) throws SQLException {
        if (questionsBeforeFailure-- == 0) {
            throw new SQLException("the session ended", "08006");
        }
        asked.add(lookups.size());
        for (Lookup lookup : lookups.subList(0, Math.min(mostAnswers, lookups.size()))) {
            Map<String, String> row = rows.get(lookup.relation().id().name() + " " + String.join(",", lookup.key()));
            if (row == null) {
                lookup.foundNothing();
            } else {
                lookup.found(values(lookup, row));
            }
        }
    }

    private static TextRow values(Lookup lookup, Map<String, String> row) {
        StringBuilder text = new StringBuilder();
        TextRow values = new TextRow();
        List<String> found = new ArrayList<>();
        for (int field : lookup.wanted()) {
            String value = row.get(lookup.relation().columns().get(field).name());
            found.add(value);
            text.append(value == null ? "" : value);
        }
        values.reset(text.toString().getBytes(StandardCharsets.UTF_8));
        int start = 0;
        for (String value : found) {
            if (value == null) {
                values.addNull();
            } else {
                int length = value.getBytes(StandardCharsets.UTF_8).length;
                values.addValue(start, length);
                start += length;
            }
        }
        return values;
    }

    @Override
    public void awaitVisible(long transactionId, Progress progress) {
        awaited.add(transactionId);
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
