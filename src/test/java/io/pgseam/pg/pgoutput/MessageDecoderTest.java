package io.pgseam.pg.pgoutput;

import static io.pgseam.pg.pgoutput.MessageEncoder.UNCHANGED;
import static io.pgseam.pg.pgoutput.MessageEncoder.message;
import static io.pgseam.pg.pgoutput.MessageEncoder.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.ReplicaIdentity;
import io.pgseam.pg.TableId;
import io.pgseam.pg.TextRow;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

class MessageDecoderTest {

    private static final long LARGE_OID = 4_000_000_000L;

    private final MessageDecoder decoder = new MessageDecoder();

    @Test
    void decodesBegin() {
        ByteBuffer begin = message('B', 0x16_B374D848L, postgresMicros("2025-11-22T13:08:09.123456Z"), (int) LARGE_OID)
                .toBuffer();

        assertThat(decoder.decode(begin))
                .isEqualTo(new Begin(Lsn.parse("16/B374D848"), unixMicros("2025-11-22T13:08:09.123456Z"), LARGE_OID));
    }

    @Test
    void decodesATimeBeforePostgresTimeBegan() {
        ByteBuffer begin = message('B', 1L, postgresMicros("1999-12-31T23:59:59.999999Z"), 3)
                .toBuffer();

        assertThat(decoder.decode(begin))
                .isEqualTo(new Begin(new Lsn(1), unixMicros("1999-12-31T23:59:59.999999Z"), 3));
    }

    @Test
    void refusesATimeThatCannotBeCountedFrom1970() {
        ByteBuffer begin = message('B', 1L, Long.MAX_VALUE, 3).toBuffer();

        assertMalformed(begin, 'B', 9, "the commit time is out of range");
    }

    @Test
    void decodesCommit() {
        ByteBuffer commit = message(
                        'C', (byte) 0, 0x16_B374D848L, 0x16_B374D900L, postgresMicros("2025-11-22T13:08:09Z"))
                .toBuffer();

        assertThat(decoder.decode(commit))
                .isEqualTo(new Commit(
                        Lsn.parse("16/B374D848"), Lsn.parse("16/B374D900"), unixMicros("2025-11-22T13:08:09Z")));
    }

    @Test
    void refusesFlagsThatNobodyKnows() {
        assertMalformed(message('C', (byte) 1, 1L, 2L, 3L).toBuffer(), 'C', 1, "unknown bits in the flags of a commit");
        assertMalformed(message('T', 1, (byte) 4, 7).toBuffer(), 'T', 5, "unknown bits in the flags of a truncate");
        assertMalformed(message('M', (byte) 2, 1L, "", 0).toBuffer(), 'M', 1, "unknown bits in the flags of a message");
    }

    @Test
    void decodesOrigin() {
        assertThat(decoder.decode(message('O', 0x1_0000_0002L, "süd").toBuffer()))
                .isEqualTo(new Origin(Lsn.parse("1/2"), "süd"));
    }

    @Test
    void decodesRelation() {
        ByteBuffer relation = message(
                        'R',
                        (int) LARGE_OID,
                        "Läden",
                        "Order Lines",
                        'f',
                        (short) 2,
                        (byte) 1,
                        "id",
                        20,
                        -1,
                        (byte) 0,
                        "überpreis",
                        (int) LARGE_OID,
                        (12 << 16 | 2) + 4)
                .toBuffer();

        Relation decoded = (Relation) decoder.decode(relation);

        assertThat(decoded.oid()).isEqualTo(LARGE_OID);
        assertThat(decoded.id()).isEqualTo(new TableId("Läden", "Order Lines"));
        assertThat(decoded.replicaIdentity()).isEqualTo(ReplicaIdentity.FULL);
        assertThat(decoded.columns())
                .containsExactly(
                        new RelationColumn(true, "id", 20, -1),
                        new RelationColumn(false, "überpreis", LARGE_OID, (12 << 16 | 2) + 4));
    }

    @Test
    void readsAnEmptySchemaAsPgCatalog() {
        Relation relation = (Relation)
                decoder.decode(message('R', 1, "", "pg_class", 'n', (short) 0).toBuffer());

        assertThat(relation.id()).isEqualTo(new TableId("pg_catalog", "pg_class"));
        assertThat(decoder.decode(message('Y', 1, "", "int4").toBuffer())).isEqualTo(new Type(1, "pg_catalog", "int4"));
    }

    @Test
    void refusesARelationThatCannotBe() {
        MessageEncoder upToIdentity = message('R', 1, "s", "t");
        int identityAt = upToIdentity.toBytes().length;

        assertMalformed(upToIdentity.int8('x').int16(0).toBuffer(), 'R', identityAt, "unknown replica identity");
        assertMalformed(message('R', 1, "s", "", 'd', (short) 0).toBuffer(), 'R', 7, "the relation's name is empty");
        assertMalformed(
                message('R', 1, "s", "t", 'd', (short) 0xFFFF).toBuffer(), 'R', identityAt + 3, "too many columns");
    }

    @Test
    void refusesANameThatIsNotUtf8() {
        ByteBuffer relation =
                message('Y', 1, "s", new byte[] {'a', (byte) 0xFF, 0}).toBuffer();

        assertMalformed(relation, 'Y', 7, "the type's name is not UTF-8");
    }

    @Test
    void decodesType() {
        assertThat(decoder.decode(message('Y', (int) LARGE_OID, "shop", "mood").toBuffer()))
                .isEqualTo(new Type(LARGE_OID, "shop", "mood"));
    }

    @Test
    void decodesInsert() {
        ByteBuffer bytes =
                message('I', (int) LARGE_OID, 'N', row("42", null, "", "grün")).toBuffer();

        Insert insert = (Insert) decoder.decode(bytes);

        assertThat(insert.relationOid()).isEqualTo(LARGE_OID);
        assertThat(MessageText.of(insert.row())).isEqualTo("(42|NULL||grün)");
    }

    @Test
    void pointsIntoTheArrayOfTheBuffer() {
        ByteBuffer bytes = message('I', 1, 'N', row("42")).toBuffer();

        TextRow row = ((Insert) decoder.decode(bytes)).row();

        assertThat(row.bytes()).isSameAs(bytes.array());
        assertThat(row.start(0)).isEqualTo(bytes.arrayOffset() + 1 + 4 + 1 + 2 + 1 + 4);
        assertThat(row.length(0)).isEqualTo(2);
    }

    @Test
    void leavesTheBufferAsItIsAndStartsAtItsPosition() {
        byte[] insert = message('I', 1, 'N', row("42")).toBytes();
        ByteBuffer buffer = ByteBuffer.allocate(insert.length + 5).put(2, insert);
        buffer.position(2).limit(2 + insert.length);

        assertThat(MessageText.of(decoder.decode(buffer))).isEqualTo("insert 1 (42)");
        assertThat(buffer.position()).isEqualTo(2);
        assertThat(buffer.limit()).isEqualTo(2 + insert.length);
    }

    @Test
    void decodesUpdateWithoutAnOldRow() {
        ByteBuffer bytes = message('U', 7, 'N', row("42", UNCHANGED)).toBuffer();

        Update update = (Update) decoder.decode(bytes);

        assertThat(update.oldTuple()).isEqualTo(OldTuple.NONE);
        assertThat(update.oldRow()).isNull();
        assertThat(MessageText.of(update)).isEqualTo("update 7 NONE (42|UNCHANGED)");
    }

    @Test
    void decodesUpdateWithTheOldKey() {
        ByteBuffer bytes =
                message('U', 7, 'K', row("41", null), 'N', row("42", "x")).toBuffer();

        assertThat(MessageText.of(decoder.decode(bytes))).isEqualTo("update 7 KEY (41|NULL) (42|x)");
    }

    @Test
    void decodesUpdateWithTheOldRow() {
        ByteBuffer bytes =
                message('U', 7, 'O', row("41", "w"), 'N', row("42", "x")).toBuffer();

        assertThat(MessageText.of(decoder.decode(bytes))).isEqualTo("update 7 FULL (41|w) (42|x)");
    }

    @Test
    void decodesDelete() {
        assertThat(MessageText.of(
                        decoder.decode(message('D', 7, 'K', row("41", null)).toBuffer())))
                .isEqualTo("delete 7 KEY (41|NULL)");
        assertThat(MessageText.of(
                        decoder.decode(message('D', 7, 'O', row("41", "w")).toBuffer())))
                .isEqualTo("delete 7 FULL (41|w)");
    }

    @Test
    void refusesAChangeWithoutItsRow() {
        assertMalformed(message('I', 7, 'K', row()).toBuffer(), 'I', 5, "no new row");
        assertMalformed(message('D', 7, 'N', row()).toBuffer(), 'D', 5, "no old row");
        assertMalformed(message('U', 7, 'X', (short) 0).toBuffer(), 'U', 5, "no new row");
        assertMalformed(message('U', 7, 'K', row(), 'O', row()).toBuffer(), 'U', 8, "no new row");
    }

    @Test
    void refusesABinaryField() {
        ByteBuffer bytes =
                message('I', 7, 'N', (short) 2).nothing().int8('b').int32(0).toBuffer();

        assertMalformed(bytes, 'I', 9, "field 1 is binary; the stream has to be started without the option binary");
    }

    @Test
    void refusesAnUnknownKindOfField() {
        assertMalformed(message('I', 7, 'N', (short) 1, 'z').toBuffer(), 'I', 8, "unknown kind of field 0");
    }

    @Test
    void refusesLengthsThatDoNotFit() {
        for (long length : new long[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 4}) {
            assertMalformed(
                    message('I', 7, 'N', (short) 1, 't', (int) length, new byte[3])
                            .toBuffer(),
                    'I',
                    9,
                    "the length of the value of a field does not fit");
            assertMalformed(
                    message('M', (byte) 0, 1L, "", (int) length, new byte[3]).toBuffer(),
                    'M',
                    11,
                    "the length of the message's content does not fit");
        }
        assertMalformed(message('T', Integer.MAX_VALUE, (byte) 0, 7).toBuffer(), 'T', 6, "too many relations");
        assertMalformed(message('T', -1, (byte) 0).toBuffer(), 'T', 1, "no relation to truncate");
        assertMalformed(message('T', 0, (byte) 0).toBuffer(), 'T', 1, "no relation to truncate");
    }

    @Test
    void decodesTruncate() {
        for (int flags = 0; flags < 4; flags++) {
            Truncate truncate = (Truncate) decoder.decode(
                    message('T', 2, (byte) flags, 7, (int) LARGE_OID).toBuffer());

            assertThat(truncate.relationOids()).containsExactly(7, LARGE_OID);
            assertThat(truncate.cascade()).isEqualTo((flags & 1) != 0);
            assertThat(truncate.restartIdentity()).isEqualTo((flags & 2) != 0);
        }
    }

    @Test
    void decodesALogicalMessage() {
        ByteBuffer bytes = message('M', (byte) 1, 0x1_0000_0002L, "app", 5, "hello".getBytes(StandardCharsets.UTF_8))
                .toBuffer();

        LogicalMessage decoded = (LogicalMessage) decoder.decode(bytes);

        assertThat(decoded.transactional()).isTrue();
        assertThat(decoded.lsn()).isEqualTo(Lsn.parse("1/2"));
        assertThat(decoded.prefix()).isEqualTo("app");
        assertThat(decoded.content().isReadOnly()).isTrue();
        for (int reading = 0; reading < 2; reading++) {
            assertThat(StandardCharsets.UTF_8.decode(decoded.content()).toString())
                    .isEqualTo("hello");
        }
    }

    @Test
    void decodesALogicalMessageOutsideATransaction() {
        LogicalMessage decoded = (LogicalMessage)
                decoder.decode(message('M', (byte) 0, 2L, "", 0).toBuffer());

        assertThat(decoded.transactional()).isFalse();
        assertThat(decoded.prefix()).isEmpty();
        assertThat(decoded.content().remaining()).isZero();
    }

    @Test
    void refusesAnEmptyMessage() {
        assertThatThrownBy(() -> decoder.decode(ByteBuffer.allocate(0)))
                .isInstanceOfSatisfying(MalformedMessageException.class, e -> {
                    assertThat(e.messageType()).isZero();
                    assertThat(e.position()).isZero();
                })
                .hasMessageContaining("ends within the message type");
    }

    @Test
    void refusesAnUnknownType() {
        assertMalformed(message('S', 1, (byte) 1).toBuffer(), 'S', 0, "unknown type");
        assertThatThrownBy(() -> decoder.decode(message((char) 0xFE).toBuffer()))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageStartingWith("pgoutput message of type 0xFE, at byte 0 of 1: unknown type");
    }

    @Test
    void refusesBytesAfterTheEnd() {
        assertMalformed(message('B', 1L, 2L, 3, (byte) 0).toBuffer(), 'B', 21, "1 bytes follow the end");
    }

    @Test
    void refusesABufferWithoutAnArray() {
        assertThatThrownBy(() -> decoder.decode(ByteBuffer.allocateDirect(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void canBeUsedAgainAfterAMalformedMessage() {
        ByteBuffer update =
                message('U', 7, 'K', row("41"), 'N', (short) 2).value("42").toBuffer();
        assertThatThrownBy(() -> decoder.decode(update)).isInstanceOf(MalformedMessageException.class);

        assertThat(MessageText.of(decoder.decode(message('D', 7, 'K', row("9")).toBuffer())))
                .isEqualTo("delete 7 KEY (9)");
    }

    @Test
    void emptiesTheRowsOfThePreviousMessage() {
        ByteBuffer update = message('U', 7, 'K', row("41"), 'N', row("42")).toBuffer();
        Update kept = (Update) decoder.decode(update);

        decoder.decode(message('O', 1L, "x").toBuffer());

        assertThat(kept.newRow().size()).isZero();
        assertThat(kept.newRow().bytes()).isNotSameAs(update.array());
        assertThat(kept.oldRow()).isNotNull().extracting(TextRow::size).isEqualTo(0);
    }

    private void assertMalformed(ByteBuffer bytes, char type, int position, String problem) {
        assertThatThrownBy(() -> decoder.decode(bytes))
                .isInstanceOfSatisfying(MalformedMessageException.class, e -> {
                    assertThat((char) e.messageType()).isEqualTo(type);
                    assertThat(e.position()).isEqualTo(position);
                })
                .hasMessageStartingWith("pgoutput message of type '" + type + "', at byte " + position + " of "
                        + bytes.remaining() + ": ")
                .hasMessageContaining(problem);
    }

    private static long unixMicros(String instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(instant));
    }

    private static long postgresMicros(String instant) {
        return ChronoUnit.MICROS.between(Instant.parse("2000-01-01T00:00:00Z"), Instant.parse(instant));
    }
}
