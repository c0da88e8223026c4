package io.pgseam.debezium;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The differences that {@code docs/debezium.md} lists, by its numbers; each takes itself out of a pair of records. */
enum KnownDifference {
    /** When a record was made. */
    D1 {
        @Override
        void takeOut(String table, ObjectNode theirs, ObjectNode ours) {
            for (ObjectNode record : List.of(theirs, ours)) {
                if (!table.equals(OracleTables.TRANSACTIONS)) {
                    remove(record.path("value").path("payload"), "ts_ms", "ts_us", "ts_ns");
                }
            }
        }
    },
    /** What a copied row says of where and when it was read. */
    D2 {
        @Override
        void takeOut(String table, ObjectNode theirs, ObjectNode ours) {
            for (ObjectNode record : List.of(theirs, ours)) {
                if (isSnapshot(record)) {
                    remove(source(record), "lsn", "sequence", "txId", "ts_ms", "ts_us", "ts_ns");
                }
            }
        }
    },
    /** Which copied row is the last: none, for rows are copied side by side. */
    D3 {
        @Override
        void takeOut(String table, ObjectNode theirs, ObjectNode ours) {
            JsonNode mark = source(theirs).path("snapshot");
            if (isSnapshot(theirs) && isSnapshot(ours) && !mark.asText().equals("false")) {
                ((ObjectNode) source(theirs)).set("snapshot", source(ours).path("snapshot"));
            }
        }
    },
    /** The headers that name a run of Debezium's connector. */
    D4 {
        @Override
        void takeOut(String table, ObjectNode theirs, ObjectNode ours) {
            ObjectNode headers = (ObjectNode) theirs.path("headers");
            List<String> names = new ArrayList<>();
            headers.fieldNames().forEachRemaining(names::add);
            names.removeIf(name -> !name.startsWith("__debezium.context."));
            headers.remove(names);
        }
    },
    /** A changed row's value of type {@code name}: Debezium has null. */
    D5 {
        @Override
        void takeOut(String table, ObjectNode theirs, ObjectNode ours) {
            if (table.equals("public.texts") && !isSnapshot(theirs)) {
                JsonNode theirRow = theirs.path("value").path("payload").path("after");
                if (theirRow.path("n").isNull()) {
                    ((ObjectNode) theirRow)
                            .set(
                                    "n",
                                    ours.path("value")
                                            .path("payload")
                                            .path("after")
                                            .path("n"));
                }
            }
        }
    },
    /** A copied row's date before Christ: Debezium has it after. */
    D6 {
        @Override
        void takeOut(String table, ObjectNode theirs, ObjectNode ours) {
            if (table.equals("public.times") && isSnapshot(theirs)) {
                JsonNode theirRow = theirs.path("value").path("payload").path("after");
                JsonNode ourDate =
                        ours.path("value").path("payload").path("after").path("d");
                if (ourDate.asLong() == FIRST_OF_IDES_BC) {
                    ((ObjectNode) theirRow).set("d", ourDate);
                }
            }
        }
    },
    /** The commit before the first transaction of a stream, which one of the two may have seen. */
    D7 {
        @Override
        void takeOut(String table, ObjectNode theirs, ObjectNode ours) {
            if (List.of(theirs, ours).stream()
                    .anyMatch(record -> source(record).path("sequence").asText().startsWith("[null,"))) {
                remove(source(theirs), "sequence");
                remove(source(ours), "sequence");
            }
        }
    },
    /** The key of a table whose key columns are left out: Debezium does not read them, and sends 0 and empty texts in keys. */
    D8 {
        @Override
        void takeOut(String table, ObjectNode theirs, ObjectNode ours) {
            if (table.equals("public.hidden_key")) {
                remove(theirs, "key", "headers");
                remove(ours, "key", "headers");
            }
        }
    },
    /** When a message was written that belongs to no transaction: Debezium has the time of some commit before it. */
    D9 {
        @Override
        void takeOut(String table, ObjectNode theirs, ObjectNode ours) {
            if (table.equals(OracleTables.MESSAGES)
                    && source(theirs).path("txId").isNull()
                    && source(ours).path("txId").isNull()) {
                remove(source(theirs), "ts_ms", "ts_us", "ts_ns");
                remove(source(ours), "ts_ms", "ts_us", "ts_ns");
            }
        }
    },
    /** The records of a transaction of which nothing is sent, see {@link #withoutEmptyTransactions}: only Debezium has them. */
    D10 {
        @Override
        void takeOut(String table, ObjectNode theirs, ObjectNode ours) {
            // Whole records, which have no twin.
        }
    },
    /** The messages of a transaction, as events of it: to Debezium, each is of another table, whose name is that of a Java object. */
    D11 {
        @Override
        void takeOut(String table, ObjectNode theirs, ObjectNode ours) {
            if (table.equals(OracleTables.MESSAGES)) {
                remove(theirs.path("value").path("payload").path("transaction"), "data_collection_order");
                remove(ours.path("value").path("payload").path("transaction"), "data_collection_order");
            } else if (table.equals(OracleTables.TRANSACTIONS)
                    && theirs.toString().contains("$LogicalDecodingMessageId@")) {
                withSortedCollections(theirs);
                withSortedCollections(ours);
            }
        }
    };

    /** 15 March 44 BC, in days since 1970 of the proleptic Gregorian calendar, as {@code date} is. */
    private static final long FIRST_OF_IDES_BC = -735160;

    /** Debezium's records but for those of difference D10. */
    static List<JsonNode> withoutEmptyTransactions(String table, List<JsonNode> theirs) {
        if (!table.equals(OracleTables.TRANSACTIONS)) {
            return theirs;
        }
        Set<String> empty = theirs.stream()
                .filter(record ->
                        record.path("value").path("payload").path("event_count").asLong(-1) == 0)
                .map(KnownDifference::transaction)
                .collect(Collectors.toSet());
        return theirs.stream()
                .filter(record -> !empty.contains(transaction(record)))
                .toList();
    }

    /** The number of a transaction: its id without the LSN of the record. */
    private static String transaction(JsonNode record) {
        return record.path("value").path("payload").path("id").asText().replaceFirst(":.*", "");
    }

    private static void withSortedCollections(ObjectNode record) {
        Map<String, Long> counts = new TreeMap<>();
        for (JsonNode collection : record.path("value").path("payload").path("data_collections")) {
            counts.merge(
                    collection
                            .path("data_collection")
                            .asText()
                            .replaceFirst(".*\\$LogicalDecodingMessageId@.*", "LOGICAL_DECODING_MESSAGE"),
                    collection.path("event_count").asLong(),
                    Long::sum);
        }
        ((ObjectNode) record.path("value").path("payload")).put("data_collections", counts.toString());
    }

    abstract void takeOut(String table, ObjectNode theirs, ObjectNode ours);

    private static JsonNode source(JsonNode record) {
        return record.path("value").path("payload").path("source");
    }

    private static boolean isSnapshot(JsonNode record) {
        return "r".equals(record.path("value").path("payload").path("op").asText());
    }

    private static void remove(JsonNode node, String... names) {
        if (!(node instanceof MissingNode) && node.isObject()) {
            ((ObjectNode) node).remove(List.of(names));
        }
    }
}
