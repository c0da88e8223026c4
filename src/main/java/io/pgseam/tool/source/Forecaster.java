package io.pgseam.tool.source;

import io.pgseam.capture.SetAside;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.Column;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.catalog.Leaf;
import io.pgseam.pg.catalog.ServerCatalog;
import io.pgseam.pg.catalog.ServerState;
import io.pgseam.snapshot.ChunkSize;
import io.pgseam.snapshot.CopyPlan;
import io.pgseam.snapshot.PlannedRelation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/** Forecasts a copy from the catalogue and the planner's statistics, with the connector's own rules for chunks. */
public final class Forecaster {

    private static final String ROWS = "SELECT c.oid, c.reltuples FROM pg_class c WHERE c.oid = ANY (?::oid[])";

    private static final String WIDTHS = """
            SELECT c.oid, s.attname, s.avg_width, s.null_frac
              FROM pg_class c
              JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND NOT s.inherited
             WHERE c.oid = ANY (?::oid[])
            """;

    private static final String CONNECTIONS = """
            SELECT current_setting('max_connections')::int,
                   (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
            """;

    private final PgSeamSettings settings;
    private final Connection session;

    public Forecaster(PgSeamSettings settings, Connection session) {
        this.settings = settings;
        this.session = session;
    }

    /**
     * Looks at the catalogue, which locks each table in ACCESS SHARE mode for a moment.
     *
     * @param tasksMax the connector's {@code tasks.max}
     */
    public CopyForecast forecast(int tasksMax) throws SQLException {
        CaptureCatalog catalog = new CaptureCatalog(settings, session);
        List<SetAside> setAside = catalog.setAside();
        Set<Long> left = setAside.stream().map(SetAside::oid).collect(Collectors.toSet());
        List<CapturedTable> tables = catalog.tables().stream()
                .filter(table -> !left.contains(table.oid()))
                .toList();
        long chunkBytes = ChunkSize.bytes(tables, settings.snapshot().chunkBytes(), tasksMax);
        CopyPlan plan = CopyPlan.of(tables, chunkBytes, catalog.blockSize(), 1);
        Map<TableId, Long> chunks = plan.relations().stream()
                .collect(Collectors.groupingBy(
                        relation -> relation.table().id(), Collectors.summingLong(PlannedRelation::chunks)));
        List<Long> leaves = tables.stream()
                .flatMap(table -> table.leaves().stream())
                .map(Leaf::oid)
                .toList();
        Map<Long, Double> rows = rows(leaves);
        Map<Long, Map<String, Double>> widths = widths(leaves);
        List<CopyForecast.Table> forecasts = new ArrayList<>();
        for (CapturedTable table : tables) {
            forecasts.add(new CopyForecast.Table(
                    table.id(),
                    settings.topics().topicFor(table.id()),
                    table.leaves().size(),
                    table.leaves().stream().mapToLong(Leaf::bytes).sum(),
                    rows(table, rows),
                    messageBytes(table, rows, widths),
                    chunks.getOrDefault(table.id(), 0L),
                    table.columns().stream()
                            .filter(Column::isKey)
                            .sorted(Comparator.comparingInt(Column::keyPosition))
                            .map(Column::name)
                            .toList(),
                    table.replicaIdentity()));
        }
        forecasts.sort(
                Comparator.comparingLong(CopyForecast.Table::bytes).reversed().thenComparing(CopyForecast.Table::id));
        int tasks = (int) Math.max(1, Math.min(tasksMax, plan.chunks()));
        return new CopyForecast(forecasts, tasks, settings.snapshot().strideBytes(), setAside, room());
    }

    private static OptionalLong rows(CapturedTable table, Map<Long, Double> rows) {
        return table.leaves().stream().allMatch(leaf -> rows.containsKey(leaf.oid()))
                ? OptionalLong.of(Math.round(table.leaves().stream()
                        .mapToDouble(leaf -> rows.getOrDefault(leaf.oid(), 0.0))
                        .sum()))
                : OptionalLong.empty();
    }

    private OptionalLong messageBytes(
            CapturedTable table, Map<Long, Double> rows, Map<Long, Map<String, Double>> widths) {
        if (rows(table, rows).isEmpty()) {
            return OptionalLong.empty();
        }
        MessageEstimate estimate = new MessageEstimate(table, settings.output().metadataFields());
        return OptionalLong.of(Math.round(table.leaves().stream()
                .mapToDouble(leaf ->
                        rows.getOrDefault(leaf.oid(), 0.0) * estimate.bytes(widths.getOrDefault(leaf.oid(), Map.of())))
                .sum()));
    }

    /** Estimated rows of each relation; one that was never analyzed is left out. */
    private Map<Long, Double> rows(List<Long> relations) throws SQLException {
        Map<Long, Double> rows = new HashMap<>();
        try (PreparedStatement statement = session.prepareStatement(ROWS)) {
            statement.setArray(1, session.createArrayOf("oid", relations.toArray()));
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    if (found.getDouble(2) >= 0) {
                        rows.put(found.getLong(1), found.getDouble(2));
                    }
                }
            }
        }
        return rows;
    }

    /** Average bytes of each column of each relation, NULLs counted as nothing. */
    private Map<Long, Map<String, Double>> widths(List<Long> relations) throws SQLException {
        Map<Long, Map<String, Double>> widths = new HashMap<>();
        try (PreparedStatement statement = session.prepareStatement(WIDTHS)) {
            statement.setArray(1, session.createArrayOf("oid", relations.toArray()));
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    widths.computeIfAbsent(found.getLong(1), unused -> new HashMap<>())
                            .put(found.getString(2), found.getInt(3) * (1 - found.getDouble(4)));
                }
            }
        }
        return widths;
    }

    private CopyForecast.ServerRoom room() throws SQLException {
        ServerCatalog server = new ServerCatalog(session);
        ServerState state = server.server();
        boolean slotExists = server.slot(settings.replication().slotName()).isPresent();
        try (PreparedStatement statement = session.prepareStatement(CONNECTIONS);
                ResultSet found = statement.executeQuery()) {
            found.next();
            return new CopyForecast.ServerRoom(
                    found.getInt(1), found.getInt(2), state.maxSlots(), state.usedSlots(), slotExists);
        }
    }
}
