package io.pgseam.capture;

import io.pgseam.config.CaptureFilter;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.Relation;
import java.time.Duration;

/**
 * A selected table that is not captured.
 *
 * @param oid its OID
 * @param table its name
 * @param spelledOut whether a setting names just this table
 * @param reason the kind of reason
 * @param setting the setting at which validation reports it
 * @param detail what exactly is wrong
 * @param remedy what to do, as an imperative
 */
public record SetAside(
        long oid, TableId table, boolean spelledOut, Unfitness reason, String setting, String detail, String remedy) {

    /** How long the server's refusal to publish a table holds; then it is asked again. */
    public static final Duration RETRY_REFUSED = Duration.ofMinutes(10);

    /**
     * A table that the server refuses to add to the publication.
     *
     * @param reason what the server says
     */
    public static SetAside refused(Relation table, CaptureFilter filter, String reason) {
        return of(
                table,
                filter,
                Unfitness.REFUSED,
                reason,
                "find out why ALTER PUBLICATION … ADD TABLE ONLY " + table.id().quoted()
                        + " fails. The connector tries again every " + RETRY_REFUSED.toMinutes() + " minutes");
    }

    private static SetAside of(Relation table, CaptureFilter filter, Unfitness reason, String detail, String remedy) {
        return new SetAside(
                table.oid(), table.id(), filter.spellsOut(table.id()), reason, reason.setting(), detail, remedy);
    }

    /** What is wrong. */
    public String why() {
        return reason.text() + " (" + detail + ")";
    }

    /** What is wrong, and what to do, in one line. */
    public String describe() {
        return "Table " + table.quoted() + " is set aside: " + why() + ". " + reason.consequence() + ". To capture it, "
                + remedy;
    }
}
