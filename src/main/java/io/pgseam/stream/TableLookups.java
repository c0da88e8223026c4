package io.pgseam.stream;

import io.pgseam.pg.Column;
import io.pgseam.pg.DatabaseEncoding;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.copy.CopyRowParser;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.record.UnfitTableException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers lookups from the tables: with one query for a table, however many they are.
 *
 * <p>A transaction is streamed as soon as it is in the WAL, and other sessions may see it a little later, or much later where
 * its commit waits for a synchronous standby. Until then the table would give what was before the change, and nothing would
 * correct it: so a lookup waits until its transaction is visible.
 *
 * <p>What the table gives may be newer than the change at hand. The change that made it newer follows in the stream, so the
 * last record of a key is right all the same. While catching up to an anchor the table is read at the anchor's snapshot, for
 * rows of done chunks are not read again there, and changes after the anchor are not streamed yet.
 */
final class TableLookups implements LookupReader {

    private static final Logger LOG = LoggerFactory.getLogger(TableLookups.class);

    /** How often a table may be found to have another name than a moment ago. */
    private static final int MOST_ATTEMPTS = 5;

    /**
     * What the server says where a table, a column or a type is not what it was: undefined table, column, schema and object;
     * wrong object type.
     */
    private static final Set<String> ALTERED = Set.of("42P01", "42703", "3F000", "42704", "42809");

    private static final String NOT_ALLOWED = "42501";

    /** Classes of SQLSTATE: feature not supported, data exception, syntax error or access rule violation. */
    private static final List<String> TABLE_FAULTS = List.of("0A", "22", "42");

    private final Sessions sessions;
    private final LookupSession session;
    private final long mostBytes;
    private final UnconvertedValues unconverted;

    private final Map<Long, LookupTarget> targets = new HashMap<>();

    /** Of each relation by its OID, the number of each column by any name that it was seen with. */
    private final Map<Long, Map<String, Integer>> attributes = new HashMap<>();

    /** How many bytes of text a byte of a relation's storage has become: values may be compressed. */
    private final Map<Long, Double> expansions = new HashMap<>();

    /**
     * @param snapshot the snapshot in which to read; empty for the present
     * @param view what that snapshot shows
     * @param mostBytes how many bytes of values may be read before they are routed, give or take a row
     * @param replaceInvalidText whether a text that cannot be converted to UTF-8 gets U+FFFD; else it is a failure
     */
    TableLookups(Sessions sessions, String snapshot, String view, long mostBytes, boolean replaceInvalidText) {
        this.unconverted = new UnconvertedValues(replaceInvalidText);
        this.sessions = sessions;
        this.session = new LookupSession(sessions, snapshot, view);
        this.mostBytes = mostBytes;
    }

    @Override
    public void answer(List<Lookup> lookups, Progress progress) throws SQLException {
        try {
            // First of all: a snapshot that no session holds any more is no fault of a table.
            session.open();
            List<Lookup> visible = lookups.subList(0, countVisible(lookups, progress));
            Map<CapturedRelation, List<Lookup>> byRelation = new LinkedHashMap<>();
            visible.forEach(lookup -> byRelation
                    .computeIfAbsent(lookup.relation(), unused -> new ArrayList<>())
                    .add(lookup));
            boolean first = true;
            for (Map.Entry<CapturedRelation, List<Lookup>> table : byRelation.entrySet()) {
                progress.goesOn();
                if (!answer(table.getKey(), table.getValue(), mostBytes / byRelation.size(), first, progress)) {
                    // What was changed before the first change of this table need not wait for its lock.
                    break;
                }
                first = false;
            }
            forgetAfterFirstUnanswered(visible);
        } catch (SQLException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** What waits behind a lookup without an answer would only take memory. */
    private static void forgetAfterFirstUnanswered(List<Lookup> lookups) {
        boolean answered = true;
        for (Lookup lookup : lookups) {
            answered &= lookup.isAnswered();
            if (!answered) {
                lookup.ask();
            }
        }
    }

    /** How many lookups from the first on belong to transactions that are visible; waits for the first one's. */
    private int countVisible(List<Lookup> lookups, Progress progress) throws SQLException {
        if (!session.showsPresent()) {
            // An anchor's snapshot shows every commit before it, and no others are streamed while catching up.
            return lookups.size();
        }
        String now = CommitVisibility.await(session.open(), lookups.get(0).transactionId(), progress);
        int count = 1;
        while (count < lookups.size()
                && SnapshotText.shows(now, lookups.get(count).transactionId())) {
            count++;
        }
        return count;
    }

    @Override
    public void awaitVisible(long transactionId, Progress progress) throws SQLException {
        if (!session.showsPresent()) {
            return;
        }
        // Rarely asked, so no session is kept for it.
        try (PgConnection present = sessions.open("visibility")) {
            CommitVisibility.await(present, transactionId, progress);
        }
    }

    /**
     * Answers the lookups of one table.
     *
     * @param waits whether to wait for a lock that another session has
     * @return false if it did not wait: then nothing is answered
     */
    private boolean answer(
            CapturedRelation relation, List<Lookup> lookups, long bytes, boolean waits, Progress progress)
            throws SQLException {
        LookupTarget target = targets.get(relation.oid());
        if (target == null) {
            target = find(relation);
        }
        BitSet wanted = new BitSet();
        lookups.forEach(lookup -> Arrays.stream(lookup.wanted()).forEach(wanted::set));
        for (int attempt = 1; target != null; attempt++) {
            try {
                Map<String, String> renamed = renamed(relation, lookups, wanted, target);
                LookupStatement statement =
                        new LookupStatement(relation, target, lookups, wanted, renamed, unconverted.include(relation));
                CopyOut copy = session.copy(
                        statement.sql((long) (bytes / expansion(relation))), relation.id(), waits, progress);
                if (copy == null) {
                    return false;
                }
                if (read(copy, statement, relation, lookups, bytes, progress)) {
                    return true;
                }
            } catch (UnfitTableException e) {
                lookups.forEach(lookup -> lookup.refused(String.valueOf(e.getMessage())));
                return true;
            } catch (SQLException e) {
                close();
                if (SqlErrors.isUnconvertible(e) && unconverted.begin(relation)) {
                    continue;
                }
                if (NOT_ALLOWED.equals(e.getSQLState())) {
                    String reason = SqlErrors.describe(e);
                    lookups.forEach(lookup -> lookup.refused(reason));
                    return true;
                }
                if (attempt > 1 || !ALTERED.contains(String.valueOf(e.getSQLState()))) {
                    if (!isOfTable(e)) {
                        throw e;
                    }
                    String reason = SqlErrors.describe(e);
                    lookups.forEach(lookup -> lookup.refused(reason));
                    return true;
                }
            }
            if (attempt == MOST_ATTEMPTS) {
                throw new SQLException("table " + relation.id() + " is being renamed again and again", "40001");
            }
            target = find(relation);
        }
        gone(relation, lookups);
        return true;
    }

    private double expansion(CapturedRelation relation) {
        return expansions.getOrDefault(relation.oid(), 1.0);
    }

    /** Looks for a relation where it is now; null where it is gone. */
    private @Nullable LookupTarget find(CapturedRelation relation) throws SQLException {
        LookupTarget target = describe(relation.oid());
        if (target == null) {
            targets.remove(relation.oid());
        } else {
            targets.put(relation.oid(), target);
            attributes
                    .computeIfAbsent(relation.oid(), unused -> new HashMap<>())
                    .putAll(target.attributes());
        }
        return target;
    }

    private @Nullable LookupTarget describe(long oid) throws SQLException {
        if (session.showsPresent()) {
            return LookupTarget.read(session.open(), oid);
        }
        // The snapshot shows what the table was called then, and a statement needs the name that it has now.
        try (PgConnection present = sessions.open("catalog")) {
            return LookupTarget.read(present, oid);
        }
    }

    /**
     * What columns are called now that had other names when the change was made.
     *
     * @throws UnfitTableException if a wanted column is not there under its name and may be there under another
     */
    private Map<String, String> renamed(
            CapturedRelation relation, List<Lookup> lookups, BitSet wanted, LookupTarget target) {
        Map<String, String> renamed = new HashMap<>();
        Map<String, Integer> known = attributes.getOrDefault(relation.oid(), Map.of());
        for (int field = 0; field < relation.columns().size(); field++) {
            Column column = relation.columns().get(field);
            String name = column.name();
            if (target.has(name) || !(column.inRowKey() || wanted.get(field))) {
                continue;
            }
            Integer number = known.get(name);
            String now = number == null ? null : target.nameOf(number);
            if (now != null) {
                renamed.put(name, now);
            } else if (number == null || column.inRowKey()) {
                String reason = "column \"" + name + "\" was dropped"
                        + (number == null ? " or renamed since, and which of both is not known" : "");
                throw new UnfitTableException(reason);
            } else {
                LOG.warn(
                        "Column \"{}\" of table {} was dropped before its large value could be read for updates at {} and"
                                + " after: they have NULL there",
                        name,
                        relation.id(),
                        lookups.get(0).commitLsn());
            }
        }
        return renamed;
    }

    private static void gone(CapturedRelation relation, List<Lookup> lookups) {
        LOG.warn(
                "Table {} was dropped before large values could be read for {} updates at {} and after: they are left out,"
                        + " and topic {} keeps what it has of these rows",
                relation.id(),
                lookups.size(),
                lookups.get(0).commitLsn(),
                relation.records().topic());
        lookups.forEach(Lookup::foundNothing);
    }

    /**
     * Reads values until all lookups are answered or there are too many bytes.
     *
     * @return false where the name of the table is that of another one by now
     */
    private boolean read(
            CopyOut copy,
            LookupStatement statement,
            CapturedRelation relation,
            List<Lookup> lookups,
            long bytes,
            Progress progress)
            throws SQLException {
        CopyRowParser parser = new CopyRowParser(
                LookupStatement.VALUES_FROM + statement.fields().size());
        TextRow line = new TextRow();
        boolean right = true;
        long read = 0;
        long values = 0;
        long stored = 0;
        int next = 0;
        for (byte[] row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
            read += row.length;
            progress.goesOn();
            parser.parse(row, 0, row.length, line);
            right &= !line.isNull(1) && number(line, 1) == relation.oid();
            stored = number(line, 3);
            for (int field = LookupStatement.VALUES_FROM; field < line.size(); field++) {
                values += Math.max(0, line.length(field));
            }
            boolean room = read <= bytes || next == 0;
            if (right && room && number(line, 0) == next) {
                take(lookups.get(next++), line, statement.fields(), relation);
            } else if (right && room) {
                LOG.warn("Table {} has several rows of one key, the first is taken", relation.id());
            }
            // What has no room is read to the end, to leave the session clean, and asked for again.
        }
        expansions.put(
                relation.oid(), Math.max(1, Math.max(expansion(relation) / 2, (double) values / Math.max(1, stored))));
        session.copied();
        return right;
    }

    private void take(Lookup lookup, TextRow line, List<Integer> fields, CapturedRelation relation)
            throws SQLException {
        if (line.length(2) != 1 || line.bytes()[line.start(2)] != 't') {
            lookup.foundNothing();
            return;
        }
        if (unconverted.include(relation)) {
            DatabaseEncoding encoding =
                    new DatabaseEncoding(String.valueOf(session.open().getParameterStatus("server_encoding")));
            lookup.found(unconverted.converted(lookup, line, fields, relation, encoding));
            return;
        }
        TextRow values = new TextRow();
        values.reset(line.bytes());
        for (int field : lookup.wanted()) {
            int place = LookupStatement.VALUES_FROM + fields.indexOf(field);
            if (place < LookupStatement.VALUES_FROM || line.isNull(place)) {
                values.addNull();
            } else {
                values.addValue(line.start(place), line.length(place));
            }
        }
        lookup.found(values);
    }

    private static long number(TextRow line, int field) {
        long number = 0;
        for (int i = 0; i < line.length(field); i++) {
            number = number * 10 + line.bytes()[line.start(field) + i] - '0';
        }
        return number;
    }

    /** Whether a failure is about what was to be read, and does not mend itself: the table was altered, or its values cannot be read. */
    private static boolean isOfTable(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        return SqlErrors.outcomeOf(failure) == SqlErrors.Outcome.PERMANENT
                && !SqlErrors.isUnknownSnapshot(failure)
                && TABLE_FAULTS.stream().anyMatch(state::startsWith);
    }

    @Override
    public void close() {
        session.close();
    }
}
