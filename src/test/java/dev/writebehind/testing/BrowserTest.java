package dev.writebehind.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the tests of pages rely on: that the browser tells what a page does, what is wrong with it as well. */
class BrowserTest {
    private static final String PAGE = """
            <!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
            <style>@media (prefers-color-scheme: dark) { p { color: white } }</style>
            <input value="before"><button onclick="say()">Say</button><p>nothing</p>
            <script>
              function say() {
                document.querySelector('p').innerText = document.querySelector('input').value;
                fetch('/said', {method: 'POST'});
              }
            </script>
            """;

    @Test
    void page_used_showsWhatItDid() throws Exception {
        HttpServer server = serve();
        try (Browser browser = Browser.start()) {
            URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
            browser.dark(true).viewport(300, 200).open(uri);
            assertThat(browser.text("p")).isEqualTo("nothing");
            assertThat(browser.evaluate("innerWidth")).isEqualTo(300);
            assertThat(browser.evaluate("getComputedStyle(document.querySelector('p')).color"))
                    .isEqualTo("rgb(255, 255, 255)");

            browser.type("input", "a \"word\"").click("button");
            await().until(() -> browser.text("p").equals("a \"word\""));
            await().until(() -> browser.requests().contains(new Browser.Request("POST", uri.resolve("/said"))));
            assertThat(browser.requests()).contains(new Browser.Request("GET", uri));
            assertThat(browser.errors()).isEmpty();

            Path image = TemporaryDirectory.create("screenshot").resolve("page.png");
            browser.screenshot(image);
            assertThat(Files.size(image)).isGreaterThan(500);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void page_faults_areTold() throws Exception {
        HttpServer server = serve();
        try (Browser browser = Browser.start()) {
            browser.open(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/"));
            browser.evaluate("console.error('told by the script')");
            browser.evaluate("setTimeout(() => { throw new Error('not caught'); }, 0)");
            browser.evaluate("fetch('/missing')");
            await().untilAsserted(() -> assertThat(browser.errors())
                    .anyMatch(error -> error.contains("told by the script"))
                    .anyMatch(error -> error.contains("not caught"))
                    .anyMatch(error -> error.contains("404") && error.contains("/missing")));
        } finally {
            server.stop(0);
        }
    }

    private static HttpServer serve() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            boolean isMissing = exchange.getRequestURI().getPath().equals("/missing");
            byte[] body = PAGE.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("content-type", "text/html; charset=utf-8");
            exchange.sendResponseHeaders(isMissing ? 404 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }
}
