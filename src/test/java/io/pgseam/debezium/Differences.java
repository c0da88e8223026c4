package io.pgseam.debezium;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Where two JSON trees differ: path, theirs, ours. */
final class Differences {

    private static final int LONGEST = 200;

    private Differences() {}

    static List<String> of(JsonNode theirs, JsonNode ours) {
        List<String> found = new ArrayList<>();
        collect("", theirs, ours, found);
        return found;
    }

    private static void collect(String path, JsonNode theirs, JsonNode ours, List<String> found) {
        if (theirs.equals(ours)) {
            return;
        }
        if (theirs.isObject() && ours.isObject()) {
            TreeSet<String> names = new TreeSet<>();
            theirs.fieldNames().forEachRemaining(names::add);
            ours.fieldNames().forEachRemaining(names::add);
            names.forEach(name -> collect(path + "/" + name, theirs.path(name), ours.path(name), found));
        } else if (theirs.isArray() && ours.isArray() && theirs.size() == ours.size()) {
            for (int i = 0; i < theirs.size(); i++) {
                collect(path + "/" + i, theirs.get(i), ours.get(i), found);
            }
        } else {
            found.add(path + ": theirs " + text(theirs) + ", ours " + text(ours));
        }
    }

    private static String text(JsonNode node) {
        String text = node.isMissingNode() ? "(nothing)" : node.toString();
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
