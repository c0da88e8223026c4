package io.pgseam.preflight;

import io.pgseam.capture.NameList;
import io.pgseam.config.Fault;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.config.ReplicationSettings;
import io.pgseam.pg.TableId;
import io.pgseam.pg.catalog.Publication;
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
    void absent(List<TableId> selected) {
        String name = replication.publicationName();
        switch (replication.publicationMode()) {
            case DISABLED ->
                report(
                        ReplicationSettings.PUBLICATION_NAME,
                        "there is no publication " + name + ", and publication.autocreate.mode is disabled: run "
                                + create(selected)
                                + (server.inRecovery()
                                        ? " on the primary, and wait until the standby has replayed it"
                                        : ", or set the mode to filtered"));
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
            }
        }
    }

    void present(Publication publication) {
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
    }

    /**
     * Before a publication of all tables is made.
     *
     * @param refused the tables whose UPDATE and DELETE PostgreSQL would refuse from then on
     */
    void allTables(List<TableId> refused) {
        if (!refused.isEmpty()) {
            report(
                    ReplicationSettings.PUBLICATION_AUTOCREATE_MODE,
                    "tables without a usable replica identity, captured or not: " + NameList.of(refused)
                            + ". Once all tables are published, PostgreSQL refuses the application's UPDATE and DELETE on them:"
                            + " give each a primary key or REPLICA IDENTITY FULL, or set publication.autocreate.mode to"
                            + " filtered");
        }
    }

    private String create(List<TableId> tables) {
        return "CREATE PUBLICATION " + TableId.quoteIdentifier(replication.publicationName()) + " FOR TABLE "
                + NameList.of(tables);
    }

    private void report(String setting, String message) {
        faults.accept(new Fault(setting, message));
    }
}
