package io.pgseam.tool.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.testing.EmbeddedClickHouse;
import io.pgseam.testing.EmbeddedMariaDb;
import io.pgseam.tool.outcome.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions with real servers: a MariaDB for MySQL's protocol, a ClickHouse. */
class TargetIT {

    private static final int MANY = 1_000;

    @TempDir
    Path directory;

    @Test
    void mySqlProtocol() {
        try (EmbeddedMariaDb server = EmbeddedMariaDb.start(directory, "--max-allowed-packet=64M")) {
            TargetAddress address = new TargetAddress(DatabaseKind.STARROCKS, "127.0.0.1", server.port());
            try (Target target = Target.open(address, new Credentials("root", "", false))) {
                assertThat(target.name()).isEqualTo("StarRocks at 127.0.0.1:" + server.port());
                target.execute("CREATE DATABASE shop CHARACTER SET utf8mb4");
                target.execute("CREATE TABLE shop.t (id INT PRIMARY KEY, note LONGTEXT NULL)");
                target.execute("INSERT INTO shop.t VALUES (1, 'tab\tline\nÄ€𝄞'), (2, NULL), (3, '')");
                target.execute("CREATE USER reader IDENTIFIED BY 'sécret'");
                assertThat(target.rows("SELECT id AS a, note FROM shop.t ORDER BY id"))
                        .extracting(row -> row.columns() + " " + row.get("a") + " " + row.get(1))
                        .containsExactly("[a, note] 1 tab\tline\nÄ€𝄞", "[a, note] 2 null", "[a, note] 3 ");
                assertThat(target.rows("SELECT id FROM shop.t WHERE false")).isEmpty();
                assertRefusedAndGoesOn(target, "ERROR 1146 (42S02): Table 'shop.none' doesn't exist");
                assertManyAndLargeRows(
                        target,
                        "SELECT seq AS n, REPEAT('x', IF(seq = 700, 17000000, 10)) AS x FROM shop.t, shop.seq_1_to_"
                                + MANY + " WHERE id = 1");
            }
            try (Target target = Target.open(address, new Credentials("reader", "sécret", false))) {
                assertThat(target.rows("SELECT CURRENT_USER() AS u").get(0).text("u"))
                        .isEqualTo("reader@%");
            }
            assertThatThrownBy(() -> Target.open(address, new Credentials("reader", "wrong-password", false)))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageContainingAll("refuses user reader", "PGSEAM_TARGET_PASSWORD")
                    .hasMessageNotContaining("wrong-password");
            assertThatThrownBy(() -> Target.open(address, new Credentials("root", "", true)))
                    .as("the certificate that MariaDB makes itself is not trusted, or it has none")
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageContaining("TLS");
        }
    }

    @Test
    void clickHouse() {
        try (EmbeddedClickHouse server = EmbeddedClickHouse.start(directory.resolve("data"), "sécret")) {
            TargetAddress address = TargetAddress.parse(server.address(), null);
            try (Target target = Target.open(address, new Credentials("default", "sécret", false))) {
                target.execute("CREATE DATABASE shop");
                target.execute("CREATE TABLE shop.t (id UInt32, note Nullable(String)) ENGINE = MergeTree ORDER BY id");
                target.execute(
                        "INSERT INTO shop.t VALUES (1, 'tab\\tline\\n\\\\N Ä€𝄞'), (2, NULL), (3, ''), (4, '\\\\N')");
                assertThat(target.rows("SELECT id AS `a\\tb`, note FROM shop.t ORDER BY id"))
                        .extracting(row -> row.get("a\tb") + " " + row.get(1))
                        .containsExactly("1 tab\tline\n\\N Ä€𝄞", "2 null", "3 ", "4 \\N");
                assertRefusedAndGoesOn(target, "UNKNOWN_TABLE");
                assertManyAndLargeRows(
                        target,
                        "SELECT number + 1 AS n, if(n = 700, repeat(repeat('x', 1000), 17000), repeat('x', 10)) AS x FROM numbers("
                                + MANY + ")");
            }
            assertThatThrownBy(() -> Target.open(address, new Credentials("default", "wrong-password", false)))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageContaining("refuses user default")
                    .hasMessageNotContaining("wrong-password");
        }
    }

    private static void assertRefusedAndGoesOn(Target target, String reason) {
        assertThatThrownBy(() -> target.execute("SELECT * FROM shop.none"))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContainingAll(
                        target.name() + " refuses a statement", reason, "The statement:\nSELECT * FROM shop.none");
        assertThat(target.rows("SELECT 1 AS one").get(0).text("one")).isEqualTo("1");
    }

    /** More rows than a counter of one byte has, and a row that needs two packets of MySQL's protocol. */
    private static void assertManyAndLargeRows(Target target, String sql) {
        AtomicLong characters = new AtomicLong();
        List<String> numbers = new ArrayList<>();
        target.query(sql, row -> {
            numbers.add(row.text("n"));
            characters.addAndGet(row.text("x").length());
        });
        assertThat(numbers).hasSize(MANY).contains("1", "700", "1000");
        assertThat(characters).hasValue(17_000_000 + (MANY - 1) * 10L);
    }

    /** The statements of the golden files. Kafka does not answer, which does not keep ClickHouse from making the tables. */
    @Test
    void clickHouseTakesTheStatementsThatAreGeneratedForIt() throws IOException {
        try (EmbeddedClickHouse server = EmbeddedClickHouse.start(directory.resolve("data"));
                Target target = Target.open(
                        TargetAddress.parse(server.address(), null), new Credentials("default", "", false))) {
            target.execute("CREATE DATABASE shop");
            for (String file : List.of("clickhouse-ddl.sql", "clickhouse-load.sql", "clickhouse-ddl-types.sql")) {
                runAll(target, file);
                // Idempotent: again, and nothing is wrong.
                runAll(target, file);
            }
            target.execute("DROP DATABASE shop");
            target.execute("CREATE DATABASE shop");
            runAll(target, "clickhouse-ddl-soft.sql");
        }
    }

    private static void runAll(Target target, String file) throws IOException {
        try (InputStream stream = TargetIT.class.getResourceAsStream("/io/pgseam/tool/dialect/" + file)) {
            String text = new String(Objects.requireNonNull(stream, file).readAllBytes(), StandardCharsets.UTF_8);
            List<String> statements = List.of(text.split(";\n"));
            assertThat(statements).as(file).hasSizeGreaterThan(1);
            statements.stream().filter(sql -> !sql.isBlank()).forEach(target::execute);
        }
    }

    @Test
    void whereNothingListensItSaysWhatThePortIs() {
        for (DatabaseKind kind : DatabaseKind.values()) {
            assertThatThrownBy(() ->
                            Target.open(new TargetAddress(kind, "127.0.0.1", 1), new Credentials("root", "", false)))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessage(kind.displayName()
                            + " at 127.0.0.1:1: nothing accepts connections there. Check the address: the port is that of "
                            + kind.portMeaning());
        }
    }
}
