package io.pgseam.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Tells configurations apart that capture different things. */
final class CaptureScope {

    /** Which database, which tables and columns of it, and what is copied of them. */
    private static final List<String> SETTINGS = List.of(
            ConnectionDefinition.HOSTNAME,
            ConnectionDefinition.PORT,
            ConnectionDefinition.DATABASE,
            CaptureFilter.SCHEMA_INCLUDE_LIST,
            CaptureFilter.SCHEMA_EXCLUDE_LIST,
            CaptureFilter.TABLE_INCLUDE_LIST,
            CaptureFilter.TABLE_EXCLUDE_LIST,
            CaptureFilter.COLUMN_INCLUDE_LIST,
            CaptureFilter.COLUMN_EXCLUDE_LIST,
            CaptureFilter.MESSAGE_KEY_COLUMNS,
            ReplicationSettings.SLOT_NAME,
            ReplicationSettings.PUBLICATION_NAME,
            ReplicationSettings.PUBLICATION_AUTOCREATE_MODE,
            ReplicationSettings.PUBLISH_VIA_PARTITION_ROOT,
            SnapshotSettings.MODE);

    private CaptureScope() {}

    /** A digest of these settings as they are written in the configuration. */
    static String of(Map<String, String> props) {
        StringBuilder text = new StringBuilder();
        for (String setting : SETTINGS) {
            text.append(setting)
                    .append('=')
                    .append(props.getOrDefault(setting, ""))
                    .append('\n');
        }
        String signals = props.getOrDefault(SignalSettings.DATA_COLLECTION, "");
        if (!signals.isBlank()) {
            // Only if it is there: the digest of connectors without it has not changed since it came.
            text.append(SignalSettings.DATA_COLLECTION)
                    .append('=')
                    .append(signals)
                    .append('\n');
        }
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
