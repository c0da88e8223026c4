package io.pgseam.pg.pgoutput;

import static io.pgseam.pg.pgoutput.MessageEncoder.message;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** Random valid messages, each with the text that {@link MessageText} gives for it. */
final class RandomMessages {

    /** Stands in values and names: no error may repeat it. */
    static final String CONTENT = "geheim";

    private static final long EPOCH_DIFFERENCE_MICROS = 946_684_800_000_000L;

    private final Random random;

    RandomMessages(Random random) {
        this.random = random;
    }

    record Sample(byte[] bytes, String text) {}

    Sample next() {
        return switch (random.nextInt(10)) {
            case 0 -> begin();
            case 1 -> commit();
            case 2 -> origin();
            case 3 -> relation();
            case 4 -> type();
            case 5 -> insert();
            case 6 -> update();
            case 7 -> delete();
            case 8 -> truncate();
            default -> logicalMessage();
        };
    }

    private Sample begin() {
        Lsn lsn = lsn();
        long micros = micros();
        long xid = unsigned();
        return sample(
                message('B', lsn.value(), micros - EPOCH_DIFFERENCE_MICROS, (int) xid),
                new Begin(lsn, micros, xid).toString());
    }

    private Sample commit() {
        Lsn lsn = lsn();
        Lsn end = lsn();
        long micros = micros();
        return sample(
                message('C', (byte) 0, lsn.value(), end.value(), micros - EPOCH_DIFFERENCE_MICROS),
                new Commit(lsn, end, micros).toString());
    }

    private Sample origin() {
        Lsn lsn = lsn();
        String name = text();
        return sample(message('O', lsn.value(), name), new Origin(lsn, name).toString());
    }

    private Sample relation() {
        long oid = unsigned();
        String schema = random.nextInt(4) == 0 ? "" : name();
        String name = name();
        char identity = "dnfi".charAt(random.nextInt(4));
        int count = random.nextInt(8);
        MessageEncoder bytes = message('R', (int) oid, schema, name, identity, (short) count);
        List<RelationColumn> columns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RelationColumn column = new RelationColumn(random.nextBoolean(), name(), unsigned(), random.nextInt());
            columns.add(column);
            bytes.int8(column.key() ? 1 : 0)
                    .text(column.name())
                    .int32(column.typeOid())
                    .int32(column.modifier());
        }
        TableId id = new TableId(schema.isEmpty() ? "pg_catalog" : schema, name);
        return sample(bytes, new Relation(oid, id, ReplicaIdentity.ofCode(identity), columns).toString());
    }

    private Sample type() {
        long oid = unsigned();
        String schema = random.nextInt(4) == 0 ? "" : name();
        String name = name();
        return sample(
                message('Y', (int) oid, schema, name),
                new Type(oid, schema.isEmpty() ? "pg_catalog" : schema, name).toString());
    }

    private Sample insert() {
        long oid = unsigned();
        MessageEncoder bytes = message('I', (int) oid, 'N');
        return sample(bytes, "insert " + oid + " " + appendRow(bytes));
    }

    private Sample update() {
        long oid = unsigned();
        MessageEncoder bytes = message('U', (int) oid);
        String text = "update " + oid + " ";
        int old = random.nextInt(3);
        if (old == 0) {
            text += "NONE ";
        } else {
            bytes.int8(old == 1 ? 'K' : 'O');
            text += (old == 1 ? "KEY " : "FULL ") + appendRow(bytes) + " ";
        }
        bytes.int8('N');
        return sample(bytes, text + appendRow(bytes));
    }

    private Sample delete() {
        long oid = unsigned();
        boolean full = random.nextBoolean();
        MessageEncoder bytes = message('D', (int) oid, full ? 'O' : 'K');
        return sample(bytes, "delete " + oid + (full ? " FULL " : " KEY ") + appendRow(bytes));
    }

    private Sample truncate() {
        int count = 1 + random.nextInt(4);
        int flags = random.nextInt(4);
        MessageEncoder bytes = message('T', count, (byte) flags);
        List<Long> oids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            oids.add(unsigned());
            bytes.int32(oids.get(i));
        }
        return sample(
                bytes,
                "Truncate[relationOids=" + oids + ", cascade=" + ((flags & 1) != 0) + ", restartIdentity="
                        + ((flags & 2) != 0) + "]");
    }

    private Sample logicalMessage() {
        boolean transactional = random.nextBoolean();
        Lsn lsn = lsn();
        String prefix = text();
        byte[] content = new byte[random.nextInt(16)];
        random.nextBytes(content);
        return sample(
                message('M', (byte) (transactional ? 1 : 0), lsn.value(), prefix, content.length, content),
                "message " + transactional + " " + lsn + " " + prefix + " "
                        + HexFormat.of().formatHex(content));
    }

    private String appendRow(MessageEncoder bytes) {
        // Now and then more fields than a fresh TextRow has room for.
        int fields = random.nextInt(20) == 0 ? random.nextInt(60) : random.nextInt(6);
        bytes.int16(fields);
        StringBuilder text = new StringBuilder("(");
        for (int field = 0; field < fields; field++) {
            text.append(field == 0 ? "" : "|");
            switch (random.nextInt(5)) {
                case 0 -> {
                    bytes.nothing();
                    text.append("NULL");
                }
                case 1 -> {
                    bytes.unchanged();
                    text.append("UNCHANGED");
                }
                default -> {
                    String value = text();
                    bytes.value(value);
                    text.append(value);
                }
            }
        }
        return text.append(')').toString();
    }

    private static Sample sample(MessageEncoder bytes, String text) {
        return new Sample(bytes.toBytes(), text);
    }

    private Lsn lsn() {
        return new Lsn(random.nextLong());
    }

    private long unsigned() {
        return Integer.toUnsignedLong(random.nextInt());
    }

    /** A time between 1943 and 2056. */
    private long micros() {
        return EPOCH_DIFFERENCE_MICROS + random.nextLong() / 5_000;
    }

    private String name() {
        return CONTENT + text();
    }

    private String text() {
        String[] texts = {"", CONTENT, "42", "a,b", "\\N", "größe", "価格", "\uD83D\uDE00", "NULL", " ", "\n"};
        return texts[random.nextInt(texts.length)] + texts[random.nextInt(texts.length)];
    }
}
