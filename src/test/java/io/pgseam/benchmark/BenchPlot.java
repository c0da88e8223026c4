package io.pgseam.benchmark;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Rows a second of each system as bars, with lines from the least to the most, as SVG. */
final class BenchPlot {

    private static final int WIDTH = 760;
    private static final int LEFT = 190;
    private static final int RIGHT = 90;
    private static final int BAR = 16;
    private static final int STEP = 24;
    private static final int HEAD = 40;

    private final StringBuilder svg = new StringBuilder();

    private BenchPlot() {}

    static String svg(BenchReport report) {
        return new BenchPlot().draw(report.groups());
    }

    private String draw(Map<String, Map<String, List<Measurement>>> groups) {
        int height = groups.values().stream()
                .mapToInt(systems -> HEAD + STEP * systems.size())
                .sum();
        line(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">",
                WIDTH, height + STEP);
        line("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, height + STEP);
        int top = 0;
        for (Map.Entry<String, Map<String, List<Measurement>>> group : groups.entrySet()) {
            line(
                    "<text x=\"%d\" y=\"%d\" font-weight=\"bold\">%s, rows/s</text>",
                    LEFT, top + HEAD - 12, group.getKey());
            panel(group.getValue(), top + HEAD);
            top += HEAD + STEP * group.getValue().size();
        }
        line("</svg>");
        return svg.toString();
    }

    private void panel(Map<String, List<Measurement>> systems, int top) {
        double most = systems.values().stream()
                .flatMap(List::stream)
                .mapToDouble(Measurement::rowsPerSecond)
                .max()
                .orElse(1);
        double scale = (WIDTH - LEFT - RIGHT) / most;
        int y = top;
        for (Map.Entry<String, List<Measurement>> system : systems.entrySet()) {
            List<Measurement> of = system.getValue();
            double median = BenchReport.median(of, Measurement::rowsPerSecond);
            double least =
                    of.stream().mapToDouble(Measurement::rowsPerSecond).min().orElse(0);
            double greatest =
                    of.stream().mapToDouble(Measurement::rowsPerSecond).max().orElse(0);
            line("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", LEFT - 6, y + 12, escaped(system.getKey()));
            line(
                    "<rect x=\"%d\" y=\"%d\" width=\"%.0f\" height=\"%d\" fill=\"%s\"/>",
                    LEFT, y, median * scale, BAR, system.getKey().equals("debezium") ? "#c0392b" : "#2471a3");
            line(
                    "<path d=\"M%.0f %d H%.0f\" stroke=\"#222\" stroke-width=\"2\"/>",
                    LEFT + least * scale, y + BAR / 2, LEFT + greatest * scale);
            line("<text x=\"%.0f\" y=\"%d\">%.0f</text>", LEFT + greatest * scale + 6, y + 12, median);
            y += STEP;
        }
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }

    private void line(String form, Object... values) {
        svg.append(String.format(Locale.ROOT, form, values)).append('\n');
    }
}
