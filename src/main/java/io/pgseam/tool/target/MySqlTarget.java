package io.pgseam.tool.target;

import com.github.shyiko.mysql.binlog.network.AuthenticationException;
import com.github.shyiko.mysql.binlog.network.Authenticator;
import com.github.shyiko.mysql.binlog.network.DefaultSSLSocketFactory;
import com.github.shyiko.mysql.binlog.network.ServerException;
import com.github.shyiko.mysql.binlog.network.TLSHostnameVerifier;
import com.github.shyiko.mysql.binlog.network.protocol.ErrorPacket;
import com.github.shyiko.mysql.binlog.network.protocol.GreetingPacket;
import com.github.shyiko.mysql.binlog.network.protocol.PacketChannel;
import com.github.shyiko.mysql.binlog.network.protocol.command.ByteArrayCommand;
import com.github.shyiko.mysql.binlog.network.protocol.command.SSLRequestCommand;
import io.pgseam.pg.TextRow;
import io.pgseam.tool.outcome.CommandFailure;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A session over MySQL's protocol, in which StarRocks and Doris are reached. The server gets the statements and nothing else: JDBC
 * drivers for MySQL ask first for variables that these servers do not have (decision 0045).
 */
final class MySqlTarget implements Target {

    private static final int TIMEOUT_MS = 15_000;
    private static final byte COM_QUERY = 3;
    private static final int HEADER = 4;

    /** A packet of this length continues in the next one. */
    private static final int LONGEST_PACKET = 0xFF_FFFF;

    private static final int OK = 0x00;
    private static final int END = 0xFE;
    private static final int ERROR = 0xFF;

    /** A row may begin with the same byte as the end of rows, which is short. */
    private static final int LONGEST_END = 8;

    private final TargetAddress address;
    private final TargetFailures failures;
    private final PacketChannel channel;

    private MySqlTarget(TargetAddress address, TargetFailures failures, PacketChannel channel) {
        this.address = address;
        this.failures = failures;
        this.channel = channel;
    }

    static MySqlTarget open(TargetAddress address, Credentials credentials) {
        TargetFailures failures = new TargetFailures(address);
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(address.host(), address.port()), TIMEOUT_MS);
            socket.setSoTimeout(TIMEOUT_MS);
            socket.setTcpNoDelay(true);
            PacketChannel channel = new PacketChannel(socket);
            logIn(channel, credentials);
            // Statements may take as long as they need.
            socket.setSoTimeout(0);
            return new MySqlTarget(address, failures, channel);
        } catch (IOException e) {
            closeQuietly(socket);
            if (e instanceof AuthenticationException || e instanceof ServerException) {
                throw failures.refused(credentials, String.valueOf(e.getMessage()));
            }
            throw failures.opening(e);
        }
    }

    private static void logIn(PacketChannel channel, Credentials credentials) throws IOException {
        byte[] greeting = channel.read();
        if (greeting.length > 0 && (greeting[0] & 0xFF) == ERROR) {
            throw new IOException(new ErrorPacket(Arrays.copyOfRange(greeting, 1, greeting.length)).getErrorMessage());
        }
        GreetingPacket server = new GreetingPacket(greeting);
        if (credentials.tls()) {
            SSLRequestCommand request = new SSLRequestCommand();
            request.setCollation(server.getServerCollation());
            channel.write(request);
            channel.upgradeToSSL(new DefaultSSLSocketFactory(), new TLSHostnameVerifier());
        }
        new Authenticator(server, channel, null, credentials.user(), credentials.password()).authenticate();
        channel.authenticationComplete();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It has failed already.
        }
    }

    @Override
    public TargetAddress address() {
        return address;
    }

    @Override
    public void query(String sql, Consumer<Row> rows) {
        try {
            List<String> columns = begin(sql);
            if (!columns.isEmpty()) {
                readRows(sql, packet -> {
                    @Nullable String[] values = new @Nullable String[columns.size()];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = packet.text();
                    }
                    rows.accept(new Row(columns, values));
                });
            }
        } catch (IOException e) {
            throw failures.lost(sql, e);
        }
    }

    @Override
    public void scan(String sql, int fields, Consumer<TextRow> rows) {
        try {
            int columns = begin(sql).size();
            if (columns != fields) {
                throw new IllegalArgumentException("a query of " + columns + " columns, expected were " + fields);
            }
            TextRow row = new TextRow();
            readRows(sql, packet -> {
                row.reset(packet.bytes);
                for (int i = 0; i < fields; i++) {
                    packet.addTo(row);
                }
                rows.accept(row);
            });
        } catch (IOException e) {
            throw failures.lost(sql, e);
        }
    }

    /** Sends a statement, and reads the names of its answer's columns; none if it has no rows. */
    private List<String> begin(String sql) throws IOException {
        send(sql);
        Packet answer = new Packet(readPacket());
        if (answer.first() == ERROR) {
            throw refused(sql, answer);
        }
        if (answer.first() == OK) {
            return List.of();
        }
        int count = Math.toIntExact(answer.number());
        List<String> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            columns.add(new Packet(readPacket()).columnName());
        }
        if (!new Packet(readPacket()).isEnd()) {
            throw new IOException("the definitions of columns do not end");
        }
        return List.copyOf(columns);
    }

    private void send(String sql) throws IOException {
        byte[] text = sql.getBytes(StandardCharsets.UTF_8);
        if (text.length >= LONGEST_PACKET) {
            throw new IllegalArgumentException("a statement of " + text.length + " bytes");
        }
        byte[] command = new byte[text.length + 1];
        command[0] = COM_QUERY;
        System.arraycopy(text, 0, command, 1, text.length);
        channel.write(new ByteArrayCommand(command));
    }

    /** Takes a row's packet. */
    @FunctionalInterface
    private interface RowTaker {
        void take(Packet row) throws IOException;
    }

    private void readRows(String sql, RowTaker rows) throws IOException {
        while (true) {
            Packet packet = new Packet(readPacket());
            if (packet.first() == ERROR) {
                throw refused(sql, packet);
            }
            if (packet.isEnd()) {
                return;
            }
            rows.take(packet);
        }
    }

    private CommandFailure refused(String sql, Packet packet) throws IOException {
        return failures.statement(sql, packet.error());
    }

    /** Reads past the channel, whose numbers of packets end at 255. */
    private byte[] readPacket() throws IOException {
        InputStream stream = channel.getInputStream();
        byte[] whole = new byte[0];
        while (true) {
            byte[] header = readFully(stream, HEADER);
            int length = (header[0] & 0xFF) | (header[1] & 0xFF) << 8 | (header[2] & 0xFF) << 16;
            byte[] part = readFully(stream, length);
            if (whole.length == 0) {
                whole = part;
            } else {
                int before = whole.length;
                whole = Arrays.copyOf(whole, before + part.length);
                System.arraycopy(part, 0, whole, before, part.length);
            }
            if (length < LONGEST_PACKET) {
                return whole;
            }
        }
    }

    private static byte[] readFully(InputStream stream, int length) throws IOException {
        byte[] bytes = new byte[length];
        int done = 0;
        while (done < length) {
            int read = stream.read(bytes, done, length - done);
            if (read < 0) {
                throw new EOFException("the server closed it");
            }
            done += read;
        }
        return bytes;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing is open in this session.
        }
    }

    /** A packet of an answer, read from its beginning. */
    private static final class Packet {

        private static final int NULL = 0xFB;
        private static final int IN_2_BYTES = 0xFC;
        private static final int IN_3_BYTES = 0xFD;
        private static final int IN_8_BYTES = 0xFE;

        private final byte[] bytes;
        private int place;

        Packet(byte[] bytes) throws IOException {
            if (bytes.length == 0) {
                throw new IOException("an empty packet");
            }
            this.bytes = bytes;
        }

        int first() {
            return bytes[0] & 0xFF;
        }

        boolean isEnd() {
            return first() == END && bytes.length <= LONGEST_END;
        }

        /** A number of variable length; -1 for NULL. */
        long number() throws IOException {
            int first = next();
            return switch (first) {
                case NULL -> -1;
                case IN_2_BYTES -> integer(2);
                case IN_3_BYTES -> integer(3);
                case IN_8_BYTES -> integer(8);
                default -> first;
            };
        }

        private long integer(int length) throws IOException {
            long value = 0;
            for (int i = 0; i < length; i++) {
                value |= (long) next() << (8 * i);
            }
            return value;
        }

        private int next() throws IOException {
            if (place >= bytes.length) {
                throw new IOException("a packet that ends too early");
            }
            return bytes[place++] & 0xFF;
        }

        @Nullable
        String text() throws IOException {
            long length = number();
            if (length < 0) {
                return null;
            }
            if (length > bytes.length - place) {
                throw new IOException("a packet that ends too early");
            }
            String text = new String(bytes, place, (int) length, StandardCharsets.UTF_8);
            place += (int) length;
            return text;
        }

        /** Adds the next value to a row. */
        void addTo(TextRow row) throws IOException {
            long length = number();
            if (length < 0) {
                row.addNull();
                return;
            }
            if (length > bytes.length - place) {
                throw new IOException("a packet that ends too early");
            }
            row.addValue(place, (int) length);
            place += (int) length;
        }

        /** The name by which the query calls a column: behind catalogue, schema, and two names of the table. */
        String columnName() throws IOException {
            for (int i = 0; i < 4; i++) {
                text();
            }
            String name = text();
            return name == null ? "" : name;
        }

        /** {@code ERROR 1064 (42000): …}. */
        String error() throws IOException {
            next();
            long code = integer(2);
            String state = "";
            if (place < bytes.length && bytes[place] == '#') {
                state = " (" + new String(bytes, place + 1, 5, StandardCharsets.US_ASCII) + ")";
                place += 6;
            }
            return "ERROR " + code + state + ": "
                    + new String(bytes, place, bytes.length - place, StandardCharsets.UTF_8);
        }
    }
}
