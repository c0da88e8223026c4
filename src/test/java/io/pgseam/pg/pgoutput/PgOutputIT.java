package io.pgseam.pg.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.pg.session.Sessions;
import io.pgseam.testing.DatabaseScenario;
import io.pgseam.testing.OnEachPostgres;
import io.pgseam.testing.PostgresServer;
import io.pgseam.testing.TestDatabase;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.replication.PGReplicationStream;

/** What real servers write is what the decoder reads. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PgOutputIT extends DatabaseScenario {

    private static final String LAST = "last";

    /** Made of MD5 sums, so that it is not compressed away and has to be TOASTed. */
    private static final String LONG_TEXT = "(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 400) i)";

    /** A message with its text, taken while its rows were valid. */
    private record Received(Message message, String text) {}

    @OnEachPostgres
    void decodesEveryKindOfChange(int version) throws Exception {
        TestDatabase database = closing(databaseWithSlot(version));
        List<Long> oids = List.of(oid(database, "\"Läden\".\"Order Lines\""), oid(database, "whole"));
        database.execute(
                "INSERT INTO \"Läden\".\"Order Lines\" VALUES (1, 'grün', NULL, 'sad', " + LONG_TEXT + ")",
                "UPDATE \"Läden\".\"Order Lines\" SET note = '' WHERE id = 1",
                "UPDATE \"Läden\".\"Order Lines\" SET id = 2, long = 'short' WHERE id = 1",
                "DELETE FROM \"Läden\".\"Order Lines\" WHERE id = 2",
                "INSERT INTO whole VALUES (7, 'a')",
                "UPDATE whole SET v = NULL WHERE id = 7",
                "DELETE FROM whole WHERE id = 7",
                "TRUNCATE whole, \"Läden\".\"Order Lines\" RESTART IDENTITY CASCADE");

        List<String> changes = changesOf(receive(database));

        String longText = database.queryOne("SELECT " + LONG_TEXT);
        assertThat(changes.subList(0, 7))
                .containsExactly(
                        "insert " + oids.get(0) + " (1|grün|NULL|sad|" + longText + ")",
                        "update " + oids.get(0) + " NONE (1|grün||sad|UNCHANGED)",
                        "update " + oids.get(0) + " KEY (1|NULL|NULL|NULL|NULL) (2|grün||sad|short)",
                        "delete " + oids.get(0) + " KEY (2|NULL|NULL|NULL|NULL)",
                        "insert " + oids.get(1) + " (7|a)",
                        "update " + oids.get(1) + " FULL (7|a) (7|NULL)",
                        "delete " + oids.get(1) + " FULL (7|NULL)");
        assertThat(changes).hasSize(8);
        assertThat(changes.get(7))
                .startsWith("Truncate[")
                .contains(oids.get(0).toString(), oids.get(1).toString())
                .endsWith("cascade=true, restartIdentity=true]");
    }

    @OnEachPostgres
    void decodesWhatTablesAndTypesAre(int version) throws Exception {
        TestDatabase database = closing(databaseWithSlot(version));
        long mood = Long.parseLong(database.queryOne("SELECT 'mood'::regtype::oid"));
        database.execute(
                "INSERT INTO \"Läden\".\"Order Lines\" VALUES (1, 'x', NULL, 'ok', NULL)",
                "INSERT INTO whole VALUES (7, 'a')");

        List<Message> messages =
                receive(database).stream().map(Received::message).toList();

        assertThat(messages)
                .contains(
                        new Type(mood, "public", "mood"),
                        new Relation(
                                oid(database, "\"Läden\".\"Order Lines\""),
                                new TableId("Läden", "Order Lines"),
                                ReplicaIdentity.DEFAULT,
                                List.of(
                                        new RelationColumn(true, "id", 20, -1),
                                        new RelationColumn(false, "größe", 1043, 10 + 4),
                                        new RelationColumn(false, "note", 25, -1),
                                        new RelationColumn(false, "mood", mood, -1),
                                        new RelationColumn(false, "long", 25, -1))),
                        new Relation(
                                oid(database, "whole"),
                                new TableId("public", "whole"),
                                ReplicaIdentity.FULL,
                                List.of(
                                        new RelationColumn(true, "id", 23, -1),
                                        new RelationColumn(true, "v", 25, -1))));
    }

    @OnEachPostgres
    void decodesTheBordersOfATransaction(int version) throws Exception {
        TestDatabase database = closing(databaseWithSlot(version));
        Instant before = Instant.parse(database.queryOne(nowAsIso()));
        Lsn written = database.now();
        long xid = Long.parseLong(database.queryOne(
                "WITH written AS (INSERT INTO whole VALUES (1, 'a') RETURNING 1) SELECT txid_current() & 4294967295"));
        Instant after = Instant.parse(database.queryOne(nowAsIso()));

        List<Message> messages =
                receive(database).stream().map(Received::message).toList();

        assertThat(messages).hasSize(5).element(1).isInstanceOf(Relation.class);
        Begin begin = (Begin) messages.get(0);
        Commit commit = (Commit) messages.get(3);
        assertThat(begin.xid()).isEqualTo(xid);
        assertThat(begin.commitTimeMicros())
                .isBetween(
                        ChronoUnit.MICROS.between(Instant.EPOCH, before),
                        ChronoUnit.MICROS.between(Instant.EPOCH, after));
        assertThat(commit.commitTimeMicros()).isEqualTo(begin.commitTimeMicros());
        assertThat(begin.commitLsn()).isGreaterThan(written).isEqualTo(commit.commitLsn());
        assertThat(commit.endLsn()).isGreaterThan(commit.commitLsn());
    }

    @OnEachPostgres
    void decodesMessagesOfTheApplication(int version) throws Exception {
        TestDatabase database = closing(databaseWithSlot(version));
        Lsn before = database.now();
        Lsn after = Lsn.parse(database.queryOne("SELECT pg_logical_emit_message(true, 'über', 'payload')"));
        database.execute("SELECT pg_logical_emit_message(false, '', '\\x00ff'::bytea)");

        List<Received> received = receive(database);

        assertThat(received).hasSize(5);
        assertThat(received.get(0).message()).isInstanceOf(Begin.class);
        assertThat(((LogicalMessage) received.get(1).message()).lsn()).isBetween(before, after);
        assertThat(received.get(1).text()).startsWith("message true ").endsWith(" über 7061796c6f6164");
        assertThat(received.get(2).message()).isInstanceOf(Commit.class);
        assertThat(received.get(3).text()).startsWith("message false ").endsWith("  00ff");
    }

    @OnEachPostgres
    void decodesTheOriginOfAReplicatedTransaction(int version) throws Exception {
        TestDatabase database = closing(databaseWithSlot(version));
        String origin = "origin_of_" + database.name();
        try {
            database.execute(
                    "SELECT pg_replication_origin_create('" + origin + "')",
                    "SELECT pg_replication_origin_session_setup('" + origin + "');"
                            + " BEGIN; SELECT pg_replication_origin_xact_setup('16/B374D848', now());"
                            + " INSERT INTO whole VALUES (1, 'a'); COMMIT;"
                            + " SELECT pg_replication_origin_session_reset()");

            List<Message> messages =
                    receive(database).stream().map(Received::message).toList();

            assertThat(messages).element(1).isEqualTo(new Origin(Lsn.parse("16/B374D848"), origin));
        } finally {
            database.execute("SELECT pg_replication_origin_drop('" + origin + "')");
        }
    }

    private static TestDatabase databaseWithSlot(int version) throws Exception {
        TestDatabase database = PostgresServer.shared(version).createDatabase();
        database.execute(
                "CREATE TYPE mood AS ENUM ('sad', 'ok')",
                "CREATE SCHEMA \"Läden\"",
                "CREATE TABLE \"Läden\".\"Order Lines\""
                        + " (id bigint PRIMARY KEY, größe varchar(10), note text, mood mood, long text)",
                "CREATE TABLE whole (id int, v text)",
                "ALTER TABLE whole REPLICA IDENTITY FULL",
                "CREATE PUBLICATION everything FOR ALL TABLES",
                "SELECT pg_create_logical_replication_slot('" + slot(database) + "', 'pgoutput')");
        return database;
    }

    /** All that the slot has for us, without empty transactions, up to and with a message that is written now. */
    private static List<Received> receive(TestDatabase database) throws Exception {
        database.execute("SELECT pg_logical_emit_message(false, '" + LAST + "', '')");
        List<Received> received = new ArrayList<>();
        MessageDecoder decoder = new MessageDecoder();
        try (PgConnection session = new Sessions(database.connectionSettings()).openReplication("test");
                PGReplicationStream stream = session.getReplicationAPI()
                        .replicationStream()
                        .logical()
                        .withSlotName(slot(database))
                        .withSlotOption("proto_version", 1)
                        .withSlotOption("publication_names", "everything")
                        .withSlotOption("messages", true)
                        .start()) {
            while (true) {
                ByteBuffer bytes = stream.read();
                assertThat(bytes)
                        .as("the stream goes on until the last message")
                        .isNotNull();
                Message message = decoder.decode(bytes);
                if (message instanceof Commit && lastOf(received) instanceof Begin) {
                    // PostgreSQL 14 sends transactions that changed nothing published; later ones do not.
                    received.remove(received.size() - 1);
                    continue;
                }
                received.add(new Received(message, MessageText.of(message)));
                if (message instanceof LogicalMessage logical
                        && logical.prefix().equals(LAST)) {
                    return received;
                }
            }
        }
    }

    private static @Nullable Message lastOf(List<Received> received) {
        return received.isEmpty() ? null : received.get(received.size() - 1).message();
    }

    private static List<String> changesOf(List<Received> received) {
        return received.stream()
                .filter(one -> one.message() instanceof Insert
                        || one.message() instanceof Update
                        || one.message() instanceof Delete
                        || one.message() instanceof Truncate)
                .map(Received::text)
                .toList();
    }

    /** Slots belong to the whole server, which tests share. */
    private static String slot(TestDatabase database) {
        return "slot_of_" + database.name();
    }

    private static long oid(TestDatabase database, String table) throws Exception {
        return Long.parseLong(database.queryOne("SELECT '" + table + "'::regclass::oid"));
    }

    private static String nowAsIso() {
        return "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
    }
}
