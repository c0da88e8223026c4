package io.pgseam.tool.target;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Where a database is.
 *
 * @param kind what it is
 * @param host its host
 * @param port StarRocks and Doris: of MySQL's protocol; ClickHouse: of its HTTP interface
 */
public record TargetAddress(DatabaseKind kind, String host, int port) {

    private static final int LARGEST_PORT = 65_535;

    /**
     * Reads {@code starrocks://HOST:PORT}, {@code doris://HOST:PORT} or {@code clickhouse://HOST:PORT}; the port may be missing.
     *
     * @param expected the kind that {@code HOST:PORT} without a scheme means; null if the scheme has to say it
     * @throws IllegalArgumentException if the text has another form, or another kind than the expected one
     */
    public static TargetAddress parse(String text, @Nullable DatabaseKind expected) {
        URI uri;
        try {
            uri = new URI(text.contains("://") || expected == null ? text.strip() : expected.scheme() + "://" + text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(form(text, expected), e);
        }
        DatabaseKind kind = uri.getScheme() == null
                ? null
                : DatabaseKind.ofScheme(uri.getScheme()).orElse(null);
        if (kind == null
                || uri.getHost() == null
                || uri.getUserInfo() != null
                || uri.getPort() > LARGEST_PORT
                || (uri.getPath() != null
                        && !uri.getPath().isEmpty()
                        && !uri.getPath().equals("/"))
                || uri.getQuery() != null) {
            throw new IllegalArgumentException(form(text, expected));
        }
        if (expected != null && kind != expected) {
            throw new IllegalArgumentException("'" + text + "' is not " + expected.displayName());
        }
        return new TargetAddress(kind, uri.getHost(), uri.getPort() < 0 ? kind.defaultPort() : uri.getPort());
    }

    private static String form(String text, @Nullable DatabaseKind expected) {
        return "'" + withoutUserInfo(text) + "' is not an address such as "
                + (expected == null ? "starrocks" : expected.scheme()) + "://host:"
                + (expected == null ? DatabaseKind.STARROCKS : expected).defaultPort()
                + ". User and password have options of their own";
    }

    /** There may be a password in it. */
    private static String withoutUserInfo(String text) {
        return text.replaceAll("//.*@", "//…@");
    }

    /** For messages: {@code StarRocks at host:9030}. */
    @Override
    public String toString() {
        return kind.displayName() + " at " + host + ":" + port;
    }
}
