package io.pgseam.config;

import io.pgseam.pg.catalog.PublicationMode;
import io.pgseam.pg.session.SlotLifetime;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigException;

/**
 * What the connector uses on the server for replication.
 *
 * @param defaultSlotName the name that the slot has if the setting is unset: made from {@code topic.prefix}, so that a slot
 *     of this name is taken for the connector's own
 * @param earlierDefaultName the default name in releases before 0.1, which several prefixes may share
 * @param slotName name of the durable replication slot
 * @param failover whether the slot is kept on standbys, too
 * @param publicationName name of the publication, as stored
 * @param publicationMode who makes the publication
 * @param publishViaPartitionRoot whether a publication that the connector makes publishes partitions as their root
 */
public record ReplicationSettings(
        String defaultSlotName,
        String earlierDefaultName,
        String slotName,
        boolean failover,
        String publicationName,
        PublicationMode publicationMode,
        boolean publishViaPartitionRoot) {

    public static final String SLOT_NAME = "slot.name";
    public static final String SLOT_FAILOVER = "slot.failover";
    public static final String PUBLICATION_NAME = "publication.name";
    public static final String PUBLICATION_AUTOCREATE_MODE = "publication.autocreate.mode";
    public static final String PUBLISH_VIA_PARTITION_ROOT = "publish.via.partition.root";

    private static final String GROUP = "Replication";

    private static final int MAX_NAME_BYTES = DefaultNames.MAX_NAME_BYTES;

    private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1," + MAX_NAME_BYTES + "}");

    static void define(ConfigDef definition) {
        new SettingGroup(definition, GROUP)
                .text(
                        SLOT_NAME,
                        null,
                        ConfigDef.LambdaValidator.with(
                                ReplicationSettings::ensureSlotName,
                                () -> "lower-case letters, digits and underscores"),
                        Importance.MEDIUM,
                        "Name of the replication slot, which the connector creates. Lower-case letters, digits and"
                                + " underscores. Where unset: `pgseam_` and `topic.prefix`; if a name cannot hold that, with `_` for what is not"
                                + " allowed, and a digest of the prefix at its end.")
                .flag(
                        SLOT_FAILOVER,
                        false,
                        Importance.LOW,
                        "Whether the slot is created for failover, so that standbys with `sync_replication_slots` keep it and the"
                                + " connector can go on with a promoted one; `docs/guarantees.md` says what the servers need for that."
                                + " PostgreSQL 17 or later. A slot that exists stays as it is.")
                .text(
                        PUBLICATION_NAME,
                        null,
                        ConfigDef.LambdaValidator.with(
                                ReplicationSettings::ensurePublicationName, () -> "at most 63 bytes"),
                        Importance.MEDIUM,
                        "Name of the publication. Where unset: made from `topic.prefix` as for `slot.name`.")
                .choice(
                        PUBLICATION_AUTOCREATE_MODE,
                        PublicationMode.FILTERED,
                        Importance.MEDIUM,
                        "Who makes the publication. `filtered`: the connector, with just the captured tables, before"
                                + " it copies them; `all_tables`: the connector, FOR ALL TABLES, where it does not"
                                + " exist; `disabled`: somebody else, before the connector starts.")
                .flag(
                        PUBLISH_VIA_PARTITION_ROOT,
                        false,
                        Importance.LOW,
                        "Whether a publication that the connector makes publishes partitions as rows of their partitioned"
                                + " table: one topic for the whole table, and not one for each partition.");
    }

    /** What to say where the server cannot do what {@code slot.failover} asks for. */
    public static String noFailover(int serverVersion) {
        return SLOT_FAILOVER + "=true needs PostgreSQL " + SlotLifetime.VERSION_WITH_FAILOVER
                + " or later, and the server is PostgreSQL " + serverVersion + ": set it to false";
    }

    private static void ensureSlotName(String name, Object value) {
        if (value != null && !SLOT.matcher(((String) value).trim()).matches()) {
            throw new ConfigException(name, value, "may hold 1 to 63 lower-case letters, digits and underscores");
        }
    }

    private static void ensurePublicationName(String name, Object value) {
        if (value == null) {
            return;
        }
        String text = ((String) value).trim();
        if (text.isEmpty() || text.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw new ConfigException(name, value, "must have 1 to 63 bytes");
        }
    }

    static ReplicationSettings from(SettingValues values) {
        String prefix = values.text(TopicNaming.TOPIC_PREFIX);
        String name = DefaultNames.of(prefix);
        return new ReplicationSettings(
                name,
                DefaultNames.ofEarlierReleases(prefix),
                values.optionalText(SLOT_NAME).orElse(name),
                values.flag(SLOT_FAILOVER),
                values.optionalText(PUBLICATION_NAME).orElse(name),
                values.choice(PUBLICATION_AUTOCREATE_MODE, PublicationMode.class),
                values.flag(PUBLISH_VIA_PARTITION_ROOT));
    }

    /** Whether a default name is in use that an earlier release would not have given. */
    public boolean hasOtherNamesThanEarlier() {
        return !defaultSlotName.equals(earlierDefaultName)
                && (slotName.equals(defaultSlotName) || publicationName.equals(defaultSlotName));
    }

    /** Returns a copy with the names of earlier releases in place of default names: for a connector that began with one of these. */
    ReplicationSettings withEarlierNames() {
        return new ReplicationSettings(
                earlierDefaultName,
                earlierDefaultName,
                slotName.equals(defaultSlotName) ? earlierDefaultName : slotName,
                failover,
                publicationName.equals(defaultSlotName) ? earlierDefaultName : publicationName,
                publicationMode,
                publishViaPartitionRoot);
    }

    /** Whether default names are those of earlier releases. */
    public boolean hasEarlierNames() {
        return defaultSlotName.equals(earlierDefaultName);
    }
}
