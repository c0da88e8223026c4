package io.pgseam.types;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Column;
import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import io.pgseam.pg.catalog.Catalog;
import io.pgseam.pg.copy.CopyRowParser;
import io.pgseam.pg.session.Sessions;
import io.pgseam.record.SnapshotPlace;
import io.pgseam.record.debezium.DebeziumSettings;
import io.pgseam.record.debezium.DebeziumTables;
import io.pgseam.record.flat.FlatRowEncoder;
import io.pgseam.record.flat.FlatSettings;
import io.pgseam.record.flat.UnrepresentableValues;
import io.pgseam.record.mask.ColumnMasks;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import io.pgseam.tool.dialect.ClickHouse;
import io.pgseam.tool.dialect.Doris;
import io.pgseam.tool.dialect.ServerVersion;
import io.pgseam.tool.dialect.Shape;
import io.pgseam.tool.dialect.StarRocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgConnection;

/** Holds {@code docs/types.md} against what real values of a real server become. */
class TypesDocIT {

    private static final String BEGIN = "<!-- types:begin -->\n";
    private static final String END = "<!-- types:end -->";

    /**
     * A column of the document that shows the examples in one format.
     *
     * @param heading what stands above it
     * @param renderer makes the texts
     */
    private record Format(String heading, Renderer renderer) {}

    /** Shows the example of each type in a format. */
    private interface Renderer {

        /**
         * The texts for the only row of the table {@code samples}, one for each column after the {@code id}.
         *
         * @param sessions sessions with the database of the table
         * @param columns all columns, the {@code id} first
         * @param row their fields
         */
        List<String> render(Sessions sessions, List<Column> columns, TextRow row) throws IOException, SQLException;
    }

    private static final List<Format> FORMATS = List.of(
            new Format("Flat JSON", TypesDocIT::flat),
            new Format("Debezium format", TypesDocIT::debezium),
            target("StarRocks column", shape -> new StarRocks(ServerVersion.parse("3.5")).type(shape, false, false)),
            target("Doris column", shape -> new Doris().type(shape, false, false)),
            target("ClickHouse column", shape -> new ClickHouse().type(shape, false)));

    @Test
    void theDocumentShowsWhatEveryTypeBecomes() throws Exception {
        try (TestDatabase database = PostgresServer.shared(18).createDatabase("types_doc")) {
            database.execute(TypeDefinitions.STATEMENTS.toArray(String[]::new));
            List<SampleType> types = EveryType.of(18, true);
            String document = Files.readString(Path.of("docs", "types.md"));
            assertThat(document).contains(BEGIN, END);
            String written = document.substring(document.indexOf(BEGIN) + BEGIN.length(), document.indexOf(END));
            String expected = table(types, examples(database, types));
            Files.writeString(Files.createDirectories(Path.of("target")).resolve("types.md"), expected);
            assertThat(written.strip())
                    .as("types in docs/types.md; the right text is in target/types.md")
                    .isEqualTo(expected.strip());
        }
    }

    /** For each format the texts of all types. */
    private static List<List<String>> examples(TestDatabase database, List<SampleType> types)
            throws SQLException, IOException {
        Judge judge = new Judge(database, types);
        judge.createTable();
        List<String> values = new ArrayList<>(List.of("1"));
        types.forEach(type -> values.add(type.values().get(0)));
        judge.fill(List.of(values));
        List<List<String>> examples = new ArrayList<>();
        database.execute("CREATE PUBLICATION samples FOR TABLE samples");
        try (Sessions sessions = new Sessions(database.connectionSettings());
                PgConnection session = sessions.open("types")) {
            List<Column> columns = columns(session);
            CopyOut copy = session.getCopyAPI().copyOut("COPY public.samples TO STDOUT");
            byte[] line = copy.readFromCopy();
            TextRow row = new TextRow();
            new CopyRowParser(columns.size()).parse(line, 0, line.length, row);
            assertThat(copy.readFromCopy()).isNull();
            for (Format format : FORMATS) {
                examples.add(format.renderer().render(sessions, columns, row));
            }
        }
        return examples;
    }

    /** The columns that the command line makes for the types, if they are not part of the key. */
    private static Format target(String heading, Function<Shape, String> type) {
        return new Format(
                heading,
                (sessions, columns, row) -> columns.stream()
                        .skip(1)
                        .map(column -> type.apply(Shape.of(column.type(), column.modifier(), 1)))
                        .toList());
    }

    private static List<Column> columns(PgConnection session) throws SQLException {
        return new Catalog(session)
                .capturedTables("samples", table -> true, (table, column) -> true)
                .get(0)
                .columns();
    }

    private static List<String> flat(Sessions sessions, List<Column> columns, TextRow row) throws IOException {
        FlatRowEncoder encoder = new FlatRowEncoder(
                new TableId("public", "samples"),
                columns,
                FlatSettings.defaults(),
                new UnrepresentableValues(Clock.systemUTC()));
        Map<String, String> fields = JsonFields.of(encoder.upsert(row, 1, 0, true, 0));
        return columns.stream()
                .skip(1)
                .map(column -> String.valueOf(fields.get(column.name())))
                .toList();
    }

    /** Value and type of the field, as a JsonConverter without schemas writes it with {@code decimal.format=numeric}. */
    private static List<String> debezium(Sessions sessions, List<Column> columns, TextRow row)
            throws IOException, SQLException {
        DebeziumSettings settings = new DebeziumSettings(
                "shop", "types_doc", true, true, false, Map.of("event.converting.failure.handling.mode", "warn"));
        TableId table = new TableId("public", "samples");
        SourceRecord record = new DebeziumTables(
                        settings,
                        sessions,
                        id -> "shop." + id,
                        Clock.systemUTC(),
                        ColumnMasks.NONE,
                        (any, column) -> true)
                .recordsOf(table, columns)
                .snapshotRow(row, SnapshotPlace.WITHIN, new Lsn(1), Map.of(), Map.of());
        Struct after = ((Struct) record.value()).getStruct("after");
        Map<String, String> fields;
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", "false", "decimal.format", "numeric"), false);
            fields = JsonFields.of(converter.fromConnectData("shop", after.schema(), after));
        }
        return columns.stream()
                .skip(1)
                .map(column -> {
                    Field field = after.schema().field(column.name());
                    return field == null ? "left out" : fields.get(column.name()) + " " + typeOf(field.schema());
                })
                .toList();
    }

    private static String typeOf(Schema schema) {
        String type = schema.type().getName();
        return schema.name() == null
                ? schema.type() == Schema.Type.ARRAY ? "array of " + typeOf(schema.valueSchema()) : type
                : schema.name();
    }

    private static String table(List<SampleType> types, List<List<String>> examples) {
        StringBuilder table = new StringBuilder("| PostgreSQL | Example, as SQL |");
        FORMATS.forEach(format -> table.append(' ').append(format.heading()).append(" |"));
        table.append("\n|---|---|").append("---|".repeat(FORMATS.size())).append('\n');
        for (int i = 0; i < types.size(); i++) {
            SampleType type = types.get(i);
            int place = i;
            table.append("| ").append(code(type.sql()));
            table.append(" | ").append(code("'" + type.values().get(0).replace("'", "''") + "'"));
            table.append(examples.stream()
                    .map(format -> " | " + code(format.get(place)))
                    .collect(Collectors.joining()));
            table.append(" |\n");
        }
        return table.toString();
    }

    private static String code(String text) {
        return "`" + text.replace("|", "\\|").replace("\n", "\\n") + "`";
    }
}
