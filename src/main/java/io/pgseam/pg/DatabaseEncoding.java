package io.pgseam.pg;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;

/**
 * The encoding of a database, for text that the server cannot convert to UTF-8 itself: its bytes are not valid in the encoding, or a
 * character is not in Unicode. A database in SQL_ASCII says nothing of its text; it is taken for UTF-8.
 */
public final class DatabaseEncoding {

    /** The encoding that stands for any bytes. */
    public static final String ANY_BYTES = "SQL_ASCII";

    /** PostgreSQL's encodings whose names differ from Java's by more than a form. */
    private static final Map<String, String> CHARSETS = Map.ofEntries(
            Map.entry(ANY_BYTES, "UTF-8"),
            Map.entry("UTF8", "UTF-8"),
            Map.entry("LATIN1", "ISO-8859-1"),
            Map.entry("LATIN2", "ISO-8859-2"),
            Map.entry("LATIN3", "ISO-8859-3"),
            Map.entry("LATIN4", "ISO-8859-4"),
            Map.entry("LATIN5", "ISO-8859-9"),
            Map.entry("LATIN7", "ISO-8859-13"),
            Map.entry("LATIN9", "ISO-8859-15"),
            Map.entry("WIN866", "IBM866"),
            Map.entry("WIN874", "x-windows-874"),
            Map.entry("KOI8R", "KOI8-R"),
            Map.entry("KOI8U", "KOI8-U"),
            Map.entry("EUC_JP", "EUC-JP"),
            Map.entry("EUC_KR", "EUC-KR"),
            Map.entry("EUC_CN", "GB2312"),
            Map.entry("EUC_TW", "x-EUC-TW"));

    /** What {@link #unconverted} begins with in a text field: bytea in its hexadecimal form. */
    private static final int HEX_PREFIX = 2;

    private final String name;
    private final Charset charset;

    /** @param name the server's encoding, as PostgreSQL names it */
    public DatabaseEncoding(String name) {
        this.name = name;
        this.charset = charset(name);
    }

    /** Of an encoding that Java does not know, only ASCII is. */
    private static Charset charset(String encoding) {
        String name = CHARSETS.getOrDefault(
                encoding, encoding.replaceFirst("^WIN(?=125)", "windows-").replaceFirst("^ISO_8859_", "ISO-8859-"));
        return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.US_ASCII;
    }

    /** As PostgreSQL names it. */
    public String name() {
        return name;
    }

    /** A name of this encoding, as text. */
    public String text(byte[] bytes) {
        return new String(bytes, charset);
    }

    /**
     * Text of this encoding in UTF-8.
     *
     * @throws CharacterCodingException if it is not valid, or has no form there
     */
    public byte[] utf8(byte[] text) throws CharacterCodingException {
        return isAscii(text) ? text : bytes(decoded(text, CodingErrorAction.REPORT));
    }

    /** Text of this encoding in UTF-8, with U+FFFD in place of what is not valid. */
    public byte[] utf8Replacing(byte[] text) {
        try {
            return bytes(decoded(text, CodingErrorAction.REPLACE));
        } catch (CharacterCodingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private CharBuffer decoded(byte[] bytes, CodingErrorAction action) throws CharacterCodingException {
        return charset.newDecoder()
                .onMalformedInput(action)
                .onUnmappableCharacter(action)
                .decode(ByteBuffer.wrap(bytes));
    }

    private static boolean isAscii(byte[] bytes) {
        for (byte each : bytes) {
            if (each < 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] bytes(CharBuffer text) {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** SQL whose value has the bytes of an expression's text as they are in the database; the server converts nothing but ASCII then. */
    public static String unconverted(String expression) {
        // Unlike a cast, format() keeps the trailing blanks of a character(n). IS NULL is true of a row of NULLs, too.
        return "CASE WHEN " + expression + " IS DISTINCT FROM NULL THEN pg_catalog.convert_to(pg_catalog.format('%s', "
                + expression + "), pg_catalog.getdatabaseencoding()) END";
    }

    /** The bytes that a field of {@link #unconverted} stands for. */
    public static byte[] bytesOf(TextRow row, int field) {
        String hex = new String(
                row.bytes(), row.start(field) + HEX_PREFIX, row.length(field) - HEX_PREFIX, StandardCharsets.US_ASCII);
        return HexFormat.of().parseHex(hex);
    }
}
