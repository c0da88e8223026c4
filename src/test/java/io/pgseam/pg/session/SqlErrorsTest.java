package io.pgseam.pg.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgseam.pg.session.SqlErrors.Outcome;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

class SqlErrorsTest {

    private static final String ROW_VALUE = "4711-geheim";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08000", "08001", "08003", "08004", "08006", "08P01", "25P03", "25P04", "28000", "28P01", "40000",
                "40001", "40003", "40P01", "42710", "53000", "53100", "53200", "53300", "55006", "55P03", "57014",
                "57P01", "57P02", "57P03", "57P05", "58000", "58030"
            })
    void isTransientWhereTimeHelps(String state) {
        assertThat(SqlErrors.outcomeOf(fromServer(state))).isEqualTo(Outcome.TRANSIENT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0A000", "22023", "22P02", "25006", "3D000", "3F000", "40002", "42501", "42601", "42704", "42P01",
                "53400", "55000", "57P04", "58P01", "58P02", "72000", "XX000", "XX001", "99999", "", "08"
            })
    void isPermanentWhereSomebodyHasToAct(String state) {
        assertThat(SqlErrors.outcomeOf(fromServer(state))).isEqualTo(Outcome.PERMANENT);
    }

    @Test
    void isTransientIfTheLockTableIsFull() {
        SQLException full = new PSQLException(new ServerErrorMessage(
                "SERROR\0C53200\0Mout of shared memory\0HYou might need to increase \"max_locks_per_transaction\".\0"
                        + "RLockAcquireExtended\0"));
        assertThat(SqlErrors.outcomeOf(full))
                .as("other sessions hold locks, too")
                .isEqualTo(Outcome.TRANSIENT);
        assertThat(SqlErrors.isLockTableFull(new SQLException(full))).isTrue();
        assertThat(SqlErrors.isLockTableFull(fromServer("53200"))).isFalse();
    }

    @Test
    void isTransientWhereTheConnectionFailed() {
        assertThat(SqlErrors.outcomeOf(
                        fromDriver(PSQLState.CONNECTION_UNABLE_TO_CONNECT, new ConnectException("refused"))))
                .isEqualTo(Outcome.TRANSIENT);
        assertThat(SqlErrors.outcomeOf(fromDriver(PSQLState.CONNECTION_FAILURE, new EOFException())))
                .isEqualTo(Outcome.TRANSIENT);
        assertThat(SqlErrors.outcomeOf(fromDriver(PSQLState.CONNECTION_DOES_NOT_EXIST, null)))
                .isEqualTo(Outcome.TRANSIENT);
    }

    @Test
    void isTransientWhereAnIoExceptionIsBelowAnotherState() {
        assertThat(SqlErrors.outcomeOf(fromDriver(PSQLState.OBJECT_NOT_IN_STATE, new SocketTimeoutException())))
                .isEqualTo(Outcome.TRANSIENT);
        assertThat(SqlErrors.outcomeOf(fromDriver(null, new IllegalStateException(new IOException()))))
                .isEqualTo(Outcome.TRANSIENT);
        assertThat(SqlErrors.outcomeOf(new IOException("broken pipe"))).isEqualTo(Outcome.TRANSIENT);
    }

    @Test
    void isPermanentWhereTheCauseIsNotKnown() {
        assertThat(SqlErrors.outcomeOf(fromDriver(null, null))).isEqualTo(Outcome.PERMANENT);
        assertThat(SqlErrors.outcomeOf(fromDriver(PSQLState.OBJECT_NOT_IN_STATE, null)))
                .isEqualTo(Outcome.PERMANENT);
        assertThat(SqlErrors.outcomeOf(new IllegalStateException("bug"))).isEqualTo(Outcome.PERMANENT);
    }

    @Test
    void isPermanentWhereTheDriverRejectsTheConnectionItself() {
        PSQLException noPassword = new PSQLException(
                "The server requested password-based authentication, but no password was provided.",
                PSQLState.CONNECTION_REJECTED);

        assertThat(SqlErrors.outcomeOf(noPassword)).isEqualTo(Outcome.PERMANENT);
    }

    @Test
    void isPermanentWhereTheSettingsOfTlsAreWrong() {
        SSLHandshakeException handshake = new SSLHandshakeException("PKIX path building failed");
        handshake.initCause(new CertificateException("unable to find valid certification path"));

        assertThat(SqlErrors.outcomeOf(fromDriver(PSQLState.CONNECTION_FAILURE, handshake)))
                .isEqualTo(Outcome.PERMANENT);
        assertThat(SqlErrors.outcomeOf(fromDriver(PSQLState.CONNECTION_FAILURE, new FileNotFoundException("root.crt"))))
                .isEqualTo(Outcome.PERMANENT);
        assertThat(SqlErrors.outcomeOf(fromDriver(
                        PSQLState.CONNECTION_FAILURE,
                        new SSLHandshakeException("Remote host terminated the handshake"))))
                .isEqualTo(Outcome.TRANSIENT);
    }

    @Test
    void takesTheServersWordWhereverItStands() {
        assertThat(SqlErrors.outcomeOf(new IllegalStateException("cannot read", fromServer("57P01"))))
                .isEqualTo(Outcome.TRANSIENT);
        assertThat(SqlErrors.outcomeOf(fromDriver(PSQLState.CONNECTION_FAILURE, fromServer("42501"))))
                .isEqualTo(Outcome.PERMANENT);

        SQLException first = new SQLException("first");
        first.setNextException(fromServer("40P01"));
        assertThat(SqlErrors.outcomeOf(first)).isEqualTo(Outcome.TRANSIENT);
    }

    @Test
    void endsOnExceptionsThatFormACircle() {
        SQLException first = new SQLException("first");
        SQLException second = new SQLException("second", first);
        first.setNextException(second);
        first.initCause(second);

        assertThat(SqlErrors.outcomeOf(first)).isEqualTo(Outcome.PERMANENT);
        assertThat(SqlErrors.describe(first)).isEqualTo("first (no SQLSTATE)");
    }

    @Test
    void describesWhatTheServerSaid() {
        assertThat(SqlErrors.describe(
                        server("FATAL", "28P01", "password authentication failed for user \"app\"", null)))
                .isEqualTo("FATAL: password authentication failed for user \"app\" (SQLSTATE 28P01)");
    }

    @Test
    void describesTheHintToo() {
        assertThat(SqlErrors.describe(server(
                        "ERROR",
                        "53400",
                        "all replication slots are in use",
                        "Free one or increase \"max_replication_slots\".")))
                .isEqualTo("ERROR: all replication slots are in use; hint: Free one or increase"
                        + " \"max_replication_slots\". (SQLSTATE 53400)");
    }

    @Test
    void leavesDetailAndContextOut() {
        PSQLException duplicate =
                server("ERROR", "23505", "duplicate key value violates unique constraint \"t_pkey\"", null);
        assertThat(duplicate.getMessage()).as("what must not be logged").contains(ROW_VALUE);

        assertThat(SqlErrors.describe(duplicate))
                .isEqualTo("ERROR: duplicate key value violates unique constraint \"t_pkey\" (SQLSTATE 23505)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"22P02", "22003", "22021", "P0001", "38000", "39000"})
    void leavesAMessageOutThatMayQuoteAValue(String state) {
        PSQLException error = server("ERROR", state, "invalid input syntax: \"" + ROW_VALUE + "\"", ROW_VALUE);

        assertThat(SqlErrors.describe(error))
                .isEqualTo("ERROR: the message is left out, as it may quote a value; the server's log has it (SQLSTATE "
                        + state + ")");
    }

    @Test
    void leavesAValueOutThatTheDriverCannotConvert() {
        PSQLException tooLarge =
                new PSQLException("Bad value for type int : " + ROW_VALUE, PSQLState.NUMERIC_VALUE_OUT_OF_RANGE);
        PSQLException noBoolean =
                new PSQLException("Cannot cast to boolean: \"" + ROW_VALUE + "\"", PSQLState.CANNOT_COERCE);

        assertThat(SqlErrors.describe(tooLarge)).doesNotContain(ROW_VALUE).endsWith("(SQLSTATE 22003)");
        assertThat(SqlErrors.describe(noBoolean)).doesNotContain(ROW_VALUE).endsWith("(SQLSTATE 42846)");
    }

    @Test
    void keepsAMessageAboutASnapshotIdentifier() {
        assertThat(SqlErrors.describe(server("ERROR", "22023", "invalid snapshot identifier: \"1-2-3\"", null)))
                .isEqualTo("ERROR: invalid snapshot identifier: \"1-2-3\" (SQLSTATE 22023)");
    }

    @Test
    void describesAFailedConnectionWithItsCause() {
        assertThat(SqlErrors.describe(new PSQLException(
                        "The connection attempt failed.",
                        PSQLState.CONNECTION_UNABLE_TO_CONNECT,
                        new UnknownHostException("db.example"))))
                .isEqualTo("The connection attempt failed. UnknownHostException: db.example (SQLSTATE 08001)");
    }

    @Test
    void describesInOneLine() {
        assertThat(SqlErrors.describe(new SQLException(" first\r\n\tsecond\u0000 ")))
                .isEqualTo("first second (no SQLSTATE)");
    }

    @Test
    void describesTheErrorInsideABatch() {
        BatchUpdateException batch = new BatchUpdateException(
                "Batch entry 0 INSERT … VALUES ('" + ROW_VALUE + "') was aborted", "40001", new int[0], null);
        assertThat(SqlErrors.describe(batch)).isEqualTo("a batch failed (SQLSTATE 40001)");

        batch.setNextException(server("ERROR", "40001", "could not serialize access", null));
        assertThat(SqlErrors.describe(batch)).isEqualTo("ERROR: could not serialize access (SQLSTATE 40001)");
    }

    private static PSQLException fromServer(String state) {
        return server("ERROR", state, "message", null);
    }

    private static PSQLException server(String severity, String state, String message, @Nullable String hint) {
        String fields = "S" + severity + '\0' + "C" + state + '\0' + "M" + message + '\0' + "DKey (id)=(" + ROW_VALUE
                + ") already exists." + '\0' + "WCOPY t, line 1: " + ROW_VALUE + '\0'
                + (hint == null ? "" : "H" + hint + '\0');
        return new PSQLException(new ServerErrorMessage(fields));
    }

    private static PSQLException fromDriver(@Nullable PSQLState state, @Nullable Throwable cause) {
        return new PSQLException("message", state, cause);
    }
}
