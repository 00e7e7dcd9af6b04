package dev.writebehind.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.loadtest.result.Results;
import dev.writebehind.loadtest.result.Run;
import dev.writebehind.loadtest.result.Variant;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What a report of all scenarios holds. */
final class ReportTest {
    @TempDir
    private static Path directory;

    private static final Results RESULTS = SampleResults.all();
    private static String page = "";

    @BeforeAll
    static void write() throws IOException {
        Report.write(RESULTS, directory);
        page = Files.readString(directory.resolve("index.html"));
    }

    @Test
    void page_needsNothingButItself() {
        assertThat(page)
                .doesNotContainIgnoringCase("http://")
                .doesNotContainIgnoringCase("https://")
                .doesNotContainIgnoringCase("<script")
                .doesNotContainIgnoringCase("<link")
                .doesNotContainIgnoringCase("@import")
                .doesNotContainPattern("(?i)\\s(src|href)\\s*=");
        assertThat(page.replaceAll("url\\(#", "")).doesNotContainIgnoringCase("url(");
    }

    @Test
    void page_namesEveryVariantAndScenario() {
        for (String scenario : SampleResults.SCENARIOS) {
            assertThat(page).contains("<h2>" + scenario + "</h2>");
        }
        for (Variant variant : Variant.values()) {
            assertThat(page).contains(variant.title()).contains(Html.escape(variant.explanation()));
        }
    }

    @Test
    void page_showsVerdictsWithBothSides() {
        assertThat(page).contains("1 of 4 not met.").contains("0.11 ÷ 4.6 = 1/42");
        assertThat(count("✗ not met")).isEqualTo(1);
        assertThat(count("✓ met")).isEqualTo(3);
        assertThat(row("0.11 ÷ 4.6 = 1/42")).contains("not met");
    }

    @Test
    void page_escapesWhateverTextItIsGiven() {
        assertThat(page).doesNotContain(SampleResults.HOSTILE).contains(Html.escape(SampleResults.HOSTILE));
    }

    @Test
    void page_keepsWhatChartsNameApart() {
        List<String> ids = Pattern.compile("\\sid=\"([^\"]+)\"")
                .matcher(page)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(ids).isNotEmpty().doesNotHaveDuplicates();
        Matcher uses = Pattern.compile("url\\(#([^)]+)\\)").matcher(page);
        assertThat(uses.results().map(found -> found.group(1)).toList())
                .isNotEmpty()
                .isSubsetOf(ids);
    }

    @Test
    void page_saysWhichRowsDiffer() {
        assertThat(page).contains("6 of 60,000").contains("before, key dropped, round 2: user 7, block");
    }

    @Test
    void page_saysHowCloseToTheCeilingsTheServiceCame() {
        assertThat(page)
                .contains("14,200 writes/s, 67 % of the 21,340")
                .contains("24,610 rows/s into the table, 77 % of");
    }

    @Test
    void page_withoutCeilingsSaysSo() throws IOException {
        assertThat(HtmlPage.of(SampleResults.withoutCeilings())).contains("They were not measured in this comparison.");
    }

    @Test
    void page_saysWhichPoolWasTaken() {
        assertThat(row("32 (taken)")).contains("702").contains("12.9");
        assertThat(pageOf(SampleResults.of(RESULTS.runs().subList(0, 1)))).contains("was given, not searched for");
    }

    @Test
    void page_setsWhatDirectWritesCanBeExpectedToDoBesideTheMeasured() {
        assertThat(page).contains("32 ÷ (20 % × 20.0 s ÷ 2) = 16.2 where every write waits");
    }

    @Test
    void page_marksTheKneeAndItsRate() {
        assertThat(page).contains("Writes accepted against writes due at each step");
        double knee = RESULTS.runs().stream()
                .filter(run -> run.scenario().equals("MaxThroughput") && run.variant() == Variant.AFTER_JOURNAL)
                .findFirst()
                .orElseThrow()
                .recording()
                .knee()
                .orElseThrow()
                .duePerSecond();
        assertThat(page).contains("<td>" + Figures.number(knee) + "</td>");
    }

    @Test
    void summary_showsOfASearchForTheKneeWhatWasAcceptedThere() throws IOException {
        Run run = Rounds.of(Variant.BARE_HTTP, Rounds.of("MaxThroughput", RESULTS.runs()))
                .orElseThrow()
                .median();
        double knee = run.recording().knee().orElseThrow().acceptedPerSecond();
        assertThat(knee).isNotEqualTo(run.recording().acceptedPerSecond());

        assertThat(Files.readAllLines(directory.resolve("summary.md")))
                .filteredOn(line -> line.startsWith("| MaxThroughput | bare HTTP |"))
                .singleElement()
                .asString()
                .startsWith("| MaxThroughput | bare HTTP | " + Figures.number(knee) + " | – | ");
    }

    @Test
    void report_ofRunsInWhichNothingHappenedIsWritten(@TempDir Path other) throws IOException {
        Run still = SampleResults.still("UserTableBusy", Variant.BEFORE_KEY);
        Report.write(SampleResults.of(List.of(still)), other);
        assertThat(Files.readString(other.resolve("index.html")))
                .contains("<h2>UserTableBusy</h2>")
                .doesNotContain("NaN");
        assertThat(other.resolve("before-after-over-time.svg")).exists();
    }

    @Test
    void bars_ofNothingBesideMuchHaveTheirPlace(@TempDir Path other) throws IOException {
        List<Run> runs = List.of(
                SampleResults.calm("UserTableBusy", Variant.BEFORE_KEY, 1, 0),
                SampleResults.calm("UserTableBusy", Variant.BEFORE_DROPPED, 1, 3),
                SampleResults.calm("UserTableBusy", Variant.AFTER_JOURNAL, 1, 1_200));
        Report.write(SampleResults.of(runs), other);
        assertThat(Files.readString(other.resolve("before-after-throughput.svg")))
                .doesNotContain("NaN", "Infinity");
    }

    @Test
    void json_readBackIsTheSame() throws IOException {
        Path json = directory.resolve("results.json");
        assertThat(Report.read(json)).isEqualTo(RESULTS);
        assertThat(Files.readString(json)).contains("\"2026-03-01T12:34:56.789Z\"");
    }

    @Test
    void json_withoutCeilingsReadBackIsTheSame(@TempDir Path other) throws IOException {
        Results results = SampleResults.of(List.of());
        Report.write(results, other);
        assertThat(Report.read(other.resolve("results.json"))).isEqualTo(results);
        assertThat(other.resolve("index.html")).exists();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "before-after-throughput",
                "before-after-latency",
                "before-after-over-time",
                "statements-per-write"
            })
    void charts_arePicturesOfMoreThanTheirBackground(String name) throws Exception {
        BufferedImage png = ImageIO.read(directory.resolve(name + ".png").toFile());
        assertThat(png.getWidth()).isEqualTo(1_840);
        assertThat(colours(png)).contains(rgb(Variant.BEFORE_KEY), rgb(Variant.AFTER_JOURNAL));

        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        Document svg = factory.newDocumentBuilder()
                .parse(directory.resolve(name + ".svg").toFile());
        NodeList elements = svg.getElementsByTagName("*");
        assertThat(elements.getLength()).isGreaterThan(50);
        for (int at = 0; at < elements.getLength(); at++) {
            assertThat(((Element) elements.item(at)).getNamespaceURI()).isEqualTo("http://www.w3.org/2000/svg");
        }
        assertThat(Files.readString(directory.resolve(name + ".svg"))).doesNotContain("NaN");
    }

    private static String pageOf(Results results) {
        try {
            return HtmlPage.of(results);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int rgb(Variant variant) {
        return Look.of(variant).getRGB();
    }

    private static List<Integer> colours(BufferedImage image) {
        return IntStream.range(0, image.getWidth() * image.getHeight())
                .map(at -> image.getRGB(at % image.getWidth(), at / image.getWidth()))
                .distinct()
                .boxed()
                .toList();
    }

    private static long count(String text) {
        return Pattern.compile(text, Pattern.LITERAL).matcher(page).results().count();
    }

    /** Returns the row of a table in which that text stands. */
    private static String row(String text) {
        return page.lines().filter(line -> line.contains(text)).findFirst().orElse("");
    }
}
