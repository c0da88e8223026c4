package io.pgseam.tool.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgseam.testing.HeadlessBrowser;
import io.pgseam.tool.verify.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Looks at a report in a real browser. The pictures are in {@code target/report}; {@code docs/report.png} is one of them. Skipped where
 * there is no Chromium.
 */
class ReportBrowserIT {

    private static final Path PICTURES = Path.of("target", "report");
    private static final int WIDTH = 1120;

    /** Texts in charts that are cut off, or lie upon each other; and bars outside of their chart. */
    private static final String FAULTS = """
            (() => {
              const faults = [];
              for (const chart of document.querySelectorAll('svg.chart')) {
                const frame = chart.getBoundingClientRect();
                const within = box => box.left >= frame.left - 1 && box.right <= frame.right + 1
                    && box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
                const texts = [...chart.querySelectorAll('text')];
                for (const part of [...texts, ...chart.querySelectorAll('rect')]) {
                  const box = part.getBoundingClientRect();
                  if (!within(box) || box.width === 0 || box.height === 0) {
                    faults.push('outside: ' + part.outerHTML);
                  }
                }
                for (let i = 0; i < texts.length; i++) {
                  for (let j = i + 1; j < texts.length; j++) {
                    const a = texts[i].getBoundingClientRect(), b = texts[j].getBoundingClientRect();
                    if (a.left < b.right && b.left < a.right && a.top < b.bottom - 1 && b.top < a.bottom - 1) {
                      faults.push('overlap: ' + texts[i].textContent + ' / ' + texts[j].textContent);
                    }
                  }
                }
              }
              for (const text of document.querySelectorAll('h1, h2, td, th, li, dd, .tiles b')) {
                if (text.getClientRects().length > 0 && text.scrollWidth > text.clientWidth + 1
                    && getComputedStyle(text).display !== 'inline') {
                  faults.push('cut off: ' + text.textContent);
                }
              }
              if (document.documentElement.scrollWidth > window.innerWidth) {
                faults.push('wider than the window: ' + document.documentElement.scrollWidth);
              }
              return faults;
            })()""";

    @TempDir
    Path directory;

    @Test
    void aPageIsLegibleInLightAndDarkAndAsksForNothing() throws Exception {
        Files.createDirectories(PICTURES);
        Path proved = page("proved", shop("0/1DE43B8"));
        Path hostile = page("hostile", hostile());
        try (HeadlessBrowser browser = new HeadlessBrowser(directory)) {
            for (boolean dark : new boolean[] {false, true}) {
                look(browser, proved, WIDTH, dark);
                JsonNode colours = browser.evaluate("(() => { const of = e => getComputedStyle(e);"
                        + "return [of(document.body).backgroundColor, of(document.body).color]; })()");
                assertThat(colours.get(0).asText()).isEqualTo(dark ? "rgb(18, 22, 27)" : "rgb(245, 246, 248)");
                // What a reader sees at once is what docs/report.png shows.
                browser.screenshot(PICTURES.resolve(dark ? "dark.png" : "light.png"), WIDTH, 0);
            }
            assertThat(browser.evaluate("document.querySelectorAll('svg.chart rect[class^=c]').length")
                            .asInt())
                    .as("a bar for each chunk")
                    .isEqualTo(51);
            assertThat(browser.evaluate("document.querySelector('#verdict').innerText")
                            .asText())
                    .contains("Complete, and proved", "Nothing speaks against signing off");
            look(browser, hostile, WIDTH, false);
            browser.screenshot(PICTURES.resolve("hostile.png"), WIDTH, 0);
            assertThat(browser.evaluate("typeof evil").asText()).isEqualTo("undefined");
            assertThat(browser.evaluate("document.querySelector('#tables').innerText")
                            .asText())
                    .contains("<script>evil=1</script>");
            look(browser, hostile, 400, false);
        }
    }

    private Path page(String name, InventedCopy copy) throws Exception {
        Path file = PICTURES.resolve(name + ".html");
        Files.writeString(file, ReportPage.of(copy.report()));
        return file.toAbsolutePath();
    }

    private static void look(HeadlessBrowser browser, Path page, int width, boolean dark) {
        browser.open(page, width, 800, dark);
        List<String> faults = new ArrayList<>();
        browser.evaluate(FAULTS).forEach(fault -> faults.add(fault.asText()));
        assertThat(faults).as(page + " with a width of " + width).isEmpty();
        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.requests()).containsExactly(page.toUri().toString());
    }

    /** A shop of ten million rows, on four tasks, whose largest table was rewritten in the middle of it. */
    private static InventedCopy shop(String second) {
        return new InventedCopy(7, 4)
                .table("order_items", 22, 232_000, 190_000_000)
                .table("orders", 12, 170_000, 160_000_000)
                .table("events", 8, 210_000, 120_000_000)
                .table("customers", 4, 150_000, 90_000_000)
                .table("products", 2, 24_000, 12_000_000)
                .table("warehouses", 1, 40, 9_000)
                .table("currencies", 1, 168, 7_400)
                .table("countries", 1, 249, 11_000)
                .copy("0/1A2B3C8", 26)
                .giveUp("0/1A2B3C8", "events", "table public.events was rewritten", second, 2_600)
                .copy(second, Integer.MAX_VALUE)
                .seam(second, 3)
                .proof("manifests", second, Verdict.EQUAL, Map.of(), "")
                .proof("source", "0/2F00148", Verdict.EQUAL, Map.of(), "");
    }

    private static InventedCopy hostile() {
        String name = "<script>evil=1</script>" + "averylongnamewithoutaspace".repeat(4);
        return new InventedCopy(3, 2)
                .table(name, 9, 1_000_000_000, 60_000_000_000L)
                .table("orders", 3, 10, 90_000_000)
                .copy("FFFFFFFF/0A2B3C8", 20)
                .seam("FFFFFFFF/0A2B3C8", 1)
                .setAside(name, "no primary key: " + name, "ALTER TABLE " + name)
                .proof(
                        "source",
                        "FFFFFFFF/1A2B3C8",
                        Verdict.EQUAL,
                        Map.of(name, Verdict.DIFFERENT),
                        "missing: " + name);
    }
}
