package io.pgseam.config;

import io.pgseam.pg.TableId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/**
 * How tables are given topics: {@code <prefix>.<schema>.<table>}, with {@code _} for every character that a topic's name
 * may not have.
 *
 * @param prefix the value of {@code topic.prefix}
 */
public record TopicNaming(String prefix) {

    public static final String TOPIC_PREFIX = "topic.prefix";

    private static final String GROUP = "Topics";
    private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]+");

    /** Kafka's limit for the name of a topic. */
    private static final int MAX_TOPIC_LENGTH = 249;

    /** Leaves room for a schema and a table of 63 characters each, the longest that PostgreSQL has. */
    private static final int MAX_PREFIX_LENGTH = MAX_TOPIC_LENGTH - 2 * 64;

    static void define(ConfigDef definition) {
        new SettingGroup(definition, GROUP)
                .required(
                        TOPIC_PREFIX,
                        ConfigDef.LambdaValidator.with(
                                TopicNaming::ensureLegal, () -> "letters, digits, dot, underscore and hyphen"),
                        "First part of every topic's name: a table's rows and changes go to `<topic.prefix>.<schema>.<table>`, with"
                                + " `_` for characters that a topic cannot have; the connector's own log goes to"
                                + " `<topic.prefix>.seam`. Unique among connectors. To change it is to start from nothing.");
    }

    private static void ensureLegal(String name, Object value) {
        if (value == null) {
            return; // absent: ConfigDef itself says that it is required
        }
        String prefix = (String) value;
        if (!LEGAL.matcher(prefix).matches()) {
            throw new ConfigException(name, value, "may hold letters, digits, dot, underscore and hyphen only");
        }
        if (prefix.length() > MAX_PREFIX_LENGTH) {
            throw new ConfigException(name, value, "may have at most " + MAX_PREFIX_LENGTH + " characters");
        }
    }

    static TopicNaming from(SettingValues values) {
        return new TopicNaming(values.text(TOPIC_PREFIX));
    }

    /** The topic of a table. */
    public String topicFor(TableId table) {
        String name = prefix + "." + table;
        StringBuilder topic = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            topic.append(isLegal(c) ? c : '_');
        }
        return topic.toString();
    }

    private static boolean isLegal(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == '-';
    }

    /** The topic of the connector's own log of anchors, chunks, catch-ups and seams. */
    public String controlTopic() {
        return prefix + ".seam";
    }

    /**
     * Reports tables that would share a topic at {@code table.include.list}.
     *
     * <p>Topics whose names differ only in dot and underscore count as one: Kafka's brokers refuse to create the second,
     * because both have the same name in its metrics. The control topic cannot be met: a table's topic has one part more.
     */
    public void checkDistinct(Collection<TableId> tables, Consumer<Fault> faults) {
        Map<String, List<TableId>> owners = new TreeMap<>();
        for (TableId table : new TreeSet<>(tables)) {
            owners.computeIfAbsent(metricName(topicFor(table)), unused -> new ArrayList<>())
                    .add(table);
        }
        owners.values().forEach(sharing -> {
            if (sharing.size() > 1) {
                faults.accept(new Fault(
                        CaptureFilter.TABLE_INCLUDE_LIST,
                        "tables "
                                + String.join(
                                        ", ",
                                        sharing.stream().map(TableId::quoted).toList())
                                + " would share the topic " + topicFor(sharing.get(0))
                                + " (or differ from it only in dot and underscore, which Kafka refuses): leave all but one out, or"
                                + " rename one"));
            }
        });
    }

    private static String metricName(String topic) {
        return topic.replace('.', '_');
    }
}
