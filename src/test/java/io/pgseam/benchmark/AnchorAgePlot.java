package io.pgseam.benchmark;

import io.pgseam.benchmark.AnchorAgeBenchmark.Sample;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Retained WAL and the age of the oldest snapshot over time, each run a line, as SVG. */
final class AnchorAgePlot {

    private static final int WIDTH = 760;
    private static final int PANEL = 200;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int GAP = 60;
    private static final String[] COLOURS = {"#c0392b", "#2471a3"};

    private final Map<String, List<Sample>> runs;
    private final double seconds;
    private final StringBuilder svg = new StringBuilder();

    AnchorAgePlot(Map<String, List<Sample>> runs) {
        this.runs = runs;
        this.seconds = greatest(Sample::seconds);
    }

    private double greatest(ToDoubleFunction<Sample> figure) {
        return runs.values().stream()
                .flatMap(Collection::stream)
                .mapToDouble(figure)
                .max()
                .orElse(1);
    }

    String svg() {
        int height = 2 * (PANEL + GAP) + 20;
        line(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">",
                WIDTH, height);
        line("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, height);
        panel(40, "WAL retained by the slot, MB", sample -> sample.retainedBytes() / 1e6);
        panel(40 + PANEL + GAP, "age of the oldest snapshot, s", Sample::snapshotSeconds);
        int number = 0;
        for (String run : runs.keySet()) {
            line(
                    "<text x=\"%d\" y=\"20\" fill=\"%s\">%s</text>",
                    LEFT + number * 140, COLOURS[number % COLOURS.length], run);
            number++;
        }
        line("</svg>");
        return svg.toString();
    }

    private void panel(int top, String title, ToDoubleFunction<Sample> figure) {
        double most = Math.max(1, greatest(figure));
        int bottom = top + PANEL;
        line("<text x=\"%d\" y=\"%d\" font-weight=\"bold\">%s</text>", LEFT, top - 4, title);
        line("<path d=\"M%d %d V%d H%d\" fill=\"none\" stroke=\"#444\"/>", LEFT, top, bottom, WIDTH - RIGHT);
        for (int step = 0; step <= 4; step++) {
            line(
                    "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.0f</text>",
                    LEFT - 6, bottom - PANEL * step / 4.0 + 4, most * step / 4);
            line(
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f s</text>",
                    x(seconds * step / 4), bottom + 16, seconds * step / 4);
        }
        int number = 0;
        for (List<Sample> samples : runs.values()) {
            StringBuilder points = new StringBuilder();
            for (Sample sample : samples) {
                points.append(String.format(
                        Locale.ROOT,
                        "%.1f,%.1f ",
                        x(sample.seconds()),
                        bottom - PANEL * figure.applyAsDouble(sample) / most));
            }
            line(
                    "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>",
                    points.toString().trim(), COLOURS[number++ % COLOURS.length]);
        }
    }

    private double x(double at) {
        return LEFT + (WIDTH - LEFT - RIGHT) * at / seconds;
    }

    private void line(String format, Object... arguments) {
        svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
    }
}
