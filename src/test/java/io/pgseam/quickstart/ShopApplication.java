package io.pgseam.quickstart;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The application that works on the shop all along: its writers place, change, move and delete rows in small transactions, at
 * a steady pace. Each writer has rows of its own, told by their number, so that they never wait for one another.
 */
final class ShopApplication implements AutoCloseable {

    private static final int WRITERS = 2;
    private static final long PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(6);
    private static final long SEED = 20_261_122L;

    /** Opens a session with the shop. */
    @FunctionalInterface
    interface Door {
        Connection open() throws SQLException;
    }

    private final Door door;
    private final List<Thread> writers = new ArrayList<>();
    private final AtomicLong transactions = new AtomicLong();
    private final AtomicReference<@Nullable SQLException> failure = new AtomicReference<>();
    private volatile boolean stopped;

    private ShopApplication(Door door) {
        this.door = door;
    }

    static ShopApplication start(Door door) {
        ShopApplication application = new ShopApplication(door);
        for (int number = 0; number < WRITERS; number++) {
            int writer = number;
            Thread thread = new Thread(() -> application.write(writer), "shop-writer-" + number);
            thread.setDaemon(true);
            application.writers.add(thread);
            thread.start();
        }
        return application;
    }

    /** How many transactions it has committed. */
    long transactions() {
        return transactions.get();
    }

    /** @throws SQLException where a writer could not go on */
    void check() throws SQLException {
        SQLException first = failure.get();
        if (first != null) {
            throw new SQLException("the shop's application failed", first);
        }
    }

    /** Stops the writers; returns when nothing is written any more. */
    @Override
    public void close() {
        stopped = true;
        try {
            for (Thread writer : writers) {
                LockSupport.unpark(writer);
                writer.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(int writer) {
        try (Connection connection = door.open()) {
            connection.setAutoCommit(false);
            Writer hand = new Writer(connection, writer, new SplittableRandom(SEED + writer));
            long next = System.nanoTime();
            while (!stopped) {
                hand.act();
                connection.commit();
                transactions.incrementAndGet();
                next = Math.max(next + PACE_NANOS, System.nanoTime() - PACE_NANOS);
                LockSupport.parkNanos(next - System.nanoTime());
            }
        } catch (SQLException e) {
            if (!stopped) {
                failure.compareAndSet(null, e);
            }
        }
    }

    /** One writer's session. */
    private static final class Writer {

        private final Connection connection;
        private final int number;
        private final SplittableRandom random;

        Writer(Connection connection, int number, SplittableRandom random) {
            this.connection = connection;
            this.number = number;
            this.random = random;
        }

        /** One transaction of the kinds that a shop has. */
        void act() throws SQLException {
            int kind = random.nextInt(100);
            if (kind < 35) {
                placeOrder();
            } else if (kind < 60) {
                changeOrder();
            } else if (kind < 75) {
                deleteOrder();
            } else if (kind < 85) {
                changeProduct();
            } else if (kind < 92) {
                renameProduct();
            } else {
                welcomeCustomer();
            }
        }

        private void placeOrder() throws SQLException {
            long id;
            String insert = "INSERT INTO orders (id, customer_id, total, note)"
                    + " VALUES ((SELECT nextval('orders_id_seq')) * 2 + ?, ?, ?, ?) RETURNING id";
            try (PreparedStatement statement = connection.prepareStatement(insert)) {
                statement.setInt(1, number);
                statement.setLong(2, 1 + random.nextInt(ShopSchema.CUSTOMERS));
                statement.setBigDecimal(3, java.math.BigDecimal.valueOf(random.nextInt(1_000_000), 2));
                statement.setString(4, random.nextBoolean() ? null : "bitte klingeln: 'später' \\ \"jetzt\"");
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    id = row.getLong(1);
                }
            }
            int lines = 1 + random.nextInt(4);
            for (int line = 1; line <= lines; line++) {
                run("INSERT INTO order_items VALUES (?, ?, ?, ?::int, 9.99, ?)", id, line, sku(), lines, line == 2);
            }
        }

        private void changeOrder() throws SQLException {
            long order = order();
            run(
                    "UPDATE orders SET status = (ARRAY['new', 'paid', 'shipped', 'returned'])[?]::order_status,"
                            + " delivered_at = clock_timestamp(), total = total + 0.01 WHERE id = ?",
                    1 + random.nextInt(4),
                    order);
            // A line that moves to another number changes the key of its row.
            run(
                    "UPDATE order_items SET line = line + 100, quantity = quantity + 1"
                            + " WHERE order_id = ? AND line = 1",
                    order);
        }

        private void deleteOrder() throws SQLException {
            run("DELETE FROM orders WHERE id = ?", order());
        }

        private void changeProduct() throws SQLException {
            run(
                    "UPDATE products SET in_stock = in_stock - 1, price = price + 0.05, sizes = sizes || ? WHERE number = ?",
                    random.nextInt(50),
                    product());
        }

        private void renameProduct() throws SQLException {
            run(
                    "UPDATE products SET sku = split_part(sku, '/', 1) || '/' || ? WHERE number = ?",
                    random.nextInt(1_000_000),
                    product());
        }

        private void welcomeCustomer() throws SQLException {
            run(
                    "INSERT INTO customers (name, email, born, profile) VALUES (?, NULL, '2001-02-03',"
                            + " '{\"new\": true, \"höhe\": 1.50}')",
                    "Neukunde " + random.nextInt(1_000_000));
            run(
                    "UPDATE customers SET active = NOT active, profile = coalesce(profile, '{}') || '{\"seen\": [1, null]}'"
                            + " WHERE id = ?",
                    2L * random.nextInt(ShopSchema.CUSTOMERS / 2) + number + 1);
        }

        private long order() {
            return 2L * random.nextInt(ShopSchema.ORDERS / 2) + number + 1;
        }

        /** The first products are those with large descriptions among them, so that these are met often. */
        private int product() {
            int bound = random.nextBoolean() ? ShopSchema.PRODUCTS / 2 : 500;
            return 2 * random.nextInt(bound) + number + 1;
        }

        private String sku() {
            return String.format(Locale.ROOT, "P-%06d", 1 + random.nextInt(ShopSchema.PRODUCTS));
        }

        private void run(String sql, Object... parameters) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int index = 0; index < parameters.length; index++) {
                    statement.setObject(index + 1, parameters[index]);
                }
                statement.execute();
            }
        }
    }
}
