package io.pgseam.config;

import io.pgseam.pg.TableId;
import io.pgseam.record.mask.ColumnMasks;
import io.pgseam.record.mask.FixedMask;
import io.pgseam.record.mask.HashMask;
import io.pgseam.record.mask.HashMask.Input;
import io.pgseam.record.mask.Mask;
import io.pgseam.record.mask.TruncateMask;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.jspecify.annotations.Nullable;

/**
 * Which columns are masked, and how. The names of the rules hold what they do: {@code column.mask.with.5.chars}; their values are
 * lists of columns.
 */
public final class MaskSettings implements ColumnMasks {

    public static final String KEYS = "column.mask.keys";
    public static final String SALT = "column.mask.salt";
    public static final String UNMATCHED = "column.mask.unmatched";

    private static final String GROUP = "Masking";
    private static final String HASH_PREFIX = "column.mask.hash.";
    private static final Pattern FIXED = Pattern.compile("column\\.mask\\.with\\.(\\d+)\\.chars");
    private static final Pattern TRUNCATE = Pattern.compile("column\\.truncate\\.to\\.(\\d+)\\.chars");
    private static final Pattern HASH = Pattern.compile(
            "column\\.mask\\.hash\\.(?<v2>v2\\.)?(?<algorithm>[^.]+)(\\.with\\.salt\\.(?<salt>.+))?", Pattern.DOTALL);

    /** Longer masks are a slip of the pen; each value would have that many characters. */
    private static final int MOST_CHARACTERS = 10_000;

    private final List<Rule> rules;
    private final KeyMasking keys;
    private final Unmatched unmatched;

    private MaskSettings(List<Rule> rules, KeyMasking keys, Unmatched unmatched) {
        this.rules = rules.stream()
                .sorted(Comparator.comparing(Rule::mask, Mask.STRICTEST_FIRST).thenComparing(Rule::setting))
                .toList();
        this.keys = keys;
        this.unmatched = unmatched;
    }

    /** What becomes of rules that match columns of a key. */
    private enum KeyMasking {
        REFUSE,
        HASH
    }

    /** What becomes of expressions that match no column. */
    private enum Unmatched {
        REFUSE,
        WARN
    }

    private record Rule(String setting, NamePatterns columns, Mask mask) {}

    static void define(ConfigDef definition) {
        new SettingGroup(definition, GROUP)
                .choice(
                        KEYS,
                        KeyMasking.REFUSE,
                        Importance.LOW,
                        "What becomes of a rule that matches a column of a key: `refuse`, or `hash`: a rule `column.mask.hash.…`"
                                + " holds for the key, too, and other rules are refused. Consumers then see hashes for keys.")
                .secret(
                        SALT,
                        Importance.LOW,
                        "The salt of rules that have none in their name: `column.mask.hash.v2.SHA-256` instead of"
                                + " `column.mask.hash.v2.SHA-256.with.salt.…`. A name cannot come from a ConfigProvider, this can.")
                .choice(
                        UNMATCHED,
                        Unmatched.REFUSE,
                        Importance.LOW,
                        "What validation does about an expression of a rule that matches no column of a captured table: `refuse`"
                                + " the configuration, or `warn` in the log. Set `warn` if the table is made later.");
    }

    static void check(SettingValues values, Map<String, String> props, Consumer<Fault> faults) {
        boolean salted = values.valid(SALT) && !values.password(SALT).isEmpty();
        rules(props, salted ? values.password(SALT) : "", faults);
    }

    static MaskSettings from(SettingValues values, Map<String, String> props) {
        List<Rule> rules = rules(props, values.password(SALT), fault -> {});
        return new MaskSettings(
                rules, values.choice(KEYS, KeyMasking.class), values.choice(UNMATCHED, Unmatched.class));
    }

    private static List<Rule> rules(Map<String, String> props, String salt, Consumer<Fault> faults) {
        List<Rule> rules = new ArrayList<>();
        new TreeMap<>(props).forEach((name, value) -> {
            try {
                Mask mask = mask(name, salt);
                if (mask != null) {
                    NamePatterns columns = NamePatterns.parse(value == null ? "" : value);
                    if (columns.isEmpty()) {
                        throw new IllegalArgumentException(
                                "names no column: remove the setting, or list expressions for"
                                        + " schema.table.column");
                    }
                    rules.add(new Rule(name, columns, mask));
                }
            } catch (IllegalArgumentException e) {
                faults.accept(new Fault(name, String.valueOf(e.getMessage())));
            }
        });
        return rules;
    }

    /**
     * The mask that a setting's name says; null if it is no rule.
     *
     * @throws IllegalArgumentException if the rule cannot be
     */
    private static @Nullable Mask mask(String setting, String salt) {
        Matcher fixed = FIXED.matcher(setting);
        if (fixed.matches()) {
            return new FixedMask(characters(fixed.group(1)));
        }
        Matcher truncate = TRUNCATE.matcher(setting);
        if (truncate.matches()) {
            return new TruncateMask(number(truncate.group(1), Integer.MAX_VALUE));
        }
        Matcher hash = HASH.matcher(setting);
        if (!hash.matches()) {
            return null;
        }
        String own = hash.group("salt");
        if (own == null && salt.isEmpty()) {
            throw new IllegalArgumentException("has no salt: set " + SALT + ", or write it behind .with.salt.");
        }
        return new HashMask(
                hash.group("v2") == null ? Input.SERIALIZED : Input.TEXT,
                hash.group("algorithm"),
                own == null ? salt : own);
    }

    private static int characters(String digits) {
        return number(digits, MOST_CHARACTERS);
    }

    private static int number(String digits, int most) {
        try {
            int number = Integer.parseInt(digits);
            if (number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // More than any int.
        }
        throw new IllegalArgumentException("has too many characters: at most " + most);
    }

    /** Whether a setting of this name is a rule. */
    static boolean isRule(String setting) {
        return FIXED.matcher(setting).matches()
                || TRUNCATE.matcher(setting).matches()
                || HASH.matcher(setting).matches();
    }

    /** A setting's name for logs: what follows the algorithm in the name of a hashing rule is secret. */
    static String withoutSalt(String setting) {
        if (!setting.startsWith(HASH_PREFIX)) {
            return setting;
        }
        int algorithm =
                setting.startsWith("v2.", HASH_PREFIX.length()) ? HASH_PREFIX.length() + 3 : HASH_PREFIX.length();
        int end = setting.indexOf('.', algorithm);
        return end < 0 ? setting : setting.substring(0, end) + ".…";
    }

    @Override
    public @Nullable Mask of(TableId table, String column) {
        Rule rule = rule(table, column);
        return rule == null ? null : rule.mask();
    }

    /** Name of the setting whose rule holds for a column; null if none does. It may contain a salt. */
    public @Nullable String settingOf(TableId table, String column) {
        Rule rule = rule(table, column);
        return rule == null ? null : rule.setting();
    }

    private @Nullable Rule rule(TableId table, String column) {
        if (rules.isEmpty()) {
            return null;
        }
        String name = table + "." + column;
        for (Rule rule : rules) {
            if (rule.columns().matches(name)) {
                return rule;
            }
        }
        return null;
    }

    /** Whether nothing is masked. */
    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /** Whether rules that hash may match columns of a key. */
    public boolean hashesKeys() {
        return keys == KeyMasking.HASH;
    }

    /** Whether an expression that matches no column is refused; else it is a warning. */
    public boolean refusesUnmatched() {
        return unmatched == Unmatched.REFUSE;
    }

    /**
     * The expressions that match none of these columns.
     *
     * @param columns written {@code schema.table.column}
     * @return by the setting of their rule
     */
    public Map<String, List<String>> unmatched(Collection<String> columns) {
        Map<String, List<String>> unmatched = new LinkedHashMap<>();
        for (Rule rule : rules) {
            List<String> lonely = rule.columns().patterns().stream()
                    .filter(pattern -> columns.stream()
                            .noneMatch(column -> pattern.matcher(column).matches()))
                    .map(Pattern::pattern)
                    .toList();
            if (!lonely.isEmpty()) {
                unmatched.put(rule.setting(), lonely);
            }
        }
        return unmatched;
    }
}
