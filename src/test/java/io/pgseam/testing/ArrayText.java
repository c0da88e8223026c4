package io.pgseam.testing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads PostgreSQL's text form of arrays. */
final class ArrayText {

    private final String text;
    private int position;

    private ArrayText(String text, int position) {
        this.text = text;
        this.position = position;
    }

    /**
     * Reads an array; explicit bounds are skipped.
     *
     * @return its elements: strings, {@code null} for NULL, and lists where it has more dimensions
     */
    static List<@Nullable Object> parse(String text) {
        ArrayText reader = new ArrayText(text, text.startsWith("[") ? text.indexOf('=') + 1 : 0);
        List<@Nullable Object> elements = reader.array();
        if (reader.position != text.length()) {
            throw new IllegalArgumentException("text after the array at " + reader.position + ": " + text);
        }
        return elements;
    }

    private List<@Nullable Object> array() {
        expect('{');
        List<@Nullable Object> elements = new ArrayList<>();
        if (text.charAt(position) == '}') {
            position++;
            return elements;
        }
        while (true) {
            elements.add(element());
            if (text.charAt(position) == '}') {
                position++;
                return elements;
            }
            expect(',');
        }
    }

    private @Nullable Object element() {
        if (text.charAt(position) == '{') {
            return array();
        }
        if (text.charAt(position) == '"') {
            return quoted();
        }
        int begin = position;
        while (text.charAt(position) != ',' && text.charAt(position) != '}') {
            position++;
        }
        String element = text.substring(begin, position);
        return element.equals("NULL") ? null : element;
    }

    private String quoted() {
        position++;
        StringBuilder element = new StringBuilder();
        while (text.charAt(position) != '"') {
            if (text.charAt(position) == '\\') {
                position++;
            }
            element.append(text.charAt(position++));
        }
        position++;
        return element.toString();
    }

    private void expect(char expected) {
        if (text.charAt(position) != expected) {
            throw new IllegalArgumentException("expected '" + expected + "' at " + position + ": " + text);
        }
        position++;
    }
}
