package io.pgseam.preflight;

import io.pgseam.config.Fault;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.config.ReplicationSettings;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.Publication;
import io.pgseam.pg.catalog.PublicationMode;
import io.pgseam.pg.catalog.Relation;
import io.pgseam.pg.catalog.ServerState;
import java.util.List;
import java.util.function.Consumer;

/** Whether the publication holds what is captured, or the connector can make it so. Facts in, faults out. */
final class PublicationCheck {

    private final ReplicationSettings replication;
    private final String database;
    private final ServerState server;
    private final Consumer<Fault> faults;
    private final Consumer<String> warnings;

    PublicationCheck(PgSeamSettings settings, ServerState server, Consumer<Fault> faults, Consumer<String> warnings) {
        this.replication = settings.replication();
        this.database = settings.connection().database();
        this.server = server;
        this.faults = faults;
        this.warnings = warnings;
    }

    /** @param selected the tables that have to be in it */
    void absent(List<Relation> selected) {
        String name = replication.publicationName();
        switch (replication.publicationMode()) {
            case DISABLED ->
                report(
                        ReplicationSettings.PUBLICATION_NAME,
                        "there is no publication " + name + ", and" + " publication.autocreate.mode is disabled: run "
                                + create(selected) + ", or set the mode to filtered");
            case ALL_TABLES -> {
                if (!server.superuser()) {
                    report(
                            ReplicationSettings.PUBLICATION_AUTOCREATE_MODE,
                            "only a superuser can create a publication FOR"
                                    + " ALL TABLES, and role " + server.role()
                                    + " is none: set the mode to filtered, or have a"
                                    + " superuser run CREATE PUBLICATION " + TableId.quoteIdentifier(name)
                                    + " FOR ALL TABLES");
                }
            }
            case FILTERED -> {
                if (!server.mayCreate()) {
                    report(
                            ReplicationSettings.PUBLICATION_AUTOCREATE_MODE,
                            "role " + server.role() + " may not create"
                                    + " publications in database " + database + ": run GRANT CREATE ON DATABASE "
                                    + TableId.quoteIdentifier(database) + " TO "
                                    + TableId.quoteIdentifier(server.role())
                                    + ", or have somebody else run " + create(selected)
                                    + " and set the mode to disabled");
                }
                reportForeignOwners(selected, create(selected));
            }
        }
    }

    /**
     * @param missing the captured tables that it does not hold
     */
    void present(Publication publication, List<Relation> missing) {
        String alter = "ALTER PUBLICATION " + TableId.quoteIdentifier(publication.name());
        if (!publication.insert() || !publication.update() || !publication.delete()) {
            report(
                    ReplicationSettings.PUBLICATION_NAME,
                    "publication " + publication.name() + " does not publish all of"
                            + " insert, update and delete, so changes would be lost: run " + alter
                            + " SET (publish = 'insert, update, delete, truncate')");
        }
        if (!publication.truncate()) {
            warnings.accept(
                    "publication " + publication.name() + " does not publish truncate: the topic keeps the rows of a"
                            + " captured table that is truncated, and nothing says so. Run " + alter
                            + " SET (publish = 'insert, update, delete, truncate')");
        }
        if (missing.isEmpty()) {
            return;
        }
        String add = alter + " ADD TABLE " + names(missing);
        if (replication.publicationMode() != PublicationMode.FILTERED) {
            report(
                    ReplicationSettings.PUBLICATION_NAME,
                    "publication " + publication.name() + " lacks captured tables: run " + add
                            + ", or leave them out of table.include.list");
            return;
        }
        if (!publication.owned()) {
            report(
                    ReplicationSettings.PUBLICATION_NAME,
                    "publication " + publication.name() + " lacks captured tables, and" + " role " + server.role()
                            + " does not own it: have its owner run " + add);
            return;
        }
        reportForeignOwners(missing, add);
    }

    private void reportForeignOwners(List<Relation> tables, String statement) {
        List<Relation> foreign = tables.stream().filter(table -> !table.owned()).toList();
        if (!foreign.isEmpty()) {
            report(
                    ReplicationSettings.PUBLICATION_AUTOCREATE_MODE,
                    "role " + server.role() + " does not own "
                            + names(foreign)
                            + ", and only the owner of a table can put it into a publication: have the owner run "
                            + statement
                            + " and set the mode to disabled, or make the role a member of the owner (GRANT owner TO "
                            + TableId.quoteIdentifier(server.role()) + ")");
        }
    }

    private String create(List<Relation> tables) {
        return "CREATE PUBLICATION " + TableId.quoteIdentifier(replication.publicationName()) + " FOR TABLE "
                + names(tables);
    }

    private static String names(List<Relation> tables) {
        return NameList.of(tables, table -> table.id().quoted(), ", ");
    }

    private void report(String setting, String message) {
        faults.accept(new Fault(setting, message));
    }
}
