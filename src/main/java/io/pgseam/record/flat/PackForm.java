package io.pgseam.record.flat;

/** How the rows of a message follow each other. */
public enum PackForm {
    /** One JSON object a line. */
    LINES("", '\n', ""),
    /** A JSON array of objects. */
    ARRAY("[", ',', "]");

    private final String before;
    private final char between;
    private final String after;

    PackForm(String before, char between, String after) {
        this.before = before;
        this.between = between;
        this.after = after;
    }

    /** What the first row follows. */
    String before() {
        return before;
    }

    /** What each further row follows. */
    char between() {
        return between;
    }

    /** What follows the last row. */
    String after() {
        return after;
    }
}
