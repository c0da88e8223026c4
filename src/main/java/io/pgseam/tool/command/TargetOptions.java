package io.pgseam.tool.command;

import io.pgseam.config.OutputFormat;
import io.pgseam.config.OutputSettings;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.record.flat.PackForm;
import io.pgseam.record.flat.PackSettings;
import io.pgseam.record.flat.UnrepresentablePolicy;
import io.pgseam.tool.dialect.Dialect;
import io.pgseam.tool.dialect.TargetSettings;
import io.pgseam.tool.dialect.TargetSettings.Deletes;
import io.pgseam.tool.outcome.CommandFailure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What tables at the other end are to be like. */
final class TargetOptions {

    /** What JSON becomes. */
    enum JsonAs {
        JSON,
        TEXT
    }

    @Option(
            names = "--database",
            paramLabel = "NAME",
            description = "The database at the other end. By default the name of the source's database.")
    private @Nullable String database;

    @Option(
            names = "--deletes",
            paramLabel = "hard|soft",
            description =
                    "What a delete becomes: hard removes the row (the default); soft marks it, and a view <table>_live leaves it"
                            + " out.")
    private Deletes deletes = Deletes.HARD;

    @Option(
            names = "--json-as",
            paramLabel = "json|text",
            description =
                    "What json and jsonb become: the target's JSON type (the default), or text, which keeps every digit.")
    private JsonAs jsonAs = JsonAs.JSON;

    @Option(
            names = "--replicas",
            paramLabel = "N",
            description = "Copies of each table (replication_num). By default the server's own setting.")
    private int replicas;

    /**
     * The settings of the statements.
     *
     * @throws CommandFailure if messages do not have what the target needs
     */
    TargetSettings settings(PgSeamSettings connector, Dialect dialect) {
        if (connector.output().format() != OutputFormat.FLAT) {
            throw new CommandFailure(dialect.name() + " loads the flat format: set " + OutputSettings.FORMAT
                    + "=flat for this connector");
        }
        PackSettings pack = connector.output().pack();
        boolean arrays = pack != null && pack.form() == PackForm.ARRAY;
        if (pack != null && !arrays && !dialect.readsLines()) {
            throw new CommandFailure(
                    dialect.name() + " reads one JSON value in a message, and these messages have one on each"
                            + " line: set " + OutputSettings.PACK_FORM + "=array, or " + OutputSettings.PACK_BYTES
                            + "=0, before the copy begins. Messages that are there already stay as they are");
        }
        TargetSettings settings = new TargetSettings(
                database == null ? connector.connection().database() : database,
                deletes,
                jsonAs == JsonAs.TEXT,
                connector.output().metadataFields(),
                connector.output().unrepresentable() == UnrepresentablePolicy.STRING,
                arrays,
                replicas);
        List<String> missing = new ArrayList<>(dialect.neededFields(settings));
        missing.removeAll(connector.output().metadataFields());
        if (!missing.isEmpty()) {
            throw new CommandFailure(dialect.name() + " needs metadata fields that messages do not have: add "
                    + String.join(", ", missing) + " to " + OutputSettings.METADATA_FIELDS
                    + " before the copy begins. Messages that are there already stay without them");
        }
        return settings;
    }
}
