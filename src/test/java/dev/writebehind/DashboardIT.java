package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.deque.html.axecore.playwright.AxeBuilder;
import dev.writebehind.testing.Browser;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The management port's page, in a browser. */
class DashboardIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final int POISON = 666;

    private final TestDatabase database = TestDatabase.create();
    private Browser browser;

    @BeforeEach
    void open() {
        browser = Browser.start();
    }

    @AfterEach
    void close() {
        if (browser != null) {
            browser.close();
        }
        database.close();
    }

    @Test
    void page_underLoad_moves_andLoadsNothingFromElsewhere() throws Exception {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=100ms")) {
            AtomicBoolean enough = new AtomicBoolean();
            Thread load = new Thread(() -> {
                for (int i = 0; !enough.get(); i++) {
                    service.write(1 + i % 50, "c", "b", i / 50 % 2);
                }
            });
            load.start();
            try {
                show(service);
                await().until(() -> number("#accepted") > 0 && number("#rows") > 0 && number("#keys") >= 0);
                awaitText("#link", "Live");
                awaitText("#phase", "serving");
                assertThat(browser.text("#conditions")).isEqualTo("Nothing is wrong.");
                assertThat(browser.text("#interval")).isEqualTo("interval 100 ms");
                awaitText("#flush-time", " ms");
                await().until(() -> drawnPixels("#rate-chart") > 1_000);
                String effect = browser.text("#effect");
                await().until(() -> !browser.text("#effect").equals(effect));
            } finally {
                enough.set(true);
                load.join();
            }
            service.flush();
            JsonObject told = status(service).getJsonObject("effect");
            await().untilAsserted(() -> assertThat(browser.text("#effect").replace(",", ""))
                    .startsWith(told.getLong("accepted_writes") + " writes accepted since the start "
                            + told.getLong("rows_changed") + " rows written by " + told.getLong("statements")
                            + " statement"));
            await().until(() -> number("#accepted") == 0);
            nothingIsAmiss(service.managementUri("/"));
        }
    }

    @Test
    void flushNow_writesWhatWaits_andSaysSo() {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=1h")) {
            service.write(1, "c", "b", 1);
            show(service);
            await().until(() -> number("#keys") == 1);
            browser.click("#flush");
            awaitText("#outcome", "Everything accepted before is in the table. 0 keys wait.");
            assertThat(database.rows()).isEqualTo(1);
            awaitText("#events", "Everything was flushed (asked for by the dashboard at 127.0.0.1)");
            nothingIsAmiss(service.managementUri("/"));
        }
    }

    @Test
    void pause_asksFirst_andResumes_withTheKeyboardAlone() {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=20ms")) {
            show(service);
            awaitText("#link", "Live");
            browser.evaluate("document.querySelector('#pause').focus()");
            browser.press("Enter");
            await().until(() -> browser.has("#ask[open]"));
            browser.press("Escape");
            await().until(() -> !browser.has("#ask[open]"));
            browser.press("Enter");
            await().until(() -> browser.has("#ask[open]"));
            assertThat(browser.evaluate("document.activeElement.id"))
                    .as("what does no harm has the focus")
                    .isEqualTo("ask-no");
            browser.press("Enter");
            await().until(() -> !browser.has("#ask[open]"));
            assertThat(status(service).getJsonObject("flushing").getBoolean("paused"))
                    .isFalse();

            browser.press("Enter");
            await().until(() -> browser.has("#ask[open]"));
            browser.press("Tab");
            browser.press("Enter");
            awaitText("#outcome", "Flushing is paused.");
            awaitText("#database", "paused");
            awaitText("#pause", "Resume flushing");
            awaitText("#conditions", "flushing-paused");
            awaitText("#conditions", "/admin/resume");
            assertThat(status(service).getJsonObject("flushing").getBoolean("paused"))
                    .isTrue();
            service.write(1, "c", "b", 1);
            await().until(() -> number("#keys") == 1);
            awaitText("#oldest", " s");

            browser.click("#pause");
            awaitText("#outcome", "Flushing goes on.");
            awaitText("#conditions", "Nothing is wrong.");
            awaitText("#database", "ok");
            await().until(() -> database.rows() == 1);
            awaitText("#events", "Flushing was paused (asked for by the dashboard at 127.0.0.1)");
            awaitText("#events", "Flushing was resumed (asked for by the dashboard at 127.0.0.1)");
            nothingIsAmiss(service.managementUri("/"));
        }
    }

    @Test
    void deadLetters_areRetriedAndDropped() {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=20ms")) {
            database.execute(
                    "ALTER TABLE completion_blockcompletion ADD CONSTRAINT no_poison CHECK (user_id < " + POISON + ")");
            IntStream.range(0, 4).forEach(i -> service.write(POISON + i, "c", "<b>" + i + "</b>", 0.5));
            await().until(() -> service.deadLetters().size() == 4);
            show(service);
            await().until(() -> number("#dead") == 4 && rows("#dead-letters") == 4);
            assertThat(browser.text("#dead-letters")).contains("<b>0</b>", "no_poison", "0.5");

            browser.click("#dead-letters tbody tr:first-child button:first-of-type");
            awaitText("#outcome", "Not done: ");
            awaitText("#outcome", "no_poison");
            assertThat(database.rows()).isZero();

            browser.click("#dead-letters tbody tr:first-child button:last-of-type");
            await().until(() -> browser.has("#ask[open]"));
            browser.click("#ask-yes");
            await().until(() -> rows("#dead-letters") == 3 && number("#dead") == 3);
            awaitText("#outcome", "was dropped");

            database.execute("ALTER TABLE completion_blockcompletion DROP CONSTRAINT no_poison");
            browser.click("#dead-letters tbody tr:first-child button:first-of-type");
            awaitText("#outcome", "is in the table now");
            await().until(() -> rows("#dead-letters") == 2 && database.rows() == 1);
            browser.click("#retry-all");
            awaitText("#outcome", "2 of 2 dead letters are in the table now.");
            awaitText("#dead-letters", "None.");
            assertThat(database.rows()).isEqualTo(3);
            assertThat(service.deadLetters()).isEmpty();
            nothingIsAmiss(service.managementUri("/"), "409");
        }
    }

    @Test
    @ShowsEffectOf("management.port")
    void restart_isTold_andSurvived() throws IOException {
        int port = freePort();
        String atPort = "management.port=" + port;
        URI uri = URI.create("http://127.0.0.1:" + port + "/");
        try (RunningService first = RunningService.start(database.uri(), "flush.interval=20ms", atPort)) {
            first.write(1, "c", "b", 1);
            browser.open(uri);
            awaitText("#link", "Live");
            awaitText("#effect", "1 write accepted");
        }
        awaitText("#link", "Not connected: ");
        try (RunningService second = RunningService.start(database.uri(), "flush.interval=20ms", atPort)) {
            awaitText("#link", "Live");
            awaitText("#effect", "0 writes accepted");
            second.write(2, "c", "b", 1);
            awaitText("#effect", "1 write accepted");
            assertThat(browser.evaluate("document.querySelectorAll('#events time').length"))
                    .as("the second one's")
                    .isEqualTo(1);
            nothingIsAmiss(uri, "ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET");
        }
    }

    @Test
    void settings_areShownWithTheirOrigin_andReloaded() {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=70ms")) {
            show(service);
            browser.click("#settings summary");
            awaitText("#settings-table", "WRITEBEHIND_FLUSH_INTERVAL");
            assertThat(browser.text("#settings-table")).contains("70ms", "at once", "with the next start");
            browser.click("#reload");
            awaitText("#outcome", "Not done: the settings come from no file that could be read again.");
            nothingIsAmiss(service.managementUri("/"), "409");
        }
    }

    @Test
    void token_isAskedFor_andKeptForTheTab() {
        String token = "a-token-for-management";
        try (RunningService service =
                RunningService.start(database.uri(), "flush.interval=1h", "management.tokens=" + token)) {
            service.write(1, "c", "b", 1);
            show(service);
            await().until(() -> browser.has("#token[open]"));
            browser.type("#token-value", "not-the-right-one").click("#token-use");
            awaitText("#token-wrong", "That one is not right.");
            browser.type("#token-value", token).click("#token-use");
            awaitText("#link", "Live");
            browser.click("#flush");
            awaitText("#outcome", "Everything accepted before is in the table.");
            assertThat(database.rows()).isEqualTo(1);
            show(service);
            awaitText("#link", "Live");
            nothingIsAmiss(service.managementUri("/"), "401");
        }
    }

    @ParameterizedTest
    @CsvSource({"1280, 900, false", "360, 740, true", "1280, 900, true", "360, 740, false", "2560, 1440, true"})
    void page_keepsNobodyOut(int width, int height, boolean isDark) throws IOException {
        assumeThat(FULL || isDark == (width < 1000))
                .as("the others with -Pfull")
                .isTrue();
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=20ms")) {
            database.execute(
                    "ALTER TABLE completion_blockcompletion ADD CONSTRAINT no_poison CHECK (user_id < " + POISON + ")");
            service.write(POISON, "course-v1:OpenedX+DemoX+DemoCourse", "b".repeat(200), 0.5);
            await().until(() -> service.deadLetters().size() == 1);
            service.manage("POST", "/admin/pause");
            browser.viewport(width, height).dark(isDark);
            show(service);
            await().until(() -> rows("#dead-letters") == 1);
            awaitText("#conditions", "flushing-paused");
            browser.click("#settings summary");
            awaitText("#settings-table", "flush.interval");
            assertThat(faults()).isEmpty();
            assertThat(browser.evaluate("document.documentElement.scrollWidth <= innerWidth"))
                    .as("nothing but tables is wider than the page")
                    .isEqualTo(true);

            browser.click("#dead-letters tbody button:last-of-type");
            await().until(() -> browser.has("#ask[open]"));
            assertThat(faults()).isEmpty();
            browser.click("#ask-no");
            service.manage("POST", "/admin/resume");
            nothingIsAmiss(service.managementUri("/"));
        }
    }

    private void show(RunningService service) {
        browser.open(service.managementUri("/"));
    }

    private static JsonObject status(RunningService service) {
        return new JsonObject(service.manage("GET", "/admin/status").body());
    }

    private void awaitText(String selector, String part) {
        await(selector).untilAsserted(() -> assertThat(browser.text(selector)).contains(part));
    }

    private double number(String selector) {
        String digits = browser.text(selector).replaceAll("[^0-9.]", "");
        return digits.isEmpty() ? -1 : Double.parseDouble(digits);
    }

    private int rows(String selector) {
        return ((Number) browser.evaluate("document.querySelectorAll('" + selector + " tbody tr').length")).intValue();
    }

    private long drawnPixels(String chart) {
        return ((Number) browser.evaluate("(() => { const canvas = document.querySelector('" + chart + " canvas');"
                        + " if (!canvas || !canvas.width) { return 0; }"
                        + " const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;"
                        + " let drawn = 0; for (let i = 3; i < data.length; i += 4) { drawn += data[i] > 0 ? 1 : 0; }"
                        + " return drawn; })()"))
                .longValue();
    }

    /** Returns what axe finds, by its rules' names and the elements. */
    private List<String> faults() throws IOException {
        try (InputStream axe = AxeBuilder.class.getResourceAsStream("/axe.min.js")) {
            browser.evaluate(new String(axe.readAllBytes(), StandardCharsets.UTF_8) + "; undefined");
        }
        String found = (String) browser.evaluate("axe.run().then(found => JSON.stringify(found.violations.flatMap("
                + "fault => fault.nodes.map(node => fault.id + ' ' + node.target + ' ' + node.failureSummary))))");
        return new JsonArray(found).stream().map(String::valueOf).toList();
    }

    /** Asserts that the console told of no errors but these, and that nothing was asked of others. */
    private void nothingIsAmiss(URI own, String... expected) {
        assertThat(browser.errors())
                .allMatch(error -> List.of(expected).stream().anyMatch(error::contains));
        assertThat(browser.requests())
                .isNotEmpty()
                .allMatch(request -> request.uri().getAuthority().equals(own.getAuthority()));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
