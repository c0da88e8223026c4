package io.pgseam;

import io.pgseam.testing.RandomTransactions;
import io.pgseam.testing.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;

/**
 * Random transactions on tables of its own: inserts, updates, deletes, moves to other keys, large values changed and left as
 * they are, upserts, bulk COPY. Several writers on one database conflict with each other.
 */
final class RandomWriter extends RandomTransactions {

    /** How many rows each of the tables has when the writers begin. */
    static final int ROWS = 6_000;

    /** The tables, without their schema. */
    static final String[] TABLES = {"public.account", "public.document", "public.event"};

    private static final int MOST_BULK_ROWS = 400;

    private static final int BUSY_PAUSE_MS = 2;
    private static final int CALM_PAUSE_MS = 20;

    /** After so many, a writer calms down: whatever it writes until its test ends is replayed in the memory of one process. */
    private static final int BUSY_TRANSACTIONS = 1_500;

    private final Random random;
    private long fresh;

    private RandomWriter(TestDatabase database, Random random, int number) {
        super(database, random, number);
        this.random = random;
        // Each writer has keys of its own for new rows, so that most inserts succeed.
        this.fresh = 1_000_000L * number;
    }

    /** Makes the tables that writers write, and fills them. */
    static void createTables(TestDatabase database) throws SQLException {
        database.execute(
                "CREATE TABLE account (id bigint PRIMARY KEY, owner text, balance numeric(12,2), touched timestamptz)",
                "CREATE TABLE document (region text, id int, body text, note text, PRIMARY KEY (region, id))",
                "ALTER TABLE document ALTER body SET STORAGE EXTERNAL",
                "CREATE TABLE event (id bigint PRIMARY KEY, payload jsonb, tags text[], seen boolean)",
                "INSERT INTO account SELECT i, 'owner ' || i || repeat(' of it', 20), i / 100.0, now()"
                        + " FROM generate_series(1, " + ROWS + ") i",
                "INSERT INTO document SELECT (ARRAY['nord', 'süd'])[i % 2 + 1], i, CASE WHEN i % 5 = 0"
                        + " THEN repeat(md5(i::text), 100) ELSE 'short' END, 'note ' || i FROM generate_series(1, "
                        + ROWS
                        + ") i",
                "INSERT INTO event SELECT i, jsonb_build_object('n', i, 't', repeat('x', 100)), ARRAY['a', i::text], false"
                        + " FROM generate_series(1, " + ROWS + ") i");
    }

    /** Starts a writer; its number tells it from others on the same database. */
    static RandomWriter start(TestDatabase database, long seed, int number) {
        RandomWriter writer = new RandomWriter(database, new Random(seed * 31 + number), number);
        writer.begin();
        return writer;
    }

    @Override
    protected int pauseMs() {
        return committed() < BUSY_TRANSACTIONS ? BUSY_PAUSE_MS : CALM_PAUSE_MS;
    }

    @Override
    protected void write(Connection connection, Statement statement) throws SQLException, IOException {
        long some = 1 + random.nextInt(ROWS);
        int few = random.nextInt(20);
        switch (random.nextInt(14)) {
            case 0 ->
                statement.execute("UPDATE account SET balance = balance + " + few + ", touched = now() WHERE id"
                        + " BETWEEN " + some + " AND " + (some + few));
            case 1 -> statement.execute("DELETE FROM account WHERE id = " + some);
            case 2 ->
                statement.execute("INSERT INTO account SELECT i, 'new', 1, now() FROM generate_series(" + take(few + 1)
                        + ", " + (fresh - 1) + ") i");
            case 3 ->
                statement.execute("UPDATE account SET id = " + take(1) + ", owner = 'moved away' WHERE id = " + some);
            case 4 ->
                statement.execute("UPDATE account SET id = " + some + " WHERE id = (SELECT min(id) FROM account"
                        + " WHERE id > " + ROWS + ") AND NOT EXISTS (SELECT FROM account WHERE id = " + some + ")");
            case 5 ->
                statement.execute("INSERT INTO account VALUES (" + some + ", 'upserted', " + few
                        + ", now()) ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, balance = excluded.balance");
            case 6 ->
                statement.execute("UPDATE document SET body = repeat(md5('" + some + "." + few + "'), 90 + " + few
                        + ") WHERE id BETWEEN " + some + " AND " + (some + 3));
            case 7 ->
                statement.execute("UPDATE document SET note = 'noted " + few + "' WHERE id BETWEEN " + some + " AND "
                        + (some + few));
            case 8 ->
                statement.execute("UPDATE document SET region = CASE region WHEN 'süd' THEN 'nord' ELSE 'süd' END"
                        + " WHERE id = " + some);
            case 9 -> statement.execute("DELETE FROM document WHERE id = " + some);
            case 10 -> bulk(connection);
            case 11 ->
                statement.execute(
                        "UPDATE event SET seen = NOT seen, tags = tags || '{\"\\\\\",NULL}' WHERE id = " + some);
            case 12 -> {
                statement.execute("DELETE FROM event WHERE id = " + some);
                statement.execute("INSERT INTO event VALUES (" + some + ", '{\"again\": " + few + "}', '{}', NULL)");
            }
            default -> statement.execute("UPDATE account SET owner = owner WHERE id % 500 = " + few);
        }
    }

    /** A bulk load: its rows share the positions of whole pages in the WAL. */
    private void bulk(Connection connection) throws SQLException, IOException {
        int rows = 1 + random.nextInt(MOST_BULK_ROWS);
        StringBuilder text = new StringBuilder();
        for (long id = take(rows); id < fresh; id++) {
            text.append(id).append("\t{\"bulk\": ").append(id).append("}\t{b,c}\tt\n");
        }
        copyIn(connection, "COPY event FROM STDIN", text.toString());
    }

    /** The first of so many keys that nobody has used. */
    private long take(int keys) {
        long first = fresh;
        fresh += keys;
        return first;
    }
}
