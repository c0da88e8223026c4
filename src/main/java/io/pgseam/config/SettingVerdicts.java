package io.pgseam.config;

import io.pgseam.config.DebeziumSetting.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Collects settings of Debezium's with what becomes of them: a verdict first, then the names that it holds for. */
final class SettingVerdicts {
    private final List<DebeziumSetting> settings = new ArrayList<>();
    private Verdict verdict = Verdict.SAME;
    private Set<String> harmless = Set.of();
    private String meaning = "";
    private String expression = "";

    private SettingVerdicts verdict(Verdict newVerdict, Set<String> newHarmless, String newMeaning) {
        verdict = newVerdict;
        harmless = newHarmless;
        meaning = newMeaning;
        expression = "";
        return this;
    }

    SettingVerdicts same(String... names) {
        return verdict(Verdict.SAME, Set.of(), "").named(names);
    }

    SettingVerdicts differs(String what) {
        return verdict(Verdict.DIFFERS, Set.of(), what);
    }

    SettingVerdicts differsFor(String names, String what) {
        differs(what);
        expression = names;
        return this;
    }

    SettingVerdicts noEffect(String why) {
        return verdict(Verdict.NO_EFFECT, Set.of(), why);
    }

    SettingVerdicts noEffectFor(Set<String> values, String otherwise) {
        return verdict(Verdict.WARNS, values, otherwise);
    }

    SettingVerdicts warns(String what) {
        return verdict(Verdict.WARNS, Set.of(), what);
    }

    SettingVerdicts warnsUnless(Set<String> values, String what) {
        return verdict(Verdict.WARNS, values, what);
    }

    SettingVerdicts warnsFor(String names, String what) {
        warns(what);
        expression = names;
        return this;
    }

    SettingVerdicts refused(String why) {
        return verdict(Verdict.REFUSED, Set.of(), why);
    }

    SettingVerdicts refusedUnless(Set<String> values, String why) {
        return verdict(Verdict.REFUSED, values, why);
    }

    SettingVerdicts dangerous(String names, String why) {
        verdict(Verdict.DANGEROUS, Set.of(), why);
        expression = names;
        return this;
    }

    SettingVerdicts dangerousUnless(Set<String> values, String why) {
        return verdict(Verdict.DANGEROUS, values, why);
    }

    SettingVerdicts named(String... names) {
        Pattern pattern = expression.isEmpty() ? null : Pattern.compile(expression);
        for (String name : names) {
            settings.add(new DebeziumSetting(name, pattern, verdict, harmless, meaning));
        }
        return this;
    }

    List<DebeziumSetting> all() {
        return List.copyOf(settings);
    }
}
