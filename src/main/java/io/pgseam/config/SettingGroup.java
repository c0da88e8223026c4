package io.pgseam.config;

import java.util.List;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.jspecify.annotations.Nullable;

/** Adds the settings of one group to a definition, in the order in which they are documented. */
final class SettingGroup {

    private final ConfigDef definition;
    private final String name;
    private int order;

    SettingGroup(ConfigDef definition, String name) {
        this.definition = definition;
        this.name = name;
    }

    /** A text that has to be given. */
    SettingGroup required(String setting, ConfigDef.Validator validator, String documentation) {
        return add(setting, Type.STRING, ConfigDef.NO_DEFAULT_VALUE, validator, Importance.HIGH, documentation);
    }

    /** A text; {@code fallback} is null where there is no value by default. */
    SettingGroup text(
            String setting,
            @Nullable String fallback,
            ConfigDef.@Nullable Validator validator,
            Importance importance,
            String documentation) {
        return add(setting, Type.STRING, fallback, validator, importance, documentation);
    }

    /** A password, which is never shown. */
    SettingGroup secret(String setting, Importance importance, String documentation) {
        return add(setting, Type.PASSWORD, null, null, importance, documentation);
    }

    SettingGroup number(
            String setting, int fallback, ConfigDef.Validator validator, Importance importance, String documentation) {
        return add(setting, Type.INT, fallback, validator, importance, documentation);
    }

    SettingGroup flag(String setting, boolean fallback, Importance importance, String documentation) {
        return add(setting, Type.BOOLEAN, fallback, null, importance, documentation);
    }

    /** A flag whose default depends on other settings. */
    SettingGroup optionalFlag(String setting, Importance importance, String documentation) {
        return add(setting, Type.BOOLEAN, null, null, importance, documentation);
    }

    /** One constant of an enum; which is the default depends on other settings. */
    SettingGroup optionalChoice(
            String setting, Class<? extends Enum<?>> type, Importance importance, String documentation) {
        Choice validator = new Choice(type);
        ConfigDef.Validator ifPresent = ConfigDef.LambdaValidator.with(
                (name, value) -> {
                    if (value != null) {
                        validator.ensureValid(name, value);
                    }
                },
                validator::toString);
        return add(setting, Type.STRING, null, ifPresent, importance, documentation);
    }

    /** A size in bytes, written like {@code 16MB}. */
    SettingGroup size(String setting, String fallback, String minimum, Importance importance, String documentation) {
        return add(setting, Type.STRING, fallback, ByteSize.atLeast(minimum), importance, documentation);
    }

    /** A size in bytes, written like {@code 16MB}, or 0. */
    SettingGroup sizeOrZero(
            String setting, String fallback, String minimum, Importance importance, String documentation) {
        ByteSize size = ByteSize.atLeast(minimum);
        ConfigDef.Validator validator = ConfigDef.LambdaValidator.with(
                (name, value) -> {
                    if (!"0".equals(String.valueOf(value).trim())) {
                        size.ensureValid(name, value);
                    }
                },
                () -> size + ", or 0");
        return add(setting, Type.STRING, fallback, validator, importance, documentation);
    }

    /** A size in bytes that has no value by default. */
    SettingGroup optionalSize(String setting, String minimum, Importance importance, String documentation) {
        ByteSize size = ByteSize.atLeast(minimum);
        ConfigDef.Validator unlessUnset = ConfigDef.LambdaValidator.with(
                (name, value) -> {
                    if (value != null) {
                        size.ensureValid(name, value);
                    }
                },
                size::toString);
        return add(setting, Type.STRING, null, unlessUnset, importance, documentation);
    }

    /** One constant of an enum. */
    <E extends Enum<E>> SettingGroup choice(String setting, E fallback, Importance importance, String documentation) {
        Choice validator = new Choice(fallback.getDeclaringClass());
        return add(setting, Type.STRING, Choice.text(fallback), validator, importance, documentation);
    }

    /** A list, separated by commas. */
    SettingGroup list(
            String setting,
            List<String> fallback,
            ConfigDef.Validator validator,
            Importance importance,
            String documentation) {
        return add(setting, Type.LIST, fallback, validator, importance, documentation);
    }

    private SettingGroup add(
            String setting,
            Type type,
            @Nullable Object fallback,
            ConfigDef.@Nullable Validator validator,
            Importance importance,
            String documentation) {
        order++;
        Width width = type == Type.STRING || type == Type.LIST ? Width.MEDIUM : Width.SHORT;
        definition.define(setting, type, fallback, validator, importance, documentation, name, order, width, setting);
        return this;
    }
}
