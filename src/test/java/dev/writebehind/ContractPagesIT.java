package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.testing.Browser;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the page that shows the contract does in a browser. */
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

    private static void send(Browser browser) {
        browser.click(WRITE + " .opblock-summary-control");
        browser.click(WRITE + " .try-out__btn");
        browser.click(WRITE + " .execute");
    }
}
