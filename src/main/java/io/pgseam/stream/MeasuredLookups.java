package io.pgseam.stream;

import java.sql.SQLException;
import java.util.List;

/** Counts the lookups that another reader answers, and the time that they take. */
final class MeasuredLookups implements LookupReader {

    private final LookupReader reader;
    private final StreamMetrics metrics;

    MeasuredLookups(LookupReader reader, StreamMetrics metrics) {
        this.reader = reader;
        this.metrics = metrics;
    }

    @Override
    public void answer(List<Lookup> lookups, Progress progress) throws SQLException {
        long begin = System.nanoTime();
        reader.answer(lookups, progress);
        int answered = 0;
        int missing = 0;
        for (Lookup lookup : lookups) {
            if (lookup.isAnswered()) {
                answered++;
                missing += lookup.values() == null ? 1 : 0;
            }
        }
        metrics.lookups(answered, missing, System.nanoTime() - begin);
    }

    @Override
    public void awaitVisible(long transactionId, Progress progress) throws SQLException {
        reader.awaitVisible(transactionId, progress);
    }

    @Override
    public void close() {
        reader.close();
    }
}
