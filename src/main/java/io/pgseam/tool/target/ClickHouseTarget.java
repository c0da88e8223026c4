package io.pgseam.tool.target;

import io.pgseam.pg.TextRow;
import io.pgseam.pg.copy.CopyFormatException;
import io.pgseam.pg.copy.CopyRowParser;
import io.pgseam.tool.outcome.CommandFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** ClickHouse's HTTP interface. Each statement is a request of its own. */
final class ClickHouseTarget implements Target {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(15);
    private static final int HTTP_OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;

    /** ClickHouse's code for a wrong password, or an unknown user: AUTHENTICATION_FAILED. */
    private static final String AUTHENTICATION_FAILED = "516";

    private static final String ROW_END = "row-end";
    private static final byte[] LINE_END = ("\t" + ROW_END + "\n").getBytes(StandardCharsets.US_ASCII);

    private final TargetAddress address;
    private final TargetFailures failures;
    private final Credentials credentials;
    private final URI uri;
    private final URI scanUri;
    private final HttpClient client;

    private ClickHouseTarget(TargetAddress address, Credentials credentials) {
        this.address = address;
        this.failures = new TargetFailures(address);
        this.credentials = credentials;
        // The answer waits for the whole result: a failure in its middle would look like the end of rows.
        String server = (credentials.tls() ? "https://" : "http://") + address.host() + ":" + address.port();
        this.uri = URI.create(server + "/?wait_end_of_query=1&default_format=TabSeparatedWithNames");
        this.scanUri = URI.create(server + "/?default_format=TabSeparated");
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
    }

    static ClickHouseTarget open(TargetAddress address, Credentials credentials) {
        ClickHouseTarget target = new ClickHouseTarget(address, credentials);
        try {
            target.answer("SELECT 1", row -> {});
        } catch (IOException e) {
            throw target.failures.opening(e);
        }
        return target;
    }

    @Override
    public TargetAddress address() {
        return address;
    }

    @Override
    public void query(String sql, Consumer<Row> rows) {
        try {
            answer(sql, rows);
        } catch (IOException e) {
            throw failures.lost(sql, e);
        }
    }

    /**
     * The server writes rows as it finds them, and does not keep the answer until it is complete. If it fails then, it writes the failure
     * where a row would be. So each row ends with a mark.
     */
    @Override
    public void scan(String sql, int fields, Consumer<TextRow> rows) {
        try {
            request(scanUri, "SELECT *, '" + ROW_END + "' FROM (" + sql + ")", body -> {
                CopyRowParser parser = new CopyRowParser(fields + 1);
                TextRow row = new TextRow();
                LineReader lines = new LineReader(body);
                while (lines.next()) {
                    if (!lines.endsWith(LINE_END)) {
                        String failure = lines.failure();
                        throw new IOException(failure.isEmpty() ? "the answer ends in the middle of a row" : failure);
                    }
                    // The same escapes as in COPY's text format.
                    parser.parse(lines.bytes(), lines.start(), lines.length(), row);
                    rows.accept(row);
                }
            });
        } catch (CopyFormatException | IOException e) {
            throw failures.lost(sql, e instanceof IOException broken ? broken : new IOException(e.getMessage(), e));
        }
    }

    /** Reads an answer. */
    @FunctionalInterface
    private interface BodyReader {
        void read(InputStream body) throws IOException;
    }

    private void answer(String sql, Consumer<Row> rows) throws IOException {
        request(
                uri,
                sql,
                body -> readRows(new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8)), rows));
    }

    private void request(URI at, String sql, BodyReader reader) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(at)
                .header("Authorization", authorization())
                .header("Content-Type", "text/plain; charset=UTF-8")
                .POST(HttpRequest.BodyPublishers.ofString(sql, StandardCharsets.UTF_8));
        HttpResponse<InputStream> response;
        try {
            response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
        try (InputStream body = response.body()) {
            if (response.statusCode() != HTTP_OK) {
                throw refused(sql, response, new String(body.readAllBytes(), StandardCharsets.UTF_8).strip());
            }
            reader.read(body);
        }
    }

    /** Not ClickHouse's own headers: a header is ASCII, and a password need not be. */
    private String authorization() {
        String both = credentials.user() + ":" + credentials.password();
        return "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
    }

    private CommandFailure refused(String sql, HttpResponse<InputStream> response, String reason) {
        String code =
                response.headers().firstValue("X-ClickHouse-Exception-Code").orElse("");
        if (code.equals(AUTHENTICATION_FAILED)
                || response.statusCode() == UNAUTHORIZED
                || (response.statusCode() == FORBIDDEN && code.isEmpty())) {
            return failures.refused(credentials, reason);
        }
        return failures.statement(sql, reason.isEmpty() ? "HTTP status " + response.statusCode() : reason);
    }

    private static void readRows(BufferedReader lines, Consumer<Row> rows) throws IOException {
        String header = lines.readLine();
        if (header == null) {
            return;
        }
        List<String> columns = new ArrayList<>();
        for (@Nullable String name : fields(header)) {
            columns.add(name == null ? "" : name);
        }
        List<String> names = List.copyOf(columns);
        String line = lines.readLine();
        while (line != null) {
            rows.accept(new Row(names, fields(line)));
            line = lines.readLine();
        }
    }

    /** The fields of one line; {@code \N} alone is NULL. */
    static @Nullable String[] fields(String line) {
        String[] escaped = line.split("\t", -1);
        @Nullable String[] fields = new @Nullable String[escaped.length];
        for (int i = 0; i < escaped.length; i++) {
            fields[i] = escaped[i].equals("\\N") ? null : unescaped(escaped[i]);
        }
        return fields;
    }

    private static String unescaped(String text) {
        int place = text.indexOf('\\');
        if (place < 0) {
            return text;
        }
        StringBuilder plain = new StringBuilder(text.length());
        plain.append(text, 0, place);
        while (place < text.length()) {
            char character = text.charAt(place++);
            if (character == '\\' && place < text.length()) {
                character = switch (text.charAt(place++)) {
                    case 'b' -> '\b';
                    case 'f' -> '\f';
                    case 'r' -> '\r';
                    case 'n' -> '\n';
                    case 't' -> '\t';
                    case '0' -> '\0';
                    default -> text.charAt(place - 1);
                };
            }
            plain.append(character);
        }
        return plain.toString();
    }

    @Override
    public void close() {
        // The client's threads end when it is no longer referred to: the JDK of Java 17 has no other way.
    }
}
