package io.pgseam.leader;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.ledger.Ledger;
import io.pgseam.phase.PlanState;

/** Finds slot and publication of a connector that an earlier release began. */
public final class EarlierNames {

    private EarlierNames() {}

    /**
     * The settings, with the names that slot and publication have: those that they had when the connector began. A name that several
     * prefixes may share is never looked for on the server: there it may be another connector's.
     *
     * @param ledger over the connector's offsets
     */
    public static PgSeamSettings resolve(PgSeamSettings settings, Ledger ledger) {
        if (!settings.replication().hasOtherNamesThanEarlier()) {
            return settings;
        }
        PlanState plan = ledger.plan();
        return plan != null && plan.earlierNames() ? settings.withEarlierNames() : settings;
    }
}
