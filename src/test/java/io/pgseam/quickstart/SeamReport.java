package io.pgseam.quickstart;

import com.fasterxml.jackson.databind.JsonNode;

/** The seam as a table: where in each topic partition the copied rows end. */
final class SeamReport {

    private SeamReport() {}

    /** @param seam the control topic's record */
    static void print(Console console, JsonNode seam) {
        console.detail("%-32s %9s %12s %12s %14s", "topic", "partition", "first row", "last row", "changes from");
        seam.path("topics")
                .properties()
                .forEach(topic -> topic.getValue()
                        .properties()
                        .forEach(partition -> console.detail(
                                "%-32s %9s %,12d %,12d %,14d",
                                topic.getKey(),
                                partition.getKey(),
                                partition.getValue().path("first").asLong(),
                                partition.getValue().path("last").asLong(),
                                partition.getValue().path("changes_from").asLong())));
    }
}
