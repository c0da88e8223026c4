package io.pgseam.tool.report;

import io.pgseam.tool.console.Figures;
import io.pgseam.tool.report.Timeline.Span;
import java.util.Arrays;
import java.util.function.DoubleFunction;
import java.util.function.ToLongFunction;

/** How much was copied in each moment. A chunk's rows count evenly from its begin to its end. */
final class RateChart {

    private static final double LEFT = 80;
    private static final double WIDTH = 900;
    private static final int TOP = 20;
    private static final int HEIGHT = 96;
    private static final int MOST_BINS = 150;
    private static final double SECOND_MS = 1e3;

    private final Episode episode;
    private final TimeAxis axis;
    private final int bins;

    RateChart(Episode episode) {
        this.episode = episode;
        this.axis = new TimeAxis(episode.fromMs(), episode.toMs(), LEFT, WIDTH);
        // A bin that is shorter than most chunks would show nothing but their edges.
        this.bins = (int) Math.max(12, Math.min(MOST_BINS, episode.spans().size() * 2L));
    }

    Markup rows() {
        return svg("Rows per second", 1_000, Span::rows, rate -> Figures.count(Math.round(rate)));
    }

    Markup bytes() {
        return svg("Bytes of COPY text per second", 1_024, Span::bytes, rate -> Figures.bytes(rate) + "/s");
    }

    /** @param step between two units of a figure, such as MB and GB */
    private Markup svg(String label, int step, ToLongFunction<Span> amount, DoubleFunction<String> figure) {
        double[] rates = rates(amount);
        double top = round(Arrays.stream(rates).max().orElse(1), step);
        Markup svg = new Markup()
                .add(
                        "<svg class=\"chart\" viewBox=\"0 0 1000 {}\" role=\"img\" aria-label=\"{}\">",
                        TOP + HEIGHT + 20,
                        label);
        svg.add("<text class=\"title\" x=\"80\" y=\"12\">{}</text>", label);
        for (int line = 0; line <= 2; line++) {
            double y = TOP + HEIGHT - HEIGHT * line / 2.0;
            svg.add(
                    "<line class=\"grid\" x1=\"80\" x2=\"980\" y1=\"{}\" y2=\"{}\"/><text class=\"lane\" x=\"72\" y=\"{}\">{}</text>",
                    TimeAxis.at(y),
                    TimeAxis.at(y),
                    TimeAxis.at(y + 4),
                    figure.apply(top * line / 2));
        }
        StringBuilder line = new StringBuilder();
        for (int bin = 0; bin < bins; bin++) {
            String y = TimeAxis.at(TOP + HEIGHT - HEIGHT * rates[bin] / top);
            line.append(bin == 0 ? 'M' : 'L')
                    .append(TimeAxis.at(LEFT + WIDTH * bin / bins))
                    .append(' ')
                    .append(y)
                    .append('L')
                    .append(TimeAxis.at(LEFT + WIDTH * (bin + 1) / bins))
                    .append(' ')
                    .append(y);
        }
        svg.add("<path class=\"area\" d=\"{}L980 {}L80 {}Z\"/>", line, TOP + HEIGHT, TOP + HEIGHT);
        svg.add("<path class=\"line\" d=\"{}\"/>", line);
        for (TimeAxis.Tick tick : axis.ticks()) {
            svg.add(
                    "<text class=\"tick\" x=\"{}\" y=\"{}\">{}</text>",
                    TimeAxis.at(tick.x()),
                    TOP + HEIGHT + 15,
                    tick.label());
        }
        return svg.add("</svg>");
    }

    private double[] rates(ToLongFunction<Span> amount) {
        double[] sums = new double[bins];
        double from = axis.fromMs();
        double bin = (axis.toMs() - axis.fromMs()) / (double) bins;
        for (Span span : episode.spans()) {
            double first = (span.startedMs() - from) / bin;
            double last = (span.endedMs() - from) / bin;
            if (last - first < 1e-6) {
                sums[Math.max(0, Math.min(bins - 1, (int) last))] += amount.applyAsLong(span);
                continue;
            }
            for (int at = (int) first; at < last && at < bins; at++) {
                double part = (Math.min(last, at + 1) - Math.max(first, at)) / (last - first);
                sums[at] += part * amount.applyAsLong(span);
            }
        }
        for (int at = 0; at < bins; at++) {
            sums[at] /= bin / SECOND_MS;
        }
        return sums;
    }

    /** The next larger number of the form 1, 2, 4, 6 or 8 times a power of ten, in the unit in which it is told. */
    private static double round(double highest, int step) {
        if (highest <= 0) {
            return 1;
        }
        double unit = 1;
        while (highest >= unit * step) {
            unit *= step;
        }
        double power = unit * Math.pow(10, Math.floor(Math.log10(highest / unit)));
        for (int times : new int[] {1, 2, 4, 6, 8}) {
            if (highest <= times * power) {
                return times * power;
            }
        }
        return 10 * power;
    }
}
