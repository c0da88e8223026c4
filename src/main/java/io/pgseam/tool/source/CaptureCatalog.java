package io.pgseam.tool.source;

import io.pgseam.capture.SetAside;
import io.pgseam.capture.TableSelector;
import io.pgseam.config.PgSeamSettings;
import io.pgseam.pg.catalog.CapturedTable;
import io.pgseam.pg.catalog.Catalog;
import io.pgseam.pg.catalog.Publication;
import io.pgseam.pg.catalog.PublicationMode;
import io.pgseam.pg.catalog.Publications;
import io.pgseam.pg.catalog.Relation;
import io.pgseam.pg.catalog.RelationCatalog;
import io.pgseam.record.mask.Mask;
import io.pgseam.record.mask.MaskedColumns;
import io.pgseam.snapshot.CopyPlan;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The tables that a connector with these settings captures, or would capture: its publication need not exist. */
public final class CaptureCatalog {

    private final PgSeamSettings settings;
    private final Connection session;
    private final Catalog catalog;

    public CaptureCatalog(PgSeamSettings settings, Connection session) {
        this.settings = settings;
        this.session = session;
        this.catalog = new Catalog(session, settings.capture()::messageKey);
    }

    /** The server's block size, in bytes. */
    public int blockSize() throws SQLException {
        return catalog.blockSize();
    }

    /**
     * The selected tables that a connector which begins now would set aside: by the rules of validation. A table that is captured already
     * may be among them, for it stays captured.
     */
    public List<SetAside> setAside() throws SQLException {
        return new TableSelector(settings).select(session, CopyPlan.NOTHING).setAside();
    }

    /** In the order of their names; masked columns as their messages show them. Tables that the connector will add to its publication are included. */
    public List<CapturedTable> tables() throws SQLException {
        Publications publications = new Publications(session);
        String name = settings.replication().publicationName();
        Optional<Publication> publication = publications.find(name);
        List<CapturedTable> tables = new ArrayList<>();
        if (publication.isPresent()) {
            tables.addAll(catalog.capturedTables(
                    name, settings.capture()::includesTable, settings.capture()::includesColumn));
        }
        if (settings.replication().publicationMode() != PublicationMode.DISABLED) {
            tables.addAll(catalog.capturedTables(
                    toBePublished(publications, publication),
                    viaPartitionRoot(publication),
                    name,
                    settings.capture()::includesTable,
                    settings.capture()::includesColumn));
        }
        return tables.stream()
                .map(this::shown)
                .sorted(Comparator.comparing(CapturedTable::id))
                .toList();
    }

    /** A table as its messages show it: with masked columns. */
    private CapturedTable shown(CapturedTable table) {
        return table.withColumns(table.columns().stream()
                .map(column -> {
                    Mask mask = settings.masks().of(table.id(), column.name());
                    return mask == null ? column : MaskedColumns.shown(column, mask);
                })
                .toList());
    }

    private List<Relation> toBePublished(Publications publications, Optional<Publication> publication)
            throws SQLException {
        return publication.isPresent()
                ? publications.missing(publication.get(), settings.capture()::includesTable)
                : Catalog.topmost(new RelationCatalog(session).relations(), settings.capture()::includesTable);
    }

    /** A publication that the connector did not make keeps its own setting. */
    private boolean viaPartitionRoot(Optional<Publication> publication) {
        return publication
                .filter(found -> !settings.replication().slotName().equals(found.markedSlot()))
                .map(Publication::viaPartitionRoot)
                .orElse(settings.replication().publishViaPartitionRoot());
    }
}
