package io.pgseam.tool.report;

import io.pgseam.pg.Lsn;
import io.pgseam.tool.report.Timeline.Anchor;
import io.pgseam.tool.report.Timeline.SeamMark;
import io.pgseam.tool.report.Timeline.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A stretch of time in which rows were copied: from the first anchor to the seam, and once more when tables were copied later, which may
 * be weeks after.
 *
 * @param anchors its anchors, in their order
 * @param spans its chunks, by when they were begun
 * @param seam its end; empty if it continues
 */
record Episode(List<Anchor> anchors, List<Span> spans, Optional<SeamMark> seam) {

    /** All of them, in their order; those without a chunk are left out. */
    static List<Episode> of(Timeline timeline) {
        List<Episode> episodes = new ArrayList<>();
        List<Anchor> anchors = timeline.anchors();
        List<Span> spans = timeline.spans();
        Lsn after = Lsn.NONE;
        for (SeamMark seam : timeline.seams()) {
            add(episodes, anchors, spans, after, Optional.of(seam));
            after = seam.lsn();
        }
        add(episodes, anchors, spans, after, Optional.empty());
        return episodes;
    }

    private static void add(
            List<Episode> episodes, List<Anchor> anchors, List<Span> spans, Lsn after, Optional<SeamMark> seam) {
        List<Span> within =
                spans.stream().filter(span -> isWithin(span.lsn(), after, seam)).toList();
        if (!within.isEmpty()) {
            episodes.add(new Episode(
                    anchors.stream()
                            .filter(anchor -> isWithin(anchor.lsn(), after, seam))
                            .toList(),
                    within,
                    seam));
        }
    }

    private static boolean isWithin(Lsn lsn, Lsn after, Optional<SeamMark> seam) {
        return lsn.isAfter(after) && seam.map(end -> !lsn.isAfter(end.lsn())).orElse(true);
    }

    /** When it began, in ms since 1970. */
    long fromMs() {
        long first = spans.get(0).startedMs();
        return anchors.stream()
                .mapToLong(Anchor::openedMs)
                .filter(opened -> opened <= first)
                .min()
                .orElse(first);
    }

    /** When it ended, or when its last chunk was copied so far. */
    long toMs() {
        long last = spans.stream().mapToLong(Span::endedMs).max().orElse(0);
        return seam.map(SeamMark::atMs).filter(at -> at > last).orElse(last);
    }

    long rows() {
        return spans.stream().mapToLong(Span::rows).sum();
    }

    long bytes() {
        return spans.stream().mapToLong(Span::bytes).sum();
    }

    /** When work at an anchor ended: with the next one, or with the episode. */
    long closedMs(Anchor anchor) {
        int next = anchors.indexOf(anchor) + 1;
        return next < anchors.size() ? anchors.get(next).openedMs() : toMs();
    }
}
