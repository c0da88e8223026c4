package io.pgseam.tool.verify;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TextRow;
import io.pgseam.record.flat.FlatRowEncoder;
import io.pgseam.record.flat.FlatSettings;
import io.pgseam.record.flat.UnrepresentableValues;
import io.pgseam.tool.outcome.CommandFailure;
import io.pgseam.tool.target.Target;
import io.pgseam.tool.verify.Suspects.Suspect;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether the tables of a target have the rows of the source.
 *
 * <p>First both are read as a whole, and reduced to hashes in files ({@link #read}). That finds rows that are equal as of the snapshot's LSN.
 * The target is written to meanwhile: a row that is newer there than the snapshot, or is gone there, may be right or not. These rows, and those
 * that differ, are looked up by their keys, at a newer snapshot each time ({@link #lookUp}), until each is found equal or different.
 *
 * <p>The target has to have loaded what was committed before the snapshot's LSN, each time.
 */
public final class TargetCheck {

    /** So many rows, give or take, are compared at a time. */
    private static final long ROWS_PER_BUCKET = 100_000;

    private static final int MOST_BITS = 8;

    /** A row of PostgreSQL has at least so many bytes in its table. */
    private static final int SMALLEST_ROW = 32;

    private static final int BATCH = 500;

    private final Target target;
    private final FlatSettings flat;
    private final Path workDirectory;
    private final Progress progress;
    private final int named;

    /**
     * @param flat how the connector renders rows
     * @param workDirectory for files: some 40 bytes and the key for each row of each end
     * @param named how many differences of a table are named
     */
    public TargetCheck(Target target, FlatSettings flat, Path workDirectory, Progress progress, int named) {
        this.target = target;
        this.flat = new FlatSettings(Set.of(), flat.unrepresentable(), null);
        this.workDirectory = workDirectory;
        this.progress = progress;
        this.named = named;
    }

    /**
     * Reads a table at both ends.
     *
     * @param source the source as of an LSN. The target has everything that was committed before
     * @return what is known then; the caller closes it
     */
    public TargetComparison read(SourceSnapshot source, ComparedTable table) {
        TargetComparison comparison = new TargetComparison(table, workDirectory, named);
        long rows = bytes(table) / SMALLEST_ROW;
        int bits = 0;
        while (bits < MOST_BITS && rows >> bits > ROWS_PER_BUCKET) {
            bits++;
        }
        try (Buckets ofSource = new Buckets(workDirectory, bits);
                Buckets ofTarget = new Buckets(workDirectory, bits)) {
            long sourceRows = readSource(source, table, ofSource);
            long targetRows = readTarget(table, source.lsn(), sourceRows, ofTarget);
            comparison.read(sourceRows, targetRows);
            new BucketComparison(table, comparison).compare(ofSource, ofTarget);
            comparison.suspects().finish();
        } catch (RuntimeException e) {
            comparison.close();
            throw e;
        }
        return comparison;
    }

    private static long bytes(ComparedTable table) {
        return table.source().leaves().stream().mapToLong(leaf -> leaf.bytes()).sum();
    }

    private long readSource(SourceSnapshot source, ComparedTable table, Buckets to) {
        progress.begin("bytes of " + table.source().id() + " in the source", bytes(table));
        SourceRows rows = new SourceRows(table);
        long[] count = {0};
        source.read(table.source(), row -> {
            ComparedRow found = rows.of(row);
            count[0]++;
            BucketComparison.write(table, found, 0, to);
            progress.add(row.bytes().length);
        });
        to.finish();
        return count[0];
    }

    private long readTarget(ComparedTable table, Lsn lsn, long expected, Buckets to) {
        progress.begin("rows of " + table.name() + " in " + target.kind().displayName(), expected);
        ComparedRow found = new ComparedRow(table);
        long[] count = {0};
        target.scan(new TargetQueries(table).rows(), table.fields(), row -> {
            found.readTarget(row);
            count[0] += found.deleted() ? 0 : 1;
            int flags =
                    (found.isShownAt(lsn) ? 0 : BucketComparison.MOVED) | (found.deleted() ? ReplayedRows.DELETED : 0);
            BucketComparison.write(table, found, flags, to);
            progress.add(1);
        });
        to.finish();
        return count[0];
    }

    /** Renders rows of the source as the connector does. */
    private final class SourceRows {

        private final FlatRowEncoder encoder;
        private final ComparedRow row;
        private final ComparedTable table;
        private final TextRow captured = new TextRow();

        SourceRows(ComparedTable table) {
            this.table = table;
            row = new ComparedRow(table);
            encoder = new FlatRowEncoder(
                    table.source().id(), table.source().columns(), flat, new UnrepresentableValues(Clock.systemUTC()));
        }

        ComparedRow of(TextRow text) {
            try {
                row.readSource(encoder.upsert(text, 0, 0, false, 0));
                return row;
            } catch (MalformedRowException e) {
                throw new CommandFailure(
                        "a row of " + table.source().id() + " is rendered as no JSON object: " + e.getMessage(), e);
            }
        }

        /** A row that has more fields behind the captured ones. */
        ComparedRow ofFirst(TextRow text) {
            captured.reset(text.bytes());
            for (int i = 0; i < table.source().columns().size(); i++) {
                if (text.isNull(i)) {
                    captured.addNull();
                } else {
                    captured.addValue(text.start(i), text.length(i));
                }
            }
            return of(captured);
        }
    }

    /**
     * Looks up what is open of a table.
     *
     * @param source the source as of a newer LSN than before. The target has everything that was committed before
     * @param comparison what is known; rows that changed again stay open
     */
    public void lookUp(SourceSnapshot source, TargetComparison comparison) {
        ComparedTable table = comparison.table();
        boolean same = source.tables().stream()
                .anyMatch(found -> found.oid() == table.source().oid()
                        && found.columns().equals(table.source().columns()));
        if (!same) {
            comparison.altered();
            return;
        }
        Suspects suspects = comparison.suspects();
        Suspects rest = comparison.newSuspects();
        progress.begin("rows of " + table.source().id() + ", one by one", suspects.count());
        try {
            Lookup lookup = new Lookup(comparison, source.lsn(), rest);
            source.lookUp(table.source(), rows -> suspects.read(BATCH, batch -> lookup.compare(batch, rows)));
        } catch (RuntimeException e) {
            rest.close();
            throw e;
        }
        rest.finish();
        comparison.continueWith(rest);
    }

    /** A row of the source. */
    private record SourceRow(List<byte @Nullable []> values, long version) {}

    /** Rows of the target that have one key. */
    private record TargetRow(List<byte @Nullable []> values, boolean shown, boolean deleted, int copies) {}

    /** Compares rows by their values. */
    private final class Lookup {

        private final ComparedTable table;
        private final TargetComparison comparison;
        private final Lsn lsn;
        private final Suspects rest;
        private final SourceRows sourceRows;
        private final SourceKeys sourceKeys;
        private final TargetQueries queries;
        private final ComparedRow targetRow;
        private long lacking;

        Lookup(TargetComparison comparison, Lsn lsn, Suspects rest) {
            this.table = comparison.table();
            this.comparison = comparison;
            this.lsn = lsn;
            this.rest = rest;
            this.sourceRows = new SourceRows(table);
            this.sourceKeys = new SourceKeys(table);
            this.queries = new TargetQueries(table);
            this.targetRow = new ComparedRow(table);
        }

        void compare(List<Suspect> batch, SourceSnapshot.Lookup rows) {
            progress.add(batch.size());
            List<RowKey> keys =
                    batch.stream().map(Suspect::key).filter(RowKey::isWhole).toList();
            if (comparison.isFull() || lacking >= TargetComparison.MOST_DIFFERENCES || keys.isEmpty()) {
                batch.forEach(suspect -> rest.add(suspect.key(), suspect.lackedVersion()));
                return;
            }
            Map<String, SourceRow> ofSource = source(keys, rows);
            Map<String, TargetRow> ofTarget = target(keys);
            comparison.lookedUp(keys.size());
            for (Suspect suspect : batch) {
                String name = suspect.key().text();
                compare(suspect, ofSource.get(name), ofTarget.get(name));
            }
        }

        private Map<String, SourceRow> source(List<RowKey> keys, SourceSnapshot.Lookup rows) {
            Map<String, SourceRow> found = new HashMap<>();
            int version = table.source().columns().size();
            rows.find(sourceKeys.condition(keys), text -> {
                long xmin = Long.parseLong(text.text(version));
                ComparedRow row = sourceRows.ofFirst(text);
                found.put(row.key().text(), new SourceRow(row.values(), xmin));
            });
            return found;
        }

        private Map<String, TargetRow> target(List<RowKey> keys) {
            Map<String, TargetRow> found = new HashMap<>();
            target.scan(queries.rows(keys), table.fields(), text -> {
                targetRow.readTarget(text);
                TargetRow row = new TargetRow(targetRow.values(), targetRow.isShownAt(lsn), targetRow.deleted(), 1);
                found.merge(
                        targetRow.key().text(),
                        row,
                        (one, other) ->
                                new TargetRow(other.values(), one.shown() && other.shown(), false, one.copies() + 1));
            });
            return found;
        }

        private void compare(Suspect suspect, @Nullable SourceRow inSource, @Nullable TargetRow inTarget) {
            RowKey key = suspect.key();
            if (!key.isWhole()) {
                rest.add(key, 0);
            } else if (inTarget == null) {
                compareWithNone(suspect, inSource);
            } else if (!inTarget.shown()) {
                rest.add(key, 0);
            } else if (inTarget.copies() > 1) {
                comparison.different(key, List.of(), inTarget.copies());
            } else if (inTarget.deleted()) {
                if (inSource != null) {
                    comparison.missing(key);
                }
            } else if (inSource == null) {
                comparison.extra(key);
            } else {
                List<String> columns = differing(inSource.values(), inTarget.values());
                if (!columns.isEmpty()) {
                    comparison.different(key, columns, 1);
                }
            }
        }

        /**
         * The row may have been deleted after the snapshot. If a later snapshot shows the same version of it, it was not, and the target
         * lacked it.
         */
        private void compareWithNone(Suspect suspect, @Nullable SourceRow inSource) {
            if (inSource == null) {
                return;
            }
            if (inSource.version() == suspect.lackedVersion()) {
                comparison.missing(suspect.key());
            } else {
                lacking++;
                rest.add(suspect.key(), inSource.version());
            }
        }

        private List<String> differing(List<byte @Nullable []> one, List<byte @Nullable []> other) {
            List<String> columns = new ArrayList<>();
            for (int i = 0; i < one.size(); i++) {
                ColumnMatch match = table.columns().get(i);
                byte[] source = one.get(i);
                byte[] found = other.get(i);
                boolean same = (source == null || found == null) ? source == found : match.same(source, found);
                if (!same) {
                    columns.add(match.column().name());
                }
            }
            return columns;
        }
    }
}
