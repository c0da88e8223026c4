package io.pgseam.record.flat;

import io.pgseam.pg.PgType;
import io.pgseam.pg.PgType.Attribute;
import io.pgseam.record.json.JsonBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Composite values as JSON objects, by the names of their attributes.
 *
 * <p>Reads the text form of "Composite Type Input and Output Syntax" in PostgreSQL's documentation: {@code (1,"a ""b""",)}.
 * Nothing between commas is NULL; in quotes a quote or a backslash stands twice.
 */
final class CompositeRenderer implements ValueRenderer {

    /**
     * A value of which no known form of its type has as many attributes. Like all messages of renderers it does not tell the
     * value.
     */
    static final class OtherFormException extends IllegalArgumentException {

        private static final long serialVersionUID = 1L;

        OtherFormException(String message) {
            super(message);
        }
    }

    /** The attributes that the type has at some time. */
    private static final class Form {
        private final byte[][] names;
        private final ValueRenderer[] renderers;

        Form(List<Attribute> attributes, ValueRenderer fallback) {
            names = new byte[attributes.size()][];
            renderers = new ValueRenderer[attributes.size()];
            for (int i = 0; i < names.length; i++) {
                names[i] = nameBytes(attributes.get(i).name(), i == 0 ? '{' : ',');
                renderers[i] = ValueRenderer.of(attributes.get(i).type(), fallback);
            }
        }
    }

    private final String type;

    /** The likeliest first. */
    private final List<Form> forms = new ArrayList<>();

    private final Scratch scratch = new Scratch();

    CompositeRenderer(PgType type, ValueRenderer fallback) {
        this.type = type.schema() + "." + type.name();
        forms.add(new Form(type.attributes(), fallback));
        type.otherForms().forEach(attributes -> forms.add(new Form(attributes, fallback)));
    }

    private static byte[] nameBytes(String name, char before) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        JsonBuffer bytes = new JsonBuffer();
        bytes.append(before);
        bytes.appendString(text, 0, text.length);
        bytes.append(':');
        return bytes.toByteArray();
    }

    /** Where the likeliest form does not fit, the number of attributes decides which one it is. */
    @Override
    public void render(byte[] source, int start, int length, JsonBuffer out) {
        int last = start + length - 1;
        if (length < 2 || source[start] != '(' || source[last] != ')') {
            throw malformed();
        }
        int mark = out.size();
        Form likeliest = forms.get(0);
        try {
            if (render(source, start + 1, last, likeliest, out)) {
                return;
            }
        } catch (IllegalArgumentException e) {
            // Another form may have another type in that place.
            if (e instanceof OtherFormException || hasAsMany(likeliest, source, start + 1, last)) {
                throw e;
            }
        }
        for (Form form : forms) {
            out.endAt(mark);
            if (hasAsMany(form, source, start + 1, last) && render(source, start + 1, last, form, out)) {
                return;
            }
        }
        throw otherNumber();
    }

    /** Whether the value between two places has as many attributes as a form. */
    private boolean hasAsMany(Form form, byte[] source, int start, int last) {
        int number = 1;
        for (int at = attribute(source, start, last, null, null); at < last; number++) {
            at = attribute(source, at + 1, last, null, null);
        }
        // One that is NULL has the text of none.
        return number == form.names.length || (form.names.length == 0 && start == last);
    }

    /** Renders a value between two places; false where it has another number of attributes. */
    private boolean render(byte[] source, int start, int last, Form form, JsonBuffer out) {
        int at = start;
        int number = form.names.length;
        if (number == 0) {
            out.append('{');
        }
        for (int i = 0; i < number; i++) {
            out.append(form.names[i]);
            at = attribute(source, at, last, form.renderers[i], out);
            if (i < number - 1) {
                if (at == last) {
                    return false;
                }
                at++;
            }
        }
        out.append('}');
        return at == last;
    }

    /**
     * Renders what stands from {@code start} to the next comma or the end, and returns where that is.
     *
     * @param renderer null to render nothing
     * @param out null to render nothing
     */
    private int attribute(
            byte[] source, int start, int last, @Nullable ValueRenderer renderer, @Nullable JsonBuffer out) {
        if (start == last || source[start] == ',') {
            if (out != null) {
                out.appendNull();
            }
            return start;
        }
        if (source[start] == '"') {
            return quoted(source, start + 1, last, renderer, out);
        }
        int at = start;
        while (at < last && source[at] != ',') {
            byte character = source[at++];
            if (character == '"' || character == '\\' || character == '(' || character == ')') {
                throw malformed();
            }
        }
        if (renderer != null && out != null) {
            renderer.render(source, start, at - start, out);
        }
        return at;
    }

    /** Renders what stands from {@code from} to the closing quote, and returns the place after that one. */
    private int quoted(byte[] source, int from, int last, @Nullable ValueRenderer renderer, @Nullable JsonBuffer out) {
        int doubled = 0;
        int at = from;
        while (at < last && !(source[at] == '"' && source[at + 1] != '"')) {
            if (source[at] == '"' || source[at] == '\\') {
                at++;
                doubled++;
            }
            at++;
        }
        int next = at + 1;
        if (at >= last || (next < last && source[next] != ',')) {
            throw malformed();
        }
        if (renderer == null || out == null) {
            return next;
        }
        int length = at - from - doubled;
        if (doubled == 0) {
            renderer.render(source, from, length, out);
        } else {
            renderer.render(unescape(source, from, at, scratch.ofLength(length)), 0, length, out);
        }
        return next;
    }

    private static byte[] unescape(byte[] source, int start, int end, byte[] target) {
        int to = 0;
        for (int at = start; at < end; at++) {
            if (source[at] == '"' || source[at] == '\\') {
                at++;
            }
            target[to++] = source[at];
        }
        return target;
    }

    private OtherFormException otherNumber() {
        List<Integer> numbers = forms.stream().map(form -> form.names.length).toList();
        return new OtherFormException(
                "a value of type " + type + " has another number of attributes than the type is known to"
                        + " have had (" + numbers
                        + "): it was altered meanwhile (ALTER TYPE). Restart the task; where that does not"
                        + " help, exclude the column");
    }

    private static IllegalArgumentException malformed() {
        return new IllegalArgumentException("not PostgreSQL's text of a composite value");
    }
}
