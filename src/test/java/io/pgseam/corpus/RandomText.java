package io.pgseam.corpus;

import java.util.List;
import java.util.Random;

/** Random texts: names that PostgreSQL allows, and values that something on the way might trip over. */
final class RandomText {

    private static final List<String> NAMES = List.of(
            "t",
            "Order",
            "select",
            "a.b",
            "with space",
            "quo\"te",
            "it's",
            "back\\slash",
            "Größe",
            "表",
            "😀",
            "tab\tin",
            "per%cent",
            "dollar$1",
            "{curly}",
            "comma,",
            "-",
            "#hash",
            "UPPER",
            "x".repeat(55));

    private static final String[] PIECES = {
        "a", "B", "7", " ", "\"", "'", "\\", "\n", "\t", "\r", ",", "{", "}", "(", ")", "[", "]", "NULL", "null", "\\N",
        "\\.", "ä", "é", "表", "😀", "\u0001", "\u007f", "\u2028", "%", "$1", "<", "&amp;", "u0041", "--", "/*"
    };

    private RandomText() {}

    /** A name that no other number gives, also where case and odd characters do not count. */
    static String name(Random random, int number) {
        return NAMES.get(random.nextInt(NAMES.size())) + "_" + number;
    }

    static String text(Random random, int mostPieces) {
        StringBuilder text = new StringBuilder();
        for (int pieces = random.nextInt(mostPieces + 1); pieces > 0; pieces--) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString();
    }

    static String quoted(String text) {
        String doubled = text.replace("'", "''");
        return text.indexOf('\\') >= 0 ? "E'" + doubled.replace("\\", "\\\\") + "'" : "'" + doubled + "'";
    }
}
