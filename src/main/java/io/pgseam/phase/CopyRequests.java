package io.pgseam.phase;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.TableId;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The copies that signals asked for and that are not complete. They are part of the stream's position: with the same commit of offsets, Kafka
 * has everything before a signal, and the ledger has the request. So no restart loses a signal, or takes it twice.
 *
 * @param all in the order of their signals
 * @param read how far the topic of signals is read; null if none is read
 */
public record CopyRequests(List<CopyRequest> all, @Nullable SignalPlace read) {

    /** No request. */
    public static final CopyRequests NONE = new CopyRequests(List.of(), null);

    /** Of the place in a topic. No id begins with it, because it is encoded. */
    private static final String PLACE = "@";

    private static final String BETWEEN_REQUESTS = "\n";
    private static final String BETWEEN_FIELDS = " ";
    private static final String BETWEEN_TABLES = ",";
    private static final String WITHIN_TABLE = ":";

    public CopyRequests {
        all = List.copyOf(all);
    }

    public boolean isEmpty() {
        return all.isEmpty();
    }

    /** Whether a request of this id is not complete. */
    public boolean has(String id) {
        return all.stream().anyMatch(request -> request.id().equals(id));
    }

    /**
     * Whether a request asks for a copy of a table.
     *
     * @param oid the OID by which changes name the table
     * @param since the generation at which its last copy began
     */
    public boolean want(long oid, int since) {
        return all.stream().anyMatch(request -> request.wants(oid, since));
    }

    /**
     * Which rows of a table are asked for.
     *
     * @param oid the OID by which changes name the table
     * @param since the generation at which its last copy began
     * @return SQL; empty for every row; null if no request asks for a copy of the table
     */
    public @Nullable String rowsWanted(long oid, int since) {
        List<String> conditions = all.stream()
                .filter(request -> request.wants(oid, since))
                .map(request -> request.conditions().getOrDefault(oid, ""))
                .distinct()
                .toList();
        if (conditions.isEmpty()) {
            return null;
        }
        return conditions.contains("") ? "" : String.join(" OR ", conditions);
    }

    /** Returns a copy with one more request. */
    public CopyRequests with(CopyRequest request) {
        List<CopyRequest> more = new ArrayList<>(all);
        more.add(request);
        return new CopyRequests(more, read);
    }

    /** Returns a copy with which the topic of signals is read so far. */
    public CopyRequests readTo(SignalPlace place) {
        return new CopyRequests(all, place);
    }

    /** Whether a position has to have it: there is a request, or a place in a topic. */
    boolean isKept() {
        return !all.isEmpty() || read != null;
    }

    /** Returns a copy without some requests. */
    public CopyRequests without(Predicate<CopyRequest> which) {
        return new CopyRequests(all.stream().filter(which.negate()).toList(), read);
    }

    /**
     * Returns a copy in which the copies of these requests begin.
     *
     * @param anchor the anchor, which the stream has reached
     * @param which the requests whose tables are copied at it
     */
    public CopyRequests begunAt(Anchor anchor, Predicate<CopyRequest> which) {
        UnaryOperator<CopyRequest> begin = request -> which.test(request) ? request.begunAt(anchor) : request;
        return new CopyRequests(all.stream().map(begin).toList(), read);
    }

    /** For the ledger: no text in it has a character that separates. */
    String text() {
        String requests = all.stream().map(CopyRequests::text).collect(Collectors.joining(BETWEEN_REQUESTS));
        if (read == null) {
            return requests;
        }
        String place = PLACE + encode(read.topic()) + BETWEEN_FIELDS + read.next();
        return requests.isEmpty() ? place : place + BETWEEN_REQUESTS + requests;
    }

    private static String text(CopyRequest request) {
        Anchor begun = request.begun();
        return String.join(
                BETWEEN_FIELDS,
                encode(request.id()),
                request.at().toString(),
                String.valueOf(request.after()),
                begun == null ? "0" : String.valueOf(begun.generation()),
                (begun == null ? Lsn.NONE : begun.lsn()).toString(),
                request.tables().entrySet().stream()
                        .map(table -> text(request, table.getKey(), table.getValue()))
                        .collect(Collectors.joining(BETWEEN_TABLES)));
    }

    private static String text(CopyRequest request, Long oid, TableId table) {
        String condition = request.conditions().get(oid);
        String whole = String.join(WITHIN_TABLE, oid.toString(), encode(table.schema()), encode(table.name()));
        return condition == null ? whole : whole + WITHIN_TABLE + encode(condition);
    }

    /** @throws IllegalArgumentException if it is not the text of requests */
    static CopyRequests parse(String text) {
        if (text.isEmpty()) {
            return NONE;
        }
        try {
            List<CopyRequest> requests = text.lines()
                    .filter(line -> !line.startsWith(PLACE))
                    .map(CopyRequests::request)
                    .toList();
            return new CopyRequests(
                    requests,
                    text.startsWith(PLACE) ? place(text.lines().findFirst().orElse("")) : null);
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a request lacks a field", e);
        }
    }

    private static SignalPlace place(String line) {
        String[] fields = line.substring(PLACE.length()).split(BETWEEN_FIELDS, -1);
        return new SignalPlace(decode(fields[0]), Long.parseLong(fields[1]));
    }

    private static CopyRequest request(String line) {
        String[] fields = line.split(BETWEEN_FIELDS, -1);
        int begun = Integer.parseInt(fields[3]);
        Map<Long, TableId> tables = new TreeMap<>();
        Map<Long, String> conditions = new TreeMap<>();
        for (String table : fields[5].split(BETWEEN_TABLES, -1)) {
            String[] parts = table.split(WITHIN_TABLE, -1);
            tables.put(Long.valueOf(parts[0]), new TableId(decode(parts[1]), decode(parts[2])));
            if (parts.length > 3) {
                conditions.put(Long.valueOf(parts[0]), decode(parts[3]));
            }
        }
        CopyRequest request = new CopyRequest(
                decode(fields[0]), Lsn.parse(fields[1]), Integer.parseInt(fields[2]), tables, conditions);
        return begun == 0 ? request : request.begunAt(new Anchor(begun, Lsn.parse(fields[4])));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
