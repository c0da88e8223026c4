package io.pgseam.tool.report;

/** HTML that is put together piece by piece. What is not a template of ours is escaped: names come from databases. */
final class Markup {

    private static final String HOLE = "{}";

    private final StringBuilder text = new StringBuilder();

    /** Adds a template, a constant of this code. Each {@code {}} in it becomes the next of the values, escaped. */
    Markup add(String template, Object... values) {
        int from = 0;
        for (Object value : values) {
            int hole = template.indexOf(HOLE, from);
            if (hole < 0) {
                throw new IllegalArgumentException("more values than places in " + template);
            }
            text.append(template, from, hole);
            escape(String.valueOf(value));
            from = hole + HOLE.length();
        }
        if (template.indexOf(HOLE, from) >= 0) {
            throw new IllegalArgumentException("fewer values than places in " + template);
        }
        text.append(template, from, template.length());
        return this;
    }

    /** Adds what another one has. */
    Markup add(Markup other) {
        text.append(other.text);
        return this;
    }

    private void escape(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '&' -> text.append("&amp;");
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '"' -> text.append("&quot;");
                case '\'' -> text.append("&#39;");
                default -> {
                    if (isHidden(value, i)) {
                        text.append("\\u").append(String.format("%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
    }

    /** Characters that cannot be seen, and those that would change the order of the others, are shown by their number. */
    private static boolean isHidden(String value, int at) {
        char c = value.charAt(at);
        if (Character.isSurrogate(c)) {
            boolean paired = Character.isHighSurrogate(c)
                    ? at + 1 < value.length() && Character.isLowSurrogate(value.charAt(at + 1))
                    : at > 0 && Character.isHighSurrogate(value.charAt(at - 1));
            return !paired;
        }
        int type = Character.getType(c);
        return type == Character.CONTROL
                || type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR
                || type == Character.UNASSIGNED;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
