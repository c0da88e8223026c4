package io.pgseam.testing.routineload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.routineload.RowRules.BadRow;
import io.pgseam.testing.routineload.RowRules.LoadedRow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a flat message has to be like for Routine Load: a target that is stricter than it looks. */
class RowRulesTest {

    private static final LoadedTable TABLE = LoadedTable.parse("""
            CREATE TABLE IF NOT EXISTS `shop`.`t` (
              `id` VARCHAR(200) NOT NULL COMMENT "text",
              `n` SMALLINT NULL COMMENT "int2",
              `t` VARCHAR(4) NULL COMMENT "varchar(1)",
              `at` DATETIME NULL COMMENT "timestamptz",
              `d` DECIMAL(4,2) NULL COMMENT "numeric(4,2)",
              `a` ARRAY<INT> NULL COMMENT "int4[]",
              `strict` INT NOT NULL COMMENT "int4"
            )
            PRIMARY KEY (`id`)
            """);

    private static final LoadJob JOB = LoadJob.parse("CREATE ROUTINE LOAD `shop`.`t_pgseam` ON `t`\nPROPERTIES (\n)");

    @Test
    void aMessageIsAStreamOfObjects() throws Exception {
        assertThat(documents("{\"id\":1}\n{\"id\":2}{\"id\":3}", false)).hasSize(3);
        assertThat(documents("[{\"id\":1},{\"id\":2}]", true)).hasSize(2);
        assertThatThrownBy(() -> documents("[{\"id\":1}]", false)).isInstanceOf(BadRow.class);
        assertThatThrownBy(() -> documents("{\"id\":1", false)).matches(e -> RowRules.isUnreadable((IOException) e));
    }

    @Test
    void opIsANumberAndMissingFieldsAreNull() throws Exception {
        assertThat(row("'id':'a','strict':1").delete()).isFalse();
        LoadedRow deleted = row("'id':'a','strict':1,'__op':1");
        assertThat(deleted.delete()).isTrue();
        assertThat(deleted.values()).containsEntry("n", null).containsEntry("a", null);
        assertThatThrownBy(() -> row("'id':'a','strict':1,'__op':'1'")).isInstanceOf(BadRow.class);
        assertThatThrownBy(() -> row("'id':'a','__op':1"))
                .as("a delete with the key only, into a column that is NOT NULL")
                .isInstanceOf(BadRow.class);
        assertThatThrownBy(() -> row("'strict':1")).as("no key").isInstanceOf(BadRow.class);
    }

    @Test
    void strictModeRefusesWhatDoesNotFitButNotInArrays() throws Exception {
        for (String bad : List.of("'n':40000", "'t':'ÄÄÄ'", "'at':'infinity'", "'d':'123.45'", "'d':'NaN'", "'a':7")) {
            assertThatThrownBy(() -> row("'id':'a','strict':1," + bad)).as(bad).isInstanceOf(BadRow.class);
        }
        assertThat(row("'id':'a','strict':1,'t':'ÄÄ','d':'12.345','a':[1,'x',null]")
                        .values())
                .containsEntry("t", "ÄÄ")
                .containsEntry("d", "12.35")
                .containsEntry("a", "[\"1\",null,null]");
        assertThat(row("'id':'a','strict':1,'at':'2026-01-02 03:04:05.678901+02'")
                        .values())
                .as("an offset is passed over without a word")
                .containsEntry("at", "2026-01-02 03:04:05.678901");
        assertThatThrownBy(() -> row("'id':'" + "k".repeat(129) + "','strict':1"))
                .isInstanceOf(BadRow.class)
                .hasMessageContaining("129 bytes");
    }

    private static List<JsonNode> documents(String message, boolean strip) throws Exception {
        return RowRules.documents(message.getBytes(StandardCharsets.UTF_8), strip);
    }

    private static LoadedRow row(String fields) throws Exception {
        return RowRules.row(
                documents("{" + fields.replace('\'', '"') + "}", false).get(0), TABLE, JOB);
    }
}
