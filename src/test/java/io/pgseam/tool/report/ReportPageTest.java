package io.pgseam.tool.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgseam.tool.report.Assessment.Outcome;
import io.pgseam.tool.topic.TopicOffsets.Extent;
import io.pgseam.tool.verify.Verdict;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportPageTest {

    private static final Path EXPECTED =
            Path.of("src", "test", "resources", "io", "pgseam", "tool", "report", "small.html");
    private static final Path ACTUAL = Path.of("target", "report", "small.html");
    private static final String HOSTILE = "<script>alert('x')</script>\"&\u202eevil";

    /** What a test has got is in {@code target/report}: compare the two, and copy the file if the difference is meant. */
    @Test
    void aSmallCopyIsTold() throws IOException {
        String page = ReportPage.of(smallCopy().report());

        Files.createDirectories(ACTUAL.getParent());
        Files.writeString(ACTUAL, body(page) + "\n");
        assertThat(ACTUAL).hasSameTextualContentAs(EXPECTED);
    }

    private static InventedCopy smallCopy() {
        return new InventedCopy(1, 2)
                .table("orders", 3, 1_000, 400_000)
                .table("customers", 1, 200, 50_000)
                .copy("0/100", 9)
                .seam("0/100", 2)
                .proof("manifests", "0/100", Verdict.EQUAL, Map.of(), "");
    }

    /** Line by line, so that a difference can be read. The style sheet is left out. */
    private static String body(String page) {
        return page.replaceAll("(?s)<style>.*</style>", "").replace("><", ">\n<");
    }

    @Test
    void namesAndReasonsOfOthersAreNoMarkup() throws Exception {
        String page = ReportPage.of(new InventedCopy(1, 2)
                .table(HOSTILE, 2, 1_000, 400_000)
                .copy("0/100", 1)
                .giveUp("0/100", HOSTILE, HOSTILE, "0/200", 500)
                .copy("0/200", 9)
                .seam("0/200", 1)
                .setAside(HOSTILE, HOSTILE, HOSTILE)
                .proof("manifests", "0/200", Verdict.EQUAL, Map.of(HOSTILE, Verdict.UNKNOWN), HOSTILE)
                .report());

        assertThat(page)
                .doesNotContain("<script", "\u202e")
                .contains("&lt;script&gt;alert(&#39;x&#39;)", "\\u202eevil");
        Document document = parsed(page);
        assertThat(texts(document, "script")).isEmpty();
        for (String section : List.of("verdict", "proofs", "set-aside", "timeline", "tables", "seam", "events")) {
            assertThat(section(document, section).getTextContent())
                    .as(section)
                    .contains("<script>alert('x')</script>\"&\\u202eevil");
        }
    }

    @Test
    void nothingIsFetchedFromOutside() throws Exception {
        String page = ReportPage.of(smallCopy().report());

        assertThat(page)
                .contains("default-src 'none'")
                .doesNotContain("http://", "https://", "url(", "@import", "src=", "href=", "<link", "onload");
    }

    @Test
    void sizeIsBoundedForThousandsOfTablesAndAHundredThousandChunks() throws Exception {
        InventedCopy copy = new InventedCopy(1, 40);
        for (int table = 0; table < 5_000; table++) {
            copy.table("a_table_with_quite_a_long_name_of_sixty_three_characters_" + table, 20, 1_000, 400_000);
            copy.setAside("aside_" + table, "no primary key", "add a primary key");
        }
        String page = ReportPage.of(copy.copy("0/100", Integer.MAX_VALUE)
                .seam("0/100", 4)
                .proof("manifests", "0/100", Verdict.UNKNOWN, Map.of(), "")
                .report());

        assertThat(page.getBytes(StandardCharsets.UTF_8).length).isLessThan(2 << 20);
        Document document = parsed(page);
        assertThat(section(document, "timeline").getTextContent()).contains("task 1", "others", "4,993 other tables");
        assertThat(section(document, "tables").getTextContent()).contains("4,988 more", "and 4,488 more");
        assertThat(texts(document, "rect").size()).isBetween(1_000, 20_000);
    }

    @Test
    void theOutcomeIsTheWorstOfWhatIsKnown() {
        assertThat(outcome(smallCopy())).isEqualTo(Outcome.PROVED);
        assertThat(outcome(complete())).isEqualTo(Outcome.UNPROVED);
        assertThat(outcome(smallCopy().setAside("log", "no primary key", "add one")))
                .isEqualTo(Outcome.RESERVED);
        assertThat(outcome(complete().proof("manifests", "0/100", Verdict.UNKNOWN, Map.of(), "")))
                .isEqualTo(Outcome.UNPROVED);
        assertThat(outcome(complete().proof("manifests", "0/90", Verdict.EQUAL, Map.of(), "")))
                .as("the proof of an earlier copy")
                .isEqualTo(Outcome.UNPROVED);
        assertThat(outcome(complete().proof("source", "0/90", Verdict.EQUAL, Map.of(), "")))
                .as("compared before the seam")
                .isEqualTo(Outcome.UNPROVED);
        assertThat(outcome(complete().proof("source", "0/110", Verdict.EQUAL, Map.of(), "")))
                .isEqualTo(Outcome.PROVED);
        assertThat(outcome(complete().proof("target", "0/110", Verdict.EQUAL, Map.of(), "")))
                .as("verify names tables there, and no topics")
                .isEqualTo(Outcome.PROVED);
        assertThat(outcome(
                        smallCopy().proof("source", "0/110", Verdict.EQUAL, Map.of("orders", Verdict.DIFFERENT), "")))
                .as("one proof contradicts")
                .isEqualTo(Outcome.DIFFERENT);
        assertThat(outcome(smallCopy().extent("orders", 1, new Extent(500, 900))))
                .as("retention has removed copied rows")
                .isEqualTo(Outcome.RESERVED);
        assertThat(outcome(new InventedCopy(1, 2).table("orders", 3, 1, 1).copy("0/100", 2)))
                .isEqualTo(Outcome.INCOMPLETE);
        assertThat(outcome(new InventedCopy(1, 2))).isEqualTo(Outcome.INCOMPLETE);
        assertThat(outcome(smallCopy().copy("0/300", 0)))
                .as("more is being copied")
                .isEqualTo(Outcome.INCOMPLETE);
    }

    private static InventedCopy complete() {
        return new InventedCopy(1, 2)
                .table("orders", 3, 1_000, 400_000)
                .copy("0/100", 9)
                .seam("0/100", 2);
    }

    private static Outcome outcome(InventedCopy copy) {
        return copy.report().assessment().outcome();
    }

    @Test
    void aProofOfSomeTablesOnlyDoesNotProveTheOthers() {
        Proof ofOne = new InventedCopy(1, 2)
                .table("orders", 1, 1, 1)
                .copy("0/100", 9)
                .proof("source", "0/100", Verdict.EQUAL, Map.of(), "")
                .report()
                .proofs()
                .get(0);
        CopyReport both = new InventedCopy(1, 2)
                .table("orders", 1, 1, 1)
                .table("customers", 1, 1, 1)
                .copy("0/100", 9)
                .seam("0/100", 1)
                .report();
        CopyReport report = new CopyReport(
                both.connector(),
                both.source(),
                both.log(),
                both.timeline(),
                List.of(ofOne),
                both.extents(),
                both.now(),
                both.toolVersion());

        assertThat(report.assessment().outcome()).isEqualTo(Outcome.UNPROVED);
        assertThat(report.assessment().findings())
                .extracting(Finding::text)
                .anyMatch(text -> text.contains("not compared: public.customers"));
    }

    /** Tables that were added weeks later have charts of their own: otherwise the first copy would be a thin line. */
    @Test
    void eachCopyHasItsOwnTimeline() throws Exception {
        Document document = parsed(ReportPage.of(complete()
                .table("added", 2, 10, 100_000)
                .copy("0/300", 9)
                .seam("0/300", 2)
                .report()));

        assertThat(texts(document, "h3"))
                .filteredOn(text -> text.contains(" to "))
                .hasSize(2);
        assertThat(section(document, "anchors").getTextContent()).contains("0/100", "0/300");
    }

    @Test
    void aCopyThatAnEarlierVersionBeganIsTold() throws Exception {
        ObjectMapper json = new ObjectMapper();
        Timeline timeline = new Timeline();
        timeline.take(
                json.readTree("{\"blocks\":1}"),
                json.readTree(
                        "{\"type\":\"chunk\",\"ts_ms\":5000,\"lsn\":\"0/100\",\"schema\":\"public\",\"table\":\"orders\","
                                + "\"filenode\":7,\"chunk\":0,\"rows\":10,\"bytes\":100}"));
        CopyReport small = smallCopy().report();
        Document document = parsed(ReportPage.of(
                new CopyReport("shop", "x", small.log(), timeline, List.of(), Map.of(), small.now(), "0.1.0")));

        assertThat(section(document, "timeline").getTextContent()).contains("An earlier version copied 1 chunk");
    }

    @Test
    void aRepeatedRecordCountsOnce() throws Exception {
        ObjectMapper json = new ObjectMapper();
        Timeline timeline = new Timeline();
        IntStream.range(0, 3).forEach(time -> {
            try {
                timeline.take(
                        json.readTree("{\"blocks\":1}"),
                        json.readTree(
                                "{\"type\":\"chunk\",\"ts_ms\":" + (5_000 + time) + ",\"started_ms\":4000,\"task\":1,"
                                        + "\"lsn\":\"0/100\",\"schema\":\"s\",\"table\":\"t\",\"filenode\":7,\"chunk\":0,\"rows\":10}"));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });

        assertThat(timeline.spans())
                .containsExactly(new Timeline.Span(1, 4_000, 5_000, "s.t", 10, 0, 0, io.pgseam.pg.Lsn.parse("0/100")));
    }

    /** The page is XML as well, so a tag that is not closed fails here. */
    static Document parsed(String page) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(page)));
    }

    private static Element section(Document document, String id) {
        NodeList sections = document.getElementsByTagName("section");
        for (int i = 0; i < sections.getLength(); i++) {
            Element section = (Element) sections.item(i);
            if (section.getAttribute("id").equals(id)) {
                return section;
            }
        }
        throw new AssertionError("no section " + id);
    }

    private static List<String> texts(Document document, String tag) {
        List<String> texts = new ArrayList<>();
        NodeList elements = document.getElementsByTagName(tag);
        for (int i = 0; i < elements.getLength(); i++) {
            texts.add(elements.item(i).getTextContent());
        }
        return texts;
    }
}
