package io.pgseam.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/** Prints which test classes took longest, at the end of a build: the next minute that somebody adds is to be seen. */
final class SlowestTests {

    private static final int SHOWN = 15;

    /** A test class, as its report tells; the report is written when the class is done. */
    private record Report(String name, int tests, double seconds, Instant end) {

        Instant begin() {
            return end.minusMillis(Math.round(seconds * 1_000));
        }
    }

    private SlowestTests() {}

    /** Arguments: the directory of the reports, and when the build began; older reports are of other builds. */
    public static void main(String[] arguments) throws Exception {
        List<Report> reports = read(Path.of(arguments[0]), Instant.parse(arguments[1]));
        if (reports.isEmpty()) {
            return;
        }
        Duration span = Duration.between(
                Collections.min(reports, Comparator.comparing(Report::begin)).begin(),
                Collections.max(reports, Comparator.comparing(Report::end)).end());
        System.out.printf(
                Locale.ROOT,
                "%nIntegration tests: %d classes, %.0f s together, in %d s. The slowest:%n",
                reports.size(),
                reports.stream().mapToDouble(Report::seconds).sum(),
                span.toSeconds());
        reports.stream()
                .sorted(Comparator.comparingDouble(Report::seconds).reversed())
                .limit(SHOWN)
                .forEach(report -> System.out.printf(
                        Locale.ROOT, "%8.1f s  %3d tests  %s%n", report.seconds(), report.tests(), report.name()));
    }

    private static List<Report> read(Path directory, Instant since)
            throws IOException, ParserConfigurationException, SAXException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<Path> files;
        try (Stream<Path> entries = Files.list(directory)) {
            files = entries.filter(file -> file.getFileName().toString().matches("TEST-.*\\.xml"))
                    .toList();
        }
        DocumentBuilder parser = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        List<Report> reports = new ArrayList<>();
        for (Path file : files) {
            Instant written = Files.getLastModifiedTime(file).toInstant();
            if (!written.isBefore(since)) {
                Element suite = parser.parse(file.toFile()).getDocumentElement();
                reports.add(new Report(
                        suite.getAttribute("name"),
                        Integer.parseInt(suite.getAttribute("tests")),
                        Double.parseDouble(suite.getAttribute("time").replace(",", "")),
                        written));
            }
        }
        return reports;
    }
}
