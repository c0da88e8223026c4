package io.pgseam.tool.dialect;

import java.util.Set;

/**
 * How tables are made and loaded.
 *
 * @param database the database at the other end
 * @param deletes what a delete becomes
 * @param jsonAsText whether JSON becomes text, which keeps every digit, instead of the target's JSON type
 * @param metadataFields the metadata fields that messages have ({@code flat.metadata.fields})
 * @param unrepresentableAsText whether values that no target can hold come as text ({@code flat.unrepresentable=string})
 * @param arrays whether a message is a JSON array of rows ({@code flat.pack.form=array})
 * @param replicas copies of each table; 0 for the server's default
 */
public record TargetSettings(
        String database,
        Deletes deletes,
        boolean jsonAsText,
        Set<String> metadataFields,
        boolean unrepresentableAsText,
        boolean arrays,
        int replicas) {

    /** What a delete becomes. */
    public enum Deletes {
        /** The row is gone. */
        HARD,
        /** The row is marked, and a view leaves it out. A replayed message never brings an older version back. */
        SOFT
    }

    public TargetSettings {
        metadataFields = Set.copyOf(metadataFields);
    }

    boolean soft() {
        return deletes == Deletes.SOFT;
    }

    boolean has(String metadataField) {
        return metadataFields.contains(metadataField);
    }
}
