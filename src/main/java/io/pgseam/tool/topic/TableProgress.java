package io.pgseam.tool.topic;

/**
 * How far the copy of one relation is.
 *
 * @param relation {@code schema.table} of the relation that is read
 * @param publishedAs {@code schema.table} as which its rows are published
 * @param topic where its rows go
 * @param chunks into how many chunks it is divided
 * @param chunksDone how many of them are copied
 * @param bytes its planned size on disk
 * @param rowsDone rows of the chunks that are copied
 */
public record TableProgress(
        String relation, String publishedAs, String topic, long chunks, long chunksDone, long bytes, long rowsDone) {

    /** How much of it is copied, from 0 to 1. */
    public double fraction() {
        return chunks == 0 ? 1 : Math.min(1, chunksDone / (double) chunks);
    }

    /** Planned bytes of the chunks that are copied. */
    public double bytesDone() {
        return bytes * fraction();
    }
}
