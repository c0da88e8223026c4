package io.pgseam.pg.session;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.security.cert.CertificateException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What errors of the server and of the driver mean: the one place that reads SQLSTATEs.
 *
 * <p>Source of the codes: PostgreSQL's documentation, appendix "PostgreSQL Error Codes". The driver uses the same ones
 * for its own errors.
 */
public final class SqlErrors {

    /** Whether the same attempt can succeed later, without anybody changing a setting, a right or a table. */
    public enum Outcome {
        /** Try again, on a new session. */
        TRANSIENT,
        /** A person has to act first. Also where the cause is not known: it is better to stop than to continue blindly. */
        PERMANENT
    }

    /** More links than any real chain of exceptions has. */
    private static final int LONGEST_CHAIN = 50;

    private static final String INVALID_PARAMETER_VALUE = "22023";
    private static final String CANNOT_COERCE = "42846";
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String UNDEFINED_OBJECT = "42704";

    /** The function of the server that reports that there is no such publication. */
    private static final String PUBLICATION_LOOKUP = "get_publication_oid";

    private static final String OBJECT_IN_USE = "55006";
    private static final String READ_ONLY = "25006";
    private static final String SERIALIZATION_FAILURE = "40001";
    private static final String OBJECT_NOT_IN_STATE = "55000";

    /** Classes of SQLSTATEs: access rule violation, data exception, not supported; PL/pgSQL and other functions. */
    private static final List<String> REFUSALS = List.of("42", "22", "0A", "P0", "38", "39");

    private static final String OUT_OF_MEMORY = "53200";
    private static final String INVALID_AUTHORIZATION = "28";
    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    /** The functions of the server that decide whether a role may connect. */
    private static final Set<String> CONNECTING = Set.of("InitPostgres", "CheckMyDatabase");

    private SqlErrors() {}

    /**
     * What to expect of another attempt.
     *
     * <p>The server's word decides, wherever it stands among the causes and the next exceptions; then the driver's,
     * where it says that the connection failed; then an {@link IOException}. A certificate that is not trusted, or a
     * local file that cannot be read, is a fault of the settings, though it comes as a failed connection.
     *
     * @param failure an exception with its causes, an {@link SQLException} or one that carries it
     */
    public static Outcome outcomeOf(Throwable failure) {
        List<Throwable> chain = chainOf(failure);
        for (Throwable link : chain) {
            if (isFaultOfLocalSettings(link)) {
                return Outcome.PERMANENT;
            }
        }
        for (Throwable link : chain) {
            String state = link instanceof SQLException error ? error.getSQLState() : null;
            ServerErrorMessage message = serverMessageOf(link);
            if (state != null && message != null) {
                return isConnectionDenied(state, message) ? Outcome.TRANSIENT : outcomeOfState(state, true);
            }
        }
        for (Throwable link : chain) {
            if (link instanceof IOException) {
                return Outcome.TRANSIENT;
            }
            String state = link instanceof SQLException error ? error.getSQLState() : null;
            if (state != null && outcomeOfState(state, false) == Outcome.TRANSIENT) {
                return Outcome.TRANSIENT;
            }
        }
        return Outcome.PERMANENT;
    }

    private static Outcome outcomeOfState(String state, boolean fromServer) {
        return switch (state) {
            // Connection rejected: what the driver says where the password is missing or TLS does not fit.
            case "08004" -> fromServer ? Outcome.TRANSIENT : Outcome.PERMANENT;
            // Ended by idle_in_transaction_session_timeout or transaction_timeout.
            case "25P03", "25P04" -> Outcome.TRANSIENT;
            // Object in use: the slot still has its previous reader. Lock not available: lock_timeout.
            case "55006", "55P03" -> Outcome.TRANSIENT;
            // Duplicate object: the slot or the publication was made since it was looked for. Another look
            // finds it.
            case "42710" -> Outcome.TRANSIENT;
            // Configuration limit exceeded: no free replication slot.
            case "53400" -> Outcome.PERMANENT;
            // Rollback for a violated constraint.
            case "40002" -> Outcome.PERMANENT;
            // Database dropped.
            case "57P04" -> Outcome.PERMANENT;
            // Undefined file: "requested WAL segment has already been removed", a missing library. Duplicate file.
            case "58P01", "58P02" -> Outcome.PERMANENT;
            default -> outcomeOfClass(state);
        };
    }

    /**
     * Whether the server had no room for another lock (max_locks_per_transaction, which the hint names). Other sessions hold most of them,
     * as pg_dump does, or the transaction asks for too many at once: one that asks for fewer may succeed.
     */
    public static boolean isLockTableFull(SQLException failure) {
        SQLException error = mostTelling(failure);
        ServerErrorMessage message = serverMessageOf(error);
        String routine = message == null ? null : message.getRoutine();
        return OUT_OF_MEMORY.equals(error.getSQLState()) && routine != null && routine.startsWith("Lock");
    }

    /**
     * Whether the server refuses the role: a wrong password, a rule of pg_hba.conf, or a role that must not connect or replicate any longer.
     * All of them are changed while a connector streams, and put right without its doing.
     */
    public static boolean isLoginRefused(SQLException failure) {
        SQLException error = mostTelling(failure);
        String state = String.valueOf(error.getSQLState());
        ServerErrorMessage message = serverMessageOf(error);
        return state.startsWith(INVALID_AUTHORIZATION) || (message != null && isConnectionDenied(state, message));
    }

    /** A role without CONNECT or REPLICATION gets the code of any other right that is missing. */
    private static boolean isConnectionDenied(String state, ServerErrorMessage message) {
        return INSUFFICIENT_PRIVILEGE.equals(state) && CONNECTING.contains(String.valueOf(message.getRoutine()));
    }

    private static Outcome outcomeOfClass(String state) {
        if (state.length() != 5) {
            return Outcome.PERMANENT;
        }
        return switch (state.substring(0, 2)) {
            // Connection failures, logins refused (passwords are rotated), rolled back transactions (serialization,
            // deadlock), resources used up (connections, memory, disk), interventions (shutdown, crash, starting up,
            // cancelled), errors of the operating system.
            case "08", INVALID_AUTHORIZATION, "40", "53", "57", "58" -> Outcome.TRANSIENT;
            default -> Outcome.PERMANENT;
        };
    }

    private static boolean isFaultOfLocalSettings(Throwable link) {
        return link instanceof CertificateException
                || link instanceof SSLPeerUnverifiedException
                || link instanceof FileNotFoundException
                || link instanceof FileSystemException;
    }

    /** Whether this is the server's own word. */
    static boolean isFromServer(SQLException failure) {
        for (Throwable link : chainOf(failure)) {
            if (serverMessageOf(link) != null) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether the server refuses a statement because of an object or a right, or a function of the source raises an error, as that of an
     * event trigger; and not because of the connection, the server's state or a lock.
     */
    public static boolean isRefusal(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        return state.equals(OBJECT_NOT_IN_STATE) || REFUSALS.stream().anyMatch(state::startsWith);
    }

    /** Whether a lock could not be had within {@code lock_timeout}. */
    public static boolean isLockNotAvailable(SQLException failure) {
        return LOCK_NOT_AVAILABLE.equals(failure.getSQLState());
    }

    /** Whether the server refused to write, as a standby does. */
    public static boolean isReadOnly(SQLException failure) {
        return READ_ONLY.equals(failure.getSQLState());
    }

    /**
     * Whether a standby cancelled the statement or ended the session, because it had to replay what the session was in the way of. Asked of
     * sessions that only read: of those, a primary says nothing with this SQLSTATE.
     */
    public static boolean isRecoveryConflict(SQLException failure) {
        return isFromServer(failure)
                && SERIALIZATION_FAILURE.equals(mostTelling(failure).getSQLState());
    }

    /** Whether another session uses the object, as a slot that another session reads. */
    public static boolean isInUse(SQLException failure) {
        return OBJECT_IN_USE.equals(failure.getSQLState());
    }

    /** Whether the server could not convert text to another encoding: its bytes are not valid, or a character is not known there. */
    public static boolean isUnconvertible(SQLException failure) {
        String state = failure.getSQLState();
        return "22021".equals(state) || "22P05".equals(state);
    }

    /** Whether pgoutput found no publication of the name it was given, at the change that it was decoding. */
    public static boolean isPublicationMissing(SQLException failure) {
        ServerErrorMessage server = serverMessageOf(failure);
        // The message may be in another language, and slots and types that are gone have the same SQLSTATE.
        return server != null
                && UNDEFINED_OBJECT.equals(failure.getSQLState())
                && PUBLICATION_LOOKUP.equals(server.getRoutine());
    }

    /**
     * Whether a snapshot could not be imported because no session holds it any more: 22023 up to PostgreSQL 16 ("invalid
     * snapshot identifier"), 42704 later ("snapshot does not exist").
     */
    public static boolean isUnknownSnapshot(SQLException failure) {
        String state = failure.getSQLState();
        return INVALID_PARAMETER_VALUE.equals(state) || "42704".equals(state) || "55000".equals(state);
    }

    /**
     * The reason in one line, with its SQLSTATE, for messages and logs.
     *
     * <p>Holds no row values: of what the server sends, only the message itself and its hint, without detail and
     * context; and not even those where they quote the offending value, as data exceptions do. Do not log the
     * exception's own message beside it: it has the detail.
     */
    public static String describe(SQLException failure) {
        SQLException error = mostTelling(failure);
        String state = error.getSQLState();
        ServerErrorMessage server = serverMessageOf(error);
        StringBuilder line = new StringBuilder();
        if (server != null && server.getSeverity() != null) {
            line.append(server.getSeverity()).append(": ");
        }
        if (mayQuoteValues(state, server != null)) {
            line.append("the message is left out, as it may quote a value; the server's log has it");
        } else if (server != null) {
            line.append(server.getMessage());
            if (server.getHint() != null) {
                line.append("; hint: ").append(server.getHint());
            }
        } else {
            line.append(error.getMessage());
            appendConnectionFault(line, error);
        }
        line.append(state == null || state.isEmpty() ? " (no SQLSTATE)" : " (SQLSTATE " + state + ")");
        return line.toString().replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    }

    private static void appendConnectionFault(StringBuilder line, SQLException error) {
        for (Throwable link : chainOf(error)) {
            if (link instanceof IOException) {
                line.append(' ')
                        .append(link.getClass().getSimpleName())
                        .append(": ")
                        .append(link.getMessage());
                return;
            }
        }
    }

    /** The one that the server sent, else the outermost; not a batch's own, which quotes the statement's values. */
    private static SQLException mostTelling(SQLException failure) {
        SQLException outermost = null;
        for (Throwable link : chainOf(failure)) {
            if (!(link instanceof SQLException error) || link instanceof BatchUpdateException) {
                continue;
            }
            if (serverMessageOf(error) != null) {
                return error;
            }
            outermost = outermost == null ? error : outermost;
        }
        return outermost == null ? new SQLException("a batch failed", failure.getSQLState()) : outermost;
    }

    /** Data exceptions, and whatever functions of the user raise. The driver says which value it cannot convert. */
    private static boolean mayQuoteValues(@Nullable String state, boolean fromServer) {
        if (state == null || state.length() != 5) {
            return false;
        }
        if (!fromServer && state.equals(CANNOT_COERCE)) {
            return true;
        }
        return switch (state.substring(0, 2)) {
            case "22" -> !(fromServer && state.equals(INVALID_PARAMETER_VALUE));
            case "P0", "38", "39" -> true;
            default -> false;
        };
    }

    private static @Nullable ServerErrorMessage serverMessageOf(Throwable link) {
        return link instanceof PSQLException error ? error.getServerErrorMessage() : null;
    }

    /** The exception, its causes and next exceptions, outermost first; it ends even where they form a circle. */
    private static List<Throwable> chainOf(Throwable failure) {
        List<Throwable> chain = new ArrayList<>();
        Deque<Throwable> waiting = new ArrayDeque<>(List.of(failure));
        while (!waiting.isEmpty() && chain.size() < LONGEST_CHAIN) {
            Throwable link = waiting.remove();
            chain.add(link);
            if (link.getCause() != null) {
                waiting.add(link.getCause());
            }
            if (link instanceof SQLException error && error.getNextException() != null) {
                waiting.add(error.getNextException());
            }
        }
        return chain;
    }
}
