package io.pgseam.tool.report;

import io.pgseam.tool.topic.Seam;
import io.pgseam.tool.topic.TopicOffsets.Extent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The part of a report that says at which offsets the copy ends and the stream begins. */
final class SeamSection {

    private SeamSection() {}

    private record Place(String topic, int partition, Optional<Seam.Partition> copied, Extent extent) {}

    /** @param extents of each partition by its topic and number */
    static void addTo(Markup page, Seam seam, Map<String, Map<Integer, Extent>> extents) {
        page.add(
                "<section id=\"seam\"><h2>Seam</h2><p class=\"note\">Slot <code>{}</code>, LSN {}. Up to <em>last copied</em> a partition has"
                        + " rows of the copy; from <em>changes from</em> on it has changes only.{}</p>",
                seam.slot(),
                seam.lsn(),
                seam.exact()
                        ? ""
                        : " A task died between writing rows and noting where they are, so copied rows may be"
                                + " outside of these offsets; __snapshot in the rows tells.");
        List<Place> places = new ArrayList<>();
        seam.topics().forEach((topic, unused) -> {
            Map<Integer, Extent> partitionsOfTopic = new TreeMap<>(extents.getOrDefault(topic, Map.of()));
            partitionsOfTopic.forEach((partition, extent) ->
                    places.add(new Place(topic, partition, seam.partition(topic, partition), extent)));
        });
        new Listing(
                        new Markup()
                                .add(
                                        "<th>Topic</th><th class=\"n\">Partition</th><th class=\"n\">First copied</th><th class=\"n\">Last copied</th>"
                                                + "<th class=\"n\">Changes from</th><th class=\"n\">Earliest now</th><th class=\"n\">End now</th>"),
                        7)
                .addTo(page, places, SeamSection::placeRow);
        page.add("</section>\n");
    }

    private static Markup placeRow(Place place) {
        return new Markup()
                .add(
                        "<tr><td class=\"name\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                        place.topic(),
                        place.partition(),
                        place.copied()
                                .map(copied -> String.valueOf(copied.first()))
                                .orElse("–"),
                        place.copied()
                                .map(copied -> String.valueOf(copied.last()))
                                .orElse("–"),
                        place.copied().map(Seam.Partition::changesFrom).orElse(0L),
                        place.extent().earliest(),
                        place.extent().end());
    }
}
