package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.testing.Browser;
import dev.writebehind.testing.Problems;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the contract is served, and what the page that shows it does in a browser. */
class ContractPagesIT {
    private static final String TOKEN = "a-token-of-the-test";

    @RegisterExtension
    static final ServiceExtension suite = ServiceExtension.with("auth.mode=token", "auth.tokens=" + TOKEN);

    private static final String WRITE = "#operations-completions-writeCompletions";

    private final RunningService service = suite.service();

    @Test
    void docs_tried_writesWithTheTokenThatWasGiven() {
        URI docs = service.uri("/docs");
        try (Browser browser = Browser.start()) {
            browser.open(docs);
            assertThat(browser.text("h1, h2")).contains("Completion write-behind");

            send(browser);
            await().until(() -> browser.text(WRITE).contains("401"));

            browser.click(".authorize");
            browser.type("#auth-bearer-value, input[aria-label=auth-bearer-value]", TOKEN);
            browser.click(".auth-btn-wrapper .authorize").click(".btn-done");
            browser.click(WRITE + " .execute");
            await().untilAsserted(() -> assertThat(browser.text(WRITE + " .live-responses-table"))
                    .contains("202")
                    .contains("\"accepted\": 1"));

            assertThat(browser.requests())
                    .contains(new Browser.Request("POST", service.uri("/v1/completions")))
                    .allMatch(request -> request.uri().getAuthority().equals(docs.getAuthority()));
            assertThat(browser.errors()).allMatch(error -> error.contains("401"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/openapi.yaml", "/docs", "/docs/start.js", "/docs/swagger-ui-bundle.js"})
    void files_askedForAgain_areNotSentAgain(String path) {
        HttpResponse<String> first = service.send(HttpRequest.newBuilder(service.uri(path)));
        String tag = first.headers().firstValue("etag").orElseThrow();

        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(first.body()).isNotEmpty();
        for (String known : List.of(tag, "W/" + tag, "\"other\", " + tag, "*")) {
            HttpResponse<String> again =
                    service.send(HttpRequest.newBuilder(service.uri(path)).header("if-none-match", known));
            assertThat(again.statusCode()).as(known).isEqualTo(304);
            assertThat(again.body()).isEmpty();
        }
        HttpResponse<String> changed =
                service.send(HttpRequest.newBuilder(service.uri(path)).header("if-none-match", "\"other\""));
        assertThat(changed.body()).isEqualTo(first.body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/openapi.yaml", "/docs", "/docs/swagger-ui.css"})
    void files_askedForByHead_areAnsweredWithTheirLength_andByOthersRefused(String path) {
        String length = service.send(HttpRequest.newBuilder(service.uri(path)))
                .headers()
                .firstValue("content-length")
                .orElseThrow();

        HttpResponse<String> head =
                service.send(HttpRequest.newBuilder(service.uri(path)).method("HEAD", BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("content-length")).hasValue(length);
        HttpResponse<String> post =
                service.send(HttpRequest.newBuilder(service.uri(path)).POST(BodyPublishers.ofString("x")));
        Problems.problem(post, 405);
        assertThat(post.headers().firstValue("allow")).hasValue("GET, HEAD");
    }

    @Test
    void page_letsNothingFromElsewhereIn() {
        HttpResponse<String> page = service.send(HttpRequest.newBuilder(service.uri("/docs")));

        assertThat(page.headers().firstValue("content-security-policy").orElseThrow())
                .contains("default-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(page.headers().firstValue("x-content-type-options")).hasValue("nosniff");
        assertThat(page.headers().firstValue("referrer-policy")).hasValue("no-referrer");
        assertThat(page.body()).doesNotContain("http:", "https:");
        Problems.problem(service.send(HttpRequest.newBuilder(service.uri("/docs/nothing.js"))), 404);
        Problems.problem(service.send(HttpRequest.newBuilder(service.uri("/docs/"))), 404);
    }

    @Test
    void managementPort_hasADocumentOfItsOwn() throws IOException {
        try (InputStream own = getClass().getClassLoader().getResourceAsStream("openapi-management.yaml")) {
            assertThat(service.manage("GET", "/openapi.yaml").body())
                    .isEqualTo(new String(own.readAllBytes(), StandardCharsets.UTF_8))
                    .contains("/admin/flush");
        }
        assertThat(service.manage("POST", "/openapi.yaml").statusCode()).isEqualTo(405);
        assertThat(service.manage("GET", "/docs").statusCode()).isEqualTo(404);
    }

    private static void send(Browser browser) {
        browser.click(WRITE + " .opblock-summary-control");
        browser.click(WRITE + " .try-out__btn");
        browser.click(WRITE + " .execute");
    }
}
