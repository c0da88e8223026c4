package io.pgseam.config;

import io.pgseam.pg.Lsn;
import io.pgseam.phase.SlotContinuation;
import io.pgseam.phase.SnapshotMode;
import io.pgseam.phase.StreamBegin;
import io.pgseam.phase.StreamEnd;
import io.pgseam.phase.StreamLimits;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigException;

/** The settings that say between which LSNs changes are streamed. */
final class LimitSettings {

    static final String BEGIN_LSN = "stream.begin.lsn";
    static final String END_LSN = "stream.end.lsn";

    static final String CONTINUE_LSN = "slot.continue.lsn";

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,19}");

    private LimitSettings() {}

    static void define(SettingGroup group) {
        group.text(
                        BEGIN_LSN,
                        null,
                        ConfigDef.LambdaValidator.with(LimitSettings::ensureLsnOrNumber, LimitSettings::form),
                        Importance.LOW,
                        "Where the stream begins if no offset is committed yet: another connector has sent what was committed"
                                + " before this LSN, and `slot.name` is its slot or a copy of that. An LSN, or `lsn_commit` of"
                                + " Debezium's offsets as it is. Needs `snapshot.mode=no_data`. Has no effect once offsets are"
                                + " committed.")
                .text(
                        END_LSN,
                        null,
                        ConfigDef.LambdaValidator.with(LimitSettings::ensureLsn, LimitSettings::form),
                        Importance.LOW,
                        "Where the stream ends, as an LSN in the form that `pg_current_wal_lsn()` has: what was committed"
                                + " before it is sent, a later transaction is not, and then the connector rests. The slot"
                                + " stays; with a later LSN, or none, the stream continues. If it is not set, the stream does not end.")
                .text(
                        CONTINUE_LSN,
                        null,
                        ConfigDef.LambdaValidator.with(LimitSettings::ensureLsn, LimitSettings::form),
                        Importance.LOW,
                        "Where the stream may continue if the slot was created again, as by `pg_upgrade`: its `confirmed_flush_lsn`."
                                + " You say with it that nothing was committed between what is in Kafka and this LSN. It holds only"
                                + " while the slot is at exactly this LSN, and is used up with the first commit of offsets.");
    }

    private static String form() {
        return "an LSN as PostgreSQL writes it, such as 16/B374D848";
    }

    private static void ensureLsn(String name, Object value) {
        if (value != null && !((String) value).isBlank() && !isLsn(((String) value).trim())) {
            throw new ConfigException(
                    name, value, "must be an LSN as PostgreSQL writes it, two hexadecimal numbers such as 16/B374D848");
        }
    }

    private static void ensureLsnOrNumber(String name, Object value) {
        if (value == null || !NUMBER.matcher(((String) value).trim()).matches()) {
            ensureLsn(name, value);
        } else if (lsn((String) value).equals(Lsn.NONE)) {
            throw new ConfigException(name, value, "is no LSN that anything was committed at");
        }
    }

    private static boolean isLsn(String text) {
        try {
            return !Lsn.parse(text).equals(Lsn.NONE);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Debezium's offsets have an LSN as a decimal number. */
    private static Lsn lsn(String text) {
        return NUMBER.matcher(text.trim()).matches() ? new Lsn(Long.parseUnsignedLong(text.trim())) : Lsn.parse(text);
    }

    static void check(SettingValues values, Consumer<Fault> faults) {
        if (!values.valid(SnapshotSettings.MODE)) {
            return;
        }
        SnapshotMode mode = values.choice(SnapshotSettings.MODE, SnapshotMode.class);
        if (isSet(values, END_LSN) && mode == SnapshotMode.INITIAL_ONLY) {
            faults.accept(new Fault(
                    END_LSN,
                    "nothing is streamed with " + SnapshotSettings.MODE + " = initial_only: remove one of the two"));
        }
        if (isSet(values, BEGIN_LSN) && mode != SnapshotMode.NO_DATA) {
            faults.accept(new Fault(
                    BEGIN_LSN,
                    "rows that are copied show what was committed up to their copy: set " + SnapshotSettings.MODE
                            + " = no_data, or remove it"));
        }
    }

    private static boolean isSet(SettingValues values, String name) {
        return values.valid(name) && values.optionalText(name).isPresent();
    }

    static StreamLimits from(SettingValues values) {
        return new StreamLimits(
                values.optionalText(BEGIN_LSN)
                        .map(LimitSettings::lsn)
                        .map(StreamBegin::new)
                        .orElse(null),
                values.optionalText(END_LSN)
                        .map(text -> new StreamEnd(Lsn.parse(text).endOfRecordBefore()))
                        .orElse(null),
                values.optionalText(CONTINUE_LSN)
                        .map(Lsn::parse)
                        .map(SlotContinuation::new)
                        .orElse(null));
    }
}
