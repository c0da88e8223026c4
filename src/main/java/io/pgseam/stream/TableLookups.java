package io.pgseam.stream;

import io.pgseam.pg.Column;
import io.pgseam.pg.DatabaseEncoding;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.copy.CopyRowParser;
import io.pgseam.pg.session.Sessions;
import io.pgseam.pg.session.SnapshotHolder;
import io.pgseam.pg.session.SqlErrors;
import io.pgseam.record.UnfitTableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.PSQLState;
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
    private static final long VISIBILITY_NANOS = Duration.ofMillis(1).toNanos();
    private static final long WAITING_LOG_NANOS = Duration.ofSeconds(10).toNanos();

    /** How often a table may be found to have another name than a moment ago. */
    private static final int MOST_ATTEMPTS = 5;

    /**
     * What the server says where a table, a column or a type is not what it was: undefined table, column, schema and object;
     * wrong object type.
     */
    private static final Set<String> ALTERED = Set.of("42P01", "42703", "3F000", "42704", "42809");

    private static final String END_SAVEPOINT = "ROLLBACK TO SAVEPOINT lookup; RELEASE SAVEPOINT lookup";

    private static final String NOT_ALLOWED = "42501";

    /** Classes of SQLSTATE: feature not supported, data exception, syntax error or access rule violation. */
    private static final List<String> TABLE_FAULTS = List.of("0A", "22", "42");

    private final Sessions sessions;
    private final String snapshot;
    private final String view;
    private final long mostBytes;
    private final UnconvertedValues unconverted;

    private final Map<Long, LookupTarget> targets = new HashMap<>();

    /** Of each relation by its OID, the number of each column by any name that it was seen with. */
    private final Map<Long, Map<String, Integer>> attributes = new HashMap<>();

    private @Nullable PgConnection session;

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
        this.snapshot = snapshot;
        this.view = view;
        this.mostBytes = mostBytes;
    }

    @Override
    public void answer(List<Lookup> lookups, Progress progress) throws SQLException {
        try {
            // First of all: a snapshot that nobody holds any more is no fault of a table.
            session();
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
        if (!snapshot.isEmpty()) {
            // An anchor's snapshot shows every commit before it, and no others are streamed while catching up.
            return lookups.size();
        }
        String now = awaitVisibleIn(session(), lookups.get(0).transactionId(), progress);
        int count = 1;
        while (count < lookups.size()
                && SnapshotText.shows(now, lookups.get(count).transactionId())) {
            count++;
        }
        return count;
    }

    @Override
    public void awaitVisible(long transactionId, Progress progress) throws SQLException {
        if (!snapshot.isEmpty()) {
            return;
        }
        // Rarely asked, so no session is kept for it.
        try (PgConnection present = sessions.open("visibility")) {
            awaitVisibleIn(present, transactionId, progress);
        }
    }

    /** Waits for a snapshot that shows a transaction which is known to have committed, and gives its text. */
    private static String awaitVisibleIn(PgConnection session, long transactionId, Progress progress)
            throws SQLException {
        long lastLog = System.nanoTime();
        String now = snapshotNow(session);
        while (!SnapshotText.shows(now, transactionId)) {
            if (System.nanoTime() - lastLog >= WAITING_LOG_NANOS) {
                lastLog = System.nanoTime();
                LOG.warn(
                        "Transaction {} is in the WAL but not visible yet: its commit waits, perhaps for a synchronous"
                                + " standby, and the stream waits for it",
                        transactionId);
            }
            progress.goesOn();
            LockSupport.parkNanos(VISIBILITY_NANOS);
            now = snapshotNow(session);
        }
        return now;
    }

    private static String snapshotNow(PgConnection session) throws SQLException {
        try (Statement statement = session.createStatement();
                ResultSet result = statement.executeQuery("SELECT pg_catalog.pg_current_snapshot()::text")) {
            result.next();
            return result.getString(1);
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
                CopyOut copy = copy(statement.sql((long) (bytes / expansion(relation))), relation, waits, progress);
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
        if (snapshot.isEmpty()) {
            return LookupTarget.read(session(), oid);
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
        inSnapshot(END_SAVEPOINT);
        return right;
    }

    /**
     * Starts to read. If another session has locked the table, waits as long as that takes, without giving the slot up: to read it again
     * would end here again.
     *
     * @param waits whether to wait longer than for a moment
     * @return null if the table is locked, and the lock is not waited for
     */
    private @Nullable CopyOut copy(String sql, CapturedRelation relation, boolean waits, Progress progress)
            throws SQLException {
        long since = System.nanoTime();
        LockWaitLog wait = null;
        try {
            while (true) {
                inSnapshot("SAVEPOINT lookup");
                try {
                    CopyOut copy = session().getCopyAPI().copyOut(sql);
                    if (wait != null) {
                        wait.granted();
                    }
                    return copy;
                } catch (SQLException e) {
                    if (!SqlErrors.isLockNotAvailable(e)) {
                        throw e;
                    }
                }
                inSnapshot(END_SAVEPOINT);
                if (!waits) {
                    return null;
                }
                progress.goesOn();
                if (wait == null) {
                    wait = new LockWaitLog(sessions, session().getBackendPID(), relation.id(), since);
                }
            }
        } finally {
            if (wait != null) {
                wait.close();
            }
        }
    }

    /**
     * The transaction that holds the snapshot would keep the lock on the table, and an ALTER TABLE that waits for it would keep
     * the application's statements waiting (invariant I12).
     */
    private void inSnapshot(String savepoint) throws SQLException {
        if (!snapshot.isEmpty()) {
            try (Statement statement = session().createStatement()) {
                statement.execute(savepoint);
            }
        }
    }

    private void take(Lookup lookup, TextRow line, List<Integer> fields, CapturedRelation relation)
            throws SQLException {
        if (line.length(2) != 1 || line.bytes()[line.start(2)] != 't') {
            lookup.foundNothing();
            return;
        }
        if (unconverted.include(relation)) {
            DatabaseEncoding encoding =
                    new DatabaseEncoding(String.valueOf(session().getParameterStatus("server_encoding")));
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

    private PgConnection session() throws SQLException {
        PgConnection open = session;
        if (open == null) {
            open = sessions.open("toast");
            session = open;
            try (Statement statement = open.createStatement()) {
                // A row that is hidden must not pass for one that is gone. By the key, however large or small the table
                // seems; compiling such a query takes longer than running it. While a lock is waited for, the slot's
                // session
                // has to be kept alive.
                statement.execute(
                        "SET lock_timeout = '1s'; SET row_security = off; SET enable_seqscan = off; SET jit = off;"
                                + " SET max_parallel_workers_per_gather = 0");
            }
            if (!snapshot.isEmpty() && !SnapshotHolder.imports(open, snapshot, view)) {
                throw new SQLException(
                        "no session holds snapshot " + snapshot + " any more", PSQLState.UNDEFINED_OBJECT.getState());
            }
        }
        return open;
    }

    @Override
    public void close() {
        PgConnection open = session;
        session = null;
        Sessions.abortQuietly(open);
    }
}
