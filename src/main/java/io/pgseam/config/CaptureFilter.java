package io.pgseam.config;

import io.pgseam.pg.TableId;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.jspecify.annotations.Nullable;

/**
 * Which tables and columns the include and exclude lists select.
 *
 * <p>A schema list and a table list both have to agree to a table. The schemas of the system are never captured. Key
 * columns are captured whatever the column lists say; only who knows the keys can see to that.
 */
public final class CaptureFilter {

    public static final String TABLE_INCLUDE_LIST = "table.include.list";
    public static final String TABLE_EXCLUDE_LIST = "table.exclude.list";
    public static final String SCHEMA_INCLUDE_LIST = "schema.include.list";
    public static final String SCHEMA_EXCLUDE_LIST = "schema.exclude.list";
    public static final String COLUMN_INCLUDE_LIST = "column.include.list";
    public static final String COLUMN_EXCLUDE_LIST = "column.exclude.list";
    public static final String MESSAGE_KEY_COLUMNS = "message.key.columns";
    public static final String UNFIT_TABLES = "tables.unfit";
    public static final String MOST_TABLES = "tables.max";

    private static final String GROUP = "Capture";
    private static final Set<String> SYSTEM_SCHEMAS = Set.of("pg_catalog", "information_schema", "pg_toast");
    private static final List<String> TEMPORARY_SCHEMAS = List.of("pg_temp_", "pg_toast_temp_");

    private final Selection schemas;
    private final Selection tables;
    private final Selection columns;
    private final MessageKeys messageKeys;
    private final UnfitTables unfitTables;
    private final int mostTables;
    private final @Nullable TableId signals;

    private CaptureFilter(
            Selection schemas,
            Selection tables,
            Selection columns,
            MessageKeys messageKeys,
            UnfitTables unfitTables,
            int mostTables,
            @Nullable TableId signals) {
        this.signals = signals;
        this.schemas = schemas;
        this.tables = tables;
        this.columns = columns;
        this.messageKeys = messageKeys;
        this.unfitTables = unfitTables;
        this.mostTables = mostTables;
    }

    static void define(ConfigDef definition) {
        ConfigDef.Validator patterns = NamePatterns.validator();
        new SettingGroup(definition, GROUP)
                .text(
                        TABLE_INCLUDE_LIST,
                        "",
                        patterns,
                        Importance.HIGH,
                        "The tables to capture: regular expressions for `schema.table`, separated by commas. Each has to match the"
                                + " whole name; case does not matter; a comma inside one is written `\\,`. Every table, where unset.")
                .text(
                        TABLE_EXCLUDE_LIST,
                        "",
                        patterns,
                        Importance.MEDIUM,
                        "The tables not to capture, written the same way. Not together with `table.include.list`.")
                .text(
                        SCHEMA_INCLUDE_LIST,
                        "",
                        patterns,
                        Importance.MEDIUM,
                        "The schemas to capture from: regular expressions for schema names. Every schema, where unset; those of"
                                + " the system never.")
                .text(
                        SCHEMA_EXCLUDE_LIST,
                        "",
                        patterns,
                        Importance.MEDIUM,
                        "The schemas not to capture from. Not together with `schema.include.list`.")
                .text(
                        COLUMN_INCLUDE_LIST,
                        "",
                        patterns,
                        Importance.MEDIUM,
                        "The columns to capture: regular expressions for `schema.table.column`. Every column, where unset. Key"
                                + " columns are always captured.")
                .text(
                        COLUMN_EXCLUDE_LIST,
                        "",
                        patterns,
                        Importance.MEDIUM,
                        "The columns not to capture, key columns excepted. Not together with `column.include.list`.")
                .text(
                        MESSAGE_KEY_COLUMNS,
                        "",
                        MessageKeys.validator(),
                        Importance.MEDIUM,
                        "Columns that messages are keyed by instead of the table's own key: `schema.table:column,column`, several"
                                + " of them separated by semicolons. The table is a regular expression as in"
                                + " `table.include.list`, the columns are names. A table's replica identity has to have them: the"
                                + " key is unique or not, but an update or a delete has to tell the old one.")
                .choice(
                        UNFIT_TABLES,
                        UnfitTables.SET_ASIDE,
                        Importance.MEDIUM,
                        "What validation does about selected tables that cannot be captured (no replica identity, no rights, …;"
                                + " see `docs/tables.md`). `set_aside`: it refuses a configuration only if `table.include.list`"
                                + " spells such a table out, or if no other table is left. `fail`: it refuses the configuration,"
                                + " and reports every such table. While the connector runs, such a table is always set aside:"
                                + " it is not captured until it has become fit, and no other table notices.")
                .number(
                        MOST_TABLES,
                        100_000,
                        ConfigDef.Range.atLeast(1),
                        Importance.LOW,
                        "Most tables that are captured; each partition counts as a table. Further tables are set aside.");
    }

    static void check(SettingValues values, Consumer<Fault> faults) {
        exclusive(values, TABLE_INCLUDE_LIST, TABLE_EXCLUDE_LIST, faults);
        exclusive(values, SCHEMA_INCLUDE_LIST, SCHEMA_EXCLUDE_LIST, faults);
        exclusive(values, COLUMN_INCLUDE_LIST, COLUMN_EXCLUDE_LIST, faults);
    }

    private static void exclusive(SettingValues values, String include, String exclude, Consumer<Fault> faults) {
        if (values.valid(include, exclude)
                && values.optionalText(include).isPresent()
                && values.optionalText(exclude).isPresent()) {
            faults.accept(new Fault(exclude, include + " and " + exclude + " are both set: remove one of them"));
        }
    }

    static CaptureFilter from(SettingValues values, SignalSettings signals) {
        return new CaptureFilter(
                Selection.from(values, SCHEMA_INCLUDE_LIST, SCHEMA_EXCLUDE_LIST),
                Selection.from(values, TABLE_INCLUDE_LIST, TABLE_EXCLUDE_LIST),
                Selection.from(values, COLUMN_INCLUDE_LIST, COLUMN_EXCLUDE_LIST),
                MessageKeys.parse(values.text(MESSAGE_KEY_COLUMNS)),
                values.choice(UNFIT_TABLES, UnfitTables.class),
                values.number(MOST_TABLES),
                signals.table());
    }

    /** The table of signals, which is published and never captured; null if there is none. */
    public @Nullable TableId signals() {
        return signals;
    }

    /** Whether the lists select the table. Allocates: for planning and for a table's first sight, not for each row. */
    public boolean includesTable(TableId table) {
        return !isSystemSchema(table.schema())
                && !table.equals(signals)
                && schemas.includes(table.schema())
                && tables.includes(table.toString());
    }

    /** Whether the column lists select the column. Says nothing of whether the table itself is selected. */
    public boolean includesColumn(TableId table, String column) {
        return columns.includes(table + "." + column);
    }

    /** Names of the columns that are the record key of this table; an empty list where its own key is. */
    public List<String> messageKey(TableId table) {
        return messageKeys.of(table);
    }

    /** Whether {@code table.include.list} spells out this table, and does not merely match it with a pattern. */
    public boolean spellsOut(TableId table) {
        return tables.include.spellsOut(table.toString());
    }

    /** An expression for the lists that matches this table alone, but for the case of its name. */
    public static String expressionFor(TableId table) {
        return table.toString().replaceAll("[^\\p{L}\\p{N}_ ]", "\\\\$0");
    }

    /** Whether {@code message.key.columns} spells out this table, and does not merely match it with a pattern. */
    public boolean spellsOutKey(TableId table) {
        return messageKeys.spellsOut(table);
    }

    /** What validation does about selected tables that cannot be captured. */
    public UnfitTables unfitTables() {
        return unfitTables;
    }

    /** Most tables and partitions that are captured. */
    public int mostTables() {
        return mostTables;
    }

    private static boolean isSystemSchema(String schema) {
        return SYSTEM_SCHEMAS.contains(schema) || TEMPORARY_SCHEMAS.stream().anyMatch(schema::startsWith);
    }

    /** One pair of lists, of which at most one is filled. */
    private record Selection(NamePatterns include, NamePatterns exclude) {

        static Selection from(SettingValues values, String include, String exclude) {
            return new Selection(NamePatterns.parse(values.text(include)), NamePatterns.parse(values.text(exclude)));
        }

        boolean includes(String name) {
            return include.isEmpty() ? !exclude.matches(name) : include.matches(name);
        }
    }
}
