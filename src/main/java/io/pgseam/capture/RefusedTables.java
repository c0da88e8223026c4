package io.pgseam.capture;

import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.catalog.Publication;
import io.pgseam.pg.catalog.PublicationMode;
import io.pgseam.pg.catalog.Publications;
import io.pgseam.pg.catalog.Relation;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * Finds the tables that the server refuses to add to the connector's publication, by asking it. Only the leader publishes tables, and it
 * cannot write to the control topic: so the stream task asks as well, in a transaction that it rolls back. The server is asked about a table
 * that waits to be captured, once in {@link SetAside#RETRY_REFUSED}.
 *
 * <p>For one thread.
 */
public final class RefusedTables {

    /** So many tables are asked about together. */
    private static final int MOST_AT_ONCE = 100;

    /** A statement that waits for a lock makes others wait behind it. */
    private static final String SHORT_LOCK_TIMEOUT = "SET lock_timeout = '200ms'";

    private final PgSeamSettings settings;

    /** What was found out about tables, by OID. */
    private final Map<Long, Answer> answers = new HashMap<>();

    /** @param refused why the table is set aside; null if the server would publish it */
    private record Answer(@Nullable SetAside refused, long atNanos) {
        boolean isOld(long now) {
            return now - atNanos > SetAside.RETRY_REFUSED.toNanos();
        }
    }

    public RefusedTables(PgSeamSettings settings) {
        this.settings = settings;
    }

    /**
     * Sets those of the tables that are not covered yet aside that the server refuses.
     *
     * @param session is in no transaction; its {@code lock_timeout} is changed
     * @throws SQLException if the server does not answer
     */
    public TableSelection settingAside(Connection session, TableSelection selection) throws SQLException {
        long now = System.nanoTime();
        answers.keySet().retainAll(selection.uncovered());
        answers.values().removeIf(answer -> answer.isOld(now));
        if (!answers.keySet().containsAll(selection.uncovered())) {
            ask(session, selection, now);
        }
        return selection.settingAside(answers.values().stream()
                .map(Answer::refused)
                .filter(refused -> refused != null)
                .toList());
    }

    private void ask(Connection session, TableSelection selection, long now) throws SQLException {
        if (Sessions.isWithStandby(session.unwrap(PgConnection.class))) {
            // A standby changes no publication.
            return;
        }
        Publications publications = new Publications(session);
        Publication publication =
                publications.find(settings.replication().publicationName()).orElse(null);
        if (settings.replication().publicationMode() != PublicationMode.FILTERED
                || publication == null
                || !publication.owned()
                || publication.allTables()) {
            return;
        }
        Set<Long> missing = publications.missing(publication, selection.names()).stream()
                .map(Relation::oid)
                .collect(Collectors.toSet());
        List<Relation> unknown = selection.captured().stream()
                .filter(table -> selection.uncovered().contains(table.oid()) && missing.contains(table.oid()))
                .filter(table -> !answers.containsKey(table.oid()))
                .toList();
        try (Statement statement = session.createStatement()) {
            statement.execute(SHORT_LOCK_TIMEOUT);
        }
        for (int done = 0; done < unknown.size(); done += MOST_AT_ONCE) {
            askAll(publications, unknown.subList(done, Math.min(done + MOST_AT_ONCE, unknown.size())), now);
        }
    }

    private void askAll(Publications publications, List<Relation> tables, long now) throws SQLException {
        SQLException refusal = refusal(publications, tables);
        for (Relation table : tables) {
            SQLException refused =
                    refusal == null || tables.size() == 1 ? refusal : refusal(publications, List.of(table));
            answers.put(
                    table.oid(),
                    new Answer(
                            refused == null
                                    ? null
                                    : SetAside.refused(table, settings.capture(), SqlErrors.describe(refused)),
                            now));
        }
    }

    /** What the server says if it refuses them; null if it would publish them, or a lock keeps it from saying so. */
    private @Nullable SQLException refusal(Publications publications, List<Relation> tables) throws SQLException {
        try {
            publications.tryToAdd(settings.replication().publicationName(), tables);
            return null;
        } catch (SQLException e) {
            if (SqlErrors.isLockNotAvailable(e) || SqlErrors.isLockTableFull(e)) {
                return null;
            }
            if (!SqlErrors.isRefusal(e)) {
                throw e;
            }
            return e;
        }
    }
}
