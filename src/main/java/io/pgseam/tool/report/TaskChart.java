package io.pgseam.tool.report;

import io.pgseam.tool.console.Figures;
import io.pgseam.tool.report.Timeline.Anchor;
import io.pgseam.tool.report.Timeline.Span;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * What each task copied when. With many chunks a chart shows for each moment the table that took most of it, so that its size is bounded
 * whatever was copied.
 */
final class TaskChart {

    private static final double LEFT = 80;
    private static final double WIDTH = 900;
    private static final int TOP = 24;
    private static final int LANE = 22;
    private static final int BAR = 16;

    /** More bars than that cannot be told from each other. */
    private static final int MOST_BARS = 1_500;

    /** Tasks above that share a chart's last lane. */
    private static final int MOST_LANES = 32;

    private static final int COLUMNS = 450;

    private final Episode episode;
    private final Colours colours;
    private final TimeAxis axis;

    TaskChart(Episode episode, Colours colours) {
        this.episode = episode;
        this.colours = colours;
        this.axis = new TimeAxis(episode.fromMs(), episode.toMs(), LEFT, WIDTH);
    }

    Markup svg() {
        TreeMap<Integer, List<Span>> lanes = new TreeMap<>();
        episode.spans()
                .forEach(span -> lanes.computeIfAbsent(
                                Math.min(span.task(), MOST_LANES - 1), unused -> new ArrayList<>())
                        .add(span));
        int height = TOP + LANE * (lanes.size() + 1) + 6;
        Markup svg = new Markup()
                .add(
                        "<svg class=\"chart\" viewBox=\"0 0 1000 {}\" role=\"img\" aria-label=\"What each task copied when\">",
                        height);
        for (TimeAxis.Tick tick : axis.ticks()) {
            svg.add(
                    "<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/><text class=\"tick\" x=\"{}\" y=\"14\">{}</text>",
                    TimeAxis.at(tick.x()),
                    TimeAxis.at(tick.x()),
                    TOP - 4,
                    height - 6,
                    TimeAxis.at(tick.x()),
                    tick.label());
        }
        anchors(svg);
        int lane = 1;
        for (var tasks : lanes.entrySet()) {
            int y = TOP + LANE * lane++;
            svg.add("<text class=\"lane\" x=\"72\" y=\"{}\">{}</text>", y + 12, label(tasks.getKey()));
            if (episode.spans().size() <= MOST_BARS) {
                bars(svg, tasks.getValue(), y);
            } else {
                columns(svg, tasks.getValue(), y);
            }
        }
        return svg.add("</svg>");
    }

    private static String label(int task) {
        if (task < 0) {
            return "a task";
        }
        return task == MOST_LANES - 1 ? "others" : "task " + (task + 1);
    }

    private void anchors(Markup svg) {
        for (Anchor anchor : episode.anchors()) {
            double from = axis.x(anchor.openedMs());
            double to = axis.x(episode.closedMs(anchor));
            svg.add(
                    "<rect class=\"anchor\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"2\"><title>Anchor {} at LSN {}</title></rect>",
                    TimeAxis.at(from),
                    TOP,
                    TimeAxis.at(Math.max(1, to - from - 1)),
                    BAR,
                    anchor.generation(),
                    anchor.lsn());
            if (to - from > 60) {
                svg.add(
                        "<text class=\"in\" x=\"{}\" y=\"{}\">anchor {}</text>",
                        TimeAxis.at(from + 6),
                        TOP + 12,
                        anchor.generation());
            }
        }
        svg.add("<text class=\"lane\" x=\"72\" y=\"{}\">anchor</text>", TOP + 12);
    }

    /** A bar for each chunk. A task begins with the next one before Kafka has the last row of this one: bars follow each other. */
    private void bars(Markup svg, List<Span> spans, int y) {
        double free = 0;
        for (Span span : spans) {
            double from = Math.max(axis.x(span.startedMs()), free);
            double to = Math.max(axis.x(span.endedMs()), from + 1);
            svg.add(
                    "<rect class=\"c{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"1.5\"><title>{}: {}, {} in {}</title></rect>",
                    colours.of(span.relation()),
                    TimeAxis.at(from),
                    y,
                    TimeAxis.at(Math.max(0.8, to - from - 0.6)),
                    BAR,
                    span.relation(),
                    Figures.count(span.rows(), "row"),
                    Figures.bytes(span.bytes()),
                    Figures.duration(Duration.ofMillis(span.endedMs() - span.startedMs())));
            free = to;
        }
    }

    private void columns(Markup svg, List<Span> spans, int y) {
        double[][] taken = new double[COLUMNS][Colours.OWN + 1];
        double column = WIDTH / COLUMNS;
        for (Span span : spans) {
            double from = (axis.x(span.startedMs()) - LEFT) / column;
            double to = Math.max((axis.x(span.endedMs()) - LEFT) / column, from + 1e-3);
            for (int at = (int) from; at < to && at < COLUMNS; at++) {
                taken[at][colours.of(span.relation())] += Math.min(to, at + 1) - Math.max(from, at);
            }
        }
        int begun = 0;
        for (int at = 1; at <= COLUMNS; at++) {
            int colour = largest(taken[begun]);
            if (at == COLUMNS || largest(taken[at]) != colour) {
                if (colour >= 0) {
                    svg.add(
                            "<rect class=\"c{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
                            colour,
                            TimeAxis.at(LEFT + begun * column),
                            y,
                            TimeAxis.at((at - begun) * column),
                            BAR);
                }
                begun = at;
            }
        }
    }

    /** @return -1 if nothing was copied */
    private static int largest(double[] taken) {
        int largest = -1;
        for (int colour = 0; colour < taken.length; colour++) {
            if (taken[colour] > 0 && (largest < 0 || taken[colour] > taken[largest])) {
                largest = colour;
            }
        }
        return largest;
    }
}
