package io.pgseam.record.flat;

import io.pgseam.record.SkippedChanges;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a user can choose about the flat format.
 *
 * @param metadata which metadata fields a value has; they are written in the order of {@link MetadataField}
 * @param unrepresentable what becomes of values that the target cannot hold
 * @param unchangedPlaceholder what stands, as a JSON string, for a TOASTed value that an update did not send; null where
 *     such a row has to be completed first
 * @param keyTable whether a key begins with {@code __table}, for tables that share a topic
 * @param skipped the changes that are left out
 */
public record FlatSettings(
        Set<MetadataField> metadata,
        UnrepresentablePolicy unrepresentable,
        @Nullable String unchangedPlaceholder,
        boolean keyTable,
        SkippedChanges skipped) {

    private static final Set<MetadataField> DEFAULT_METADATA =
            EnumSet.of(MetadataField.OP, MetadataField.LSN, MetadataField.SEQ, MetadataField.SNAPSHOT);

    public FlatSettings {
        metadata = Set.copyOf(metadata);
    }

    /** No change is left out. */
    public FlatSettings(
            Set<MetadataField> metadata,
            UnrepresentablePolicy unrepresentable,
            @Nullable String unchangedPlaceholder,
            boolean keyTable) {
        this(metadata, unrepresentable, unchangedPlaceholder, keyTable, SkippedChanges.NONE);
    }

    /** Keys of the key columns alone. */
    public FlatSettings(
            Set<MetadataField> metadata, UnrepresentablePolicy unrepresentable, @Nullable String unchangedPlaceholder) {
        this(metadata, unrepresentable, unchangedPlaceholder, false);
    }

    /** {@code __op}, {@code __lsn}, {@code __seq} and {@code __snapshot}; null for what cannot be held; no placeholder. */
    public static FlatSettings defaults() {
        return new FlatSettings(DEFAULT_METADATA, UnrepresentablePolicy.NULL, null);
    }
}
