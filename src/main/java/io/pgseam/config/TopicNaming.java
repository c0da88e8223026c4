package io.pgseam.config;

import io.pgseam.pg.TableId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * How tables are given topics: {@code <prefix>.<schema>.<table>} by default, with {@code _} for every character that a
 * topic's name may not have.
 *
 * <p>Tables share a topic only where a setting says so: where the rule that names both leaves out in what they differ. That their
 * names become the same by accident, or by Kafka's rules, is a fault.
 */
public final class TopicNaming {

    public static final String TOPIC_PREFIX = "topic.prefix";
    public static final String TOPIC_NAMING = "topic.naming";
    public static final String TOPIC_MAPPING = "topic.mapping";

    private static final String GROUP = "Topics";
    private static final String DEFAULT_NAMING = "${prefix}.${schema}.${table}";
    private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]+");
    private static final Pattern EVERY_TABLE = Pattern.compile(".*", Pattern.DOTALL);

    /** Kafka's limit for the name of a topic. */
    private static final int MAX_TOPIC_LENGTH = 249;

    /** Leaves room for a schema and a table of 63 characters each, the longest that PostgreSQL has. */
    private static final int MAX_PREFIX_LENGTH = MAX_TOPIC_LENGTH - 2 * 64;

    /** Names the topics of the tables that an expression matches. */
    private record Rule(Pattern tables, TopicPattern topic) {}

    /** Which rule names a table, and what it makes of it before characters are replaced. */
    private record Naming(Rule rule, String name) {}

    private final String prefix;
    private final List<Rule> rules;

    /** What topics of the connector's own that no table may have are for, by their names in Kafka's metrics. */
    private final Map<String, String> reserved = new TreeMap<>();

    private TopicNaming(String prefix, List<Rule> rules) {
        this.prefix = prefix;
        this.rules = List.copyOf(rules);
        reserved.put(metricName(controlTopic()), "the control topic " + controlTopic());
    }

    /** Topics named by default. */
    public TopicNaming(String prefix) {
        this(prefix, rules(DEFAULT_NAMING, ""));
    }

    static void define(ConfigDef definition) {
        new SettingGroup(definition, GROUP)
                .required(
                        TOPIC_PREFIX,
                        ConfigDef.LambdaValidator.with(
                                TopicNaming::ensureLegal, () -> "letters, digits, dot, underscore and hyphen"),
                        "First part of every topic's name: a table's rows and changes go to `<topic.prefix>.<schema>.<table>`, with"
                                + " `_` for characters that a topic cannot have; the connector's own log goes to"
                                + " `<topic.prefix>.seam`. Unique among connectors. To change it is to start from nothing.")
                .text(
                        TOPIC_NAMING,
                        DEFAULT_NAMING,
                        validator(text -> rules(text, "")),
                        Importance.LOW,
                        "The name of a table's topic, with `${prefix}`, `${schema}` and `${table}` for `topic.prefix` and the"
                                + " table's name. Without `${schema}`, tables of the same name in several schemas share a topic."
                                + " Not to be changed once there is a topic.")
                .text(
                        TOPIC_MAPPING,
                        "",
                        validator(text -> rules(DEFAULT_NAMING, text)),
                        Importance.LOW,
                        "Other names for some topics: `expression:name`, several of them separated by semicolons. The first whose"
                                + " expression matches the whole of `schema.table` names the topic; the name may also have `$1` to"
                                + " `$9` for the expression's groups. `tenant_\\d+\\.(.*):${prefix}.$1` has all tenants' tables"
                                + " share a topic for each table.");
    }

    private interface Reading {
        void of(String text);
    }

    private static ConfigDef.Validator validator(Reading reading) {
        return ConfigDef.LambdaValidator.with(
                (name, value) -> {
                    try {
                        reading.of(value == null ? "" : ((String) value).trim());
                    } catch (IllegalArgumentException e) {
                        throw new ConfigException(name, value, e.getMessage());
                    }
                },
                () -> "names of topics with ${prefix}, ${schema}, ${table}");
    }

    static void ensureLegal(String name, Object value) {
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
        TopicNaming naming = new TopicNaming(
                values.text(TOPIC_PREFIX),
                rules(
                        values.text(TOPIC_NAMING).trim(),
                        values.optionalText(TOPIC_MAPPING).orElse("")));
        naming.reserveMessages(values);
        TransactionSettings transactions = TransactionSettings.from(values);
        if (transactions != null) {
            naming.reserve(transactions.topic(), "the topic of transactions,");
        }
        return naming;
    }

    /** The topics that the connector writes besides those of the tables must differ. */
    static void check(SettingValues values, Consumer<Fault> faults) {
        if (!values.valid(
                TOPIC_PREFIX,
                OutputSettings.FORMAT,
                LogicalMessageSettings.INCLUDE,
                LogicalMessageSettings.EXCLUDE,
                TransactionSettings.PROVIDE,
                TransactionSettings.TOPIC)) {
            return;
        }
        TransactionSettings transactions = TransactionSettings.from(values);
        if (transactions == null) {
            return;
        }
        TopicNaming naming = new TopicNaming(values.text(TOPIC_PREFIX));
        naming.reserveMessages(values);
        String own = naming.reserved.get(metricName(transactions.topic()));
        if (own != null) {
            faults.accept(new Fault(
                    TransactionSettings.TOPIC,
                    "records of transactions would share " + own + ": choose another name for their topic"));
        }
    }

    private void reserveMessages(SettingValues values) {
        if (LogicalMessageSettings.from(values, OutputSettings.format(values)) != null) {
            reserve(messageTopic(), "the topic of messages,");
        }
    }

    private void reserve(String topic, String what) {
        reserved.put(metricName(topic), what + " " + topic);
    }

    /** @throws IllegalArgumentException where one of the settings is malformed */
    private static List<Rule> rules(String naming, String mapping) {
        List<Rule> rules = new ArrayList<>();
        for (String entry : mapping.split(";", -1)) {
            if (!entry.isBlank()) {
                rules.add(rule(entry.trim()));
            }
        }
        rules.add(new Rule(EVERY_TABLE, TopicPattern.parse(naming, 0)));
        return rules;
    }

    private static Rule rule(String entry) {
        int colon = entry.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("'" + entry + "' is not of the form expression:name");
        }
        String expression = entry.substring(0, colon).trim();
        try {
            Pattern tables = Pattern.compile(expression, Pattern.CASE_INSENSITIVE);
            int groups = tables.matcher("").groupCount();
            return new Rule(
                    tables, TopicPattern.parse(entry.substring(colon + 1).trim(), groups));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "'" + expression + "' is no regular expression: " + e.getDescription(), e);
        }
    }

    /** The value of {@code topic.prefix}. */
    public String prefix() {
        return prefix;
    }

    /** The topic of a table. */
    public String topicFor(TableId table) {
        String name = naming(table).name();
        StringBuilder topic = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            topic.append(isLegal(c) ? c : '_');
        }
        return topic.toString();
    }

    private Naming naming(TableId table) {
        for (Rule rule : rules) {
            Matcher matcher = rule.tables().matcher(table.toString());
            if (matcher.matches()) {
                return new Naming(rule, rule.topic().expand(prefix, table, matcher));
            }
        }
        throw new IllegalStateException("no rule for the topic of " + table + ", though the last matches every table");
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

    /** The topic of messages of {@code pg_logical_emit_message}. */
    public String messageTopic() {
        return prefix + ".message";
    }

    /** Whether two tables are meant to share a topic. */
    public boolean mayShare(TableId first, TableId second) {
        Naming one = naming(first);
        Naming other = naming(second);
        return first.equals(second)
                || (one.rule().equals(other.rule())
                        && !one.rule().topic().namesEveryTable()
                        && one.name().equals(other.name()));
    }

    /**
     * The same for all topics that Kafka does not tell apart: those that differ only in dot and underscore have the same name in
     * its metrics, and its brokers refuse to create the second.
     */
    public static String metricName(String topic) {
        return topic.replace('.', '_');
    }

    /**
     * The tables that cannot have their topic: because Kafka does not allow the name, because it is the control topic, or because
     * another table has it that is not meant to share it. Of tables that collide with each other each is one.
     *
     * @param owners tables that have their topics; reported only if a setting has since made the topic one of the connector's own
     * @param others tables that are to have topics
     */
    public Map<TableId, Fault> conflicts(Collection<TableId> owners, Collection<TableId> others) {
        Map<String, List<TableId>> sharing = new TreeMap<>();
        Set<TableId> all = new TreeSet<>(owners);
        all.addAll(others);
        for (TableId table : all) {
            sharing.computeIfAbsent(metricName(topicFor(table)), unused -> new ArrayList<>())
                    .add(table);
        }
        Map<TableId, Fault> conflicts = new TreeMap<>();
        for (List<TableId> tables : sharing.values()) {
            for (TableId table : tables) {
                Fault conflict = owners.contains(table) ? ownTopicFault(table) : conflict(table, tables);
                if (conflict != null) {
                    conflicts.put(table, conflict);
                }
            }
        }
        return conflicts;
    }

    /** @param sharing every table with the same topic, with this one */
    private @Nullable Fault conflict(TableId table, List<TableId> sharing) {
        String topic = topicFor(table);
        if (topic.length() > MAX_TOPIC_LENGTH || topic.equals(".") || topic.equals("..")) {
            return new Fault(
                    TOPIC_NAMING,
                    "its topic would be " + topic + ", which Kafka does not allow: at most " + MAX_TOPIC_LENGTH
                            + " characters, and neither . nor ..");
        }
        Fault own = ownTopicFault(table);
        if (own != null) {
            return own;
        }
        return sharing.stream().allMatch(other -> mayShare(table, other))
                ? null
                : new Fault(
                        CaptureFilter.TABLE_INCLUDE_LIST,
                        quoted(sharing) + " would share the topic " + topicFor(sharing.get(0))
                                + " (or differ from it only in dot and underscore, which Kafka refuses): leave all but one out,"
                                + " rename one, or give it another topic with topic.mapping");
    }

    /** Why a table cannot have its topic, if the connector writes other records to that topic; else null. */
    @Nullable
    Fault ownTopicFault(TableId table) {
        String own = reserved.get(metricName(topicFor(table)));
        return own == null
                ? null
                : new Fault(TOPIC_NAMING, "it would share " + own + ": give it another topic with topic.mapping");
    }

    private static String quoted(List<TableId> tables) {
        return String.join(", ", tables.stream().map(TableId::quoted).toList());
    }
}
