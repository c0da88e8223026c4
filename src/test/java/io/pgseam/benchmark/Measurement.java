package io.pgseam.benchmark;

/**
 * What one system took in one round.
 *
 * @param phase {@code snapshot} or {@code stream}
 * @param rows how many rows or updates there were
 * @param seconds from the request to the last of them
 * @param worker processor time of the Connect worker, or of this program where there is no worker, in s
 * @param broker the same of the broker
 * @param server the same of PostgreSQL
 * @param peakBytes most memory of the worker at once
 * @param topicBytes what the topic holds on disk
 * @param tail by how much the first copy task ended before the last one, as a part of the copy's time; negative if it is not known
 */
record Measurement(
        String phase,
        String table,
        String system,
        long rows,
        double seconds,
        double worker,
        double broker,
        double server,
        long peakBytes,
        long topicBytes,
        double tail) {

    double rowsPerSecond() {
        return rows / seconds;
    }

    double workerMicros() {
        return worker / rows * 1e6;
    }
}
