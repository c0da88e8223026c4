package io.pgseam.stream;

import static io.pgseam.pg.pgoutput.MessageEncoder.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgseam.pg.Lsn;
import io.pgseam.pg.pgoutput.Insert;
import io.pgseam.pg.pgoutput.LogicalMessage;
import io.pgseam.pg.pgoutput.MessageDecoder;
import io.pgseam.pg.pgoutput.MessageEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RawMessagesTest {

    private static final Lsn AT = new Lsn(500);

    private static ByteBuffer relation() {
        return message('R')
                .int32(7)
                .text("public")
                .text("t")
                .int8('d')
                .int16(1)
                .int8(0)
                .text("note")
                .int32(25)
                .int32(-1)
                .toBuffer();
    }

    private static ByteBuffer insert(byte[] value) {
        return message('I')
                .int32(7)
                .int8('N')
                .int16(1)
                .int8('t')
                .int32(value.length)
                .raw(value)
                .toBuffer();
    }

    private static String converted(String encoding, boolean replace, byte[] value) {
        RawMessages raw = new RawMessages(encoding, replace, null);
        raw.utf8(relation(), AT);
        Insert insert = (Insert) new MessageDecoder().decode(raw.utf8(insert(value), AT));
        return insert.row().text(0);
    }

    @ParameterizedTest
    @CsvSource({
        "WIN1252, windows-1252, größe €",
        "LATIN9, ISO-8859-15, größe €",
        "WIN1251, windows-1251, Привет",
        "KOI8R, KOI8-R, Привет"
    })
    void convertsWhatTheServersEncodingHas(String encoding, String charset, String text) {
        assertThat(converted(encoding, false, text.getBytes(Charset.forName(charset))))
                .isEqualTo(text);
    }

    /** The content may be in any encoding, or be no text at all. */
    @Test
    void convertsThePrefixOfAMessageAndLeavesItsContent() {
        RawMessages raw = new RawMessages("WIN1252", false, null);
        MessageEncoder encoded = message('M').int8(1).int64(7);
        for (byte b : "größe".getBytes(Charset.forName("windows-1252"))) {
            encoded.int8(b);
        }
        encoded.int8(0).int32(2).raw(new byte[] {(byte) 0xff, 0});
        LogicalMessage message = (LogicalMessage) new MessageDecoder().decode(raw.utf8(encoded.toBuffer(), AT));
        assertThat(message.prefix()).isEqualTo("größe");
        assertThat(message.content()).isEqualTo(ByteBuffer.wrap(new byte[] {(byte) 0xff, 0}));
        assertThat(message.lsn()).isEqualTo(new Lsn(7));
        assertThat(message.transactional()).isTrue();
    }

    @Test
    void namesTheColumnOfWhatItCannotConvertOrReplacesIt() {
        byte[] invalid = {'a', (byte) 0xff, 'b'};
        assertThatThrownBy(() -> converted("SQL_ASCII", false, invalid))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("column note of table public.t");
        assertThat(converted("SQL_ASCII", true, invalid)).isEqualTo("a\uFFFDb");
        assertThat(converted("WIN1252", true, new byte[] {'a', (byte) 0x81})).isEqualTo("a\uFFFD");
        assertThat(converted("MULE_INTERNAL", true, new byte[] {'a', (byte) 0x81}))
                .isEqualTo("a\uFFFD");
    }
}
