package io.pgseam.record.flat;

/**
 * How rows are packed into messages.
 *
 * @param bytes {@code flat.pack.bytes}: most bytes of a message's value that holds more than one row
 * @param buckets {@code flat.pack.buckets}: how many keys messages have
 * @param form {@code flat.pack.form}
 */
public record PackSettings(int bytes, int buckets, PackForm form) {

    public PackSettings {
        if (bytes < 1 || buckets < 1) {
            throw new IllegalArgumentException(bytes + " bytes, " + buckets + " buckets");
        }
    }
}
