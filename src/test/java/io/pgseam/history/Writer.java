package io.pgseam.history;

import io.pgseam.testing.RandomTransactions;
import io.pgseam.testing.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;

/** An application of a history. */
final class Writer extends RandomTransactions {

    /** After so many transactions the day is quiet: a history that takes long does not become a large one. */
    private static final int BUSY = 400;

    private final Random random;
    private final WriterStatements statements;

    private Writer(TestDatabase database, List<SampleTable> tables, Random random, long seed, int number) {
        super(database, random, number);
        this.random = random;
        this.statements = new WriterStatements(tables, new Random(seed + 1), 2_000_000L * number);
    }

    static Writer start(TestDatabase database, List<SampleTable> tables, long seed, int number) {
        Writer writer = new Writer(database, tables, new Random(seed), seed, number);
        writer.begin();
        return writer;
    }

    @Override
    protected int pauseMs() {
        return committed() < BUSY ? 10 + random.nextInt(30) : 300;
    }

    @Override
    protected void write(Connection connection, Statement statement) throws SQLException, IOException {
        WriterStatements.Write write = statements.next();
        if (write.isCopy()) {
            copyIn(connection, write.sql(), write.rows());
        } else {
            statement.execute(write.sql());
        }
    }
}
