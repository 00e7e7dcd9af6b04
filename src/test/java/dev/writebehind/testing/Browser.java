package dev.writebehind.testing;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Chromium without a window, with one page, driven as its user would: by CSS selectors, which are waited for. Where
 * there is none on the machine, the test that starts it is skipped. Not for concurrent use.
 */
public final class Browser implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("DevTools listening on ws://([^/]+)/");
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");

    /** The pixels of the window before {@link #viewport}. */
    private static final int WIDTH = 1280;

    private static final int HEIGHT = 900;

    private final ChildProcess process;
    private final HttpClient http = HttpClient.newHttpClient();
    private final DevTools page;
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger loads = new AtomicInteger();

    /** A request that the page made. */
    public record Request(String method, URI uri) {}

    private Browser(ChildProcess process) throws InterruptedException {
        this.process = process;
        String address = process.awaitReady(Patience.LONG).group(1);
        page = new DevTools(http, pageOf(address), this::happened);
        Stream.of("Page", "Runtime", "Log", "Network").forEach(domain -> page.call(domain + ".enable"));
        viewport(WIDTH, HEIGHT);
    }

    /** Starts it, or skips the test. */
    public static Browser start() {
        Optional<Path> program = program();
        assumeTrue(program.isPresent(), "no chromium on the PATH (Debian: chromium): pages are not tried");
        List<String> command = new ArrayList<>(List.of(program.get().toString()));
        command.addAll(List.of(
                "--headless=new",
                "--no-sandbox", // none can be had as root
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
                "--remote-debugging-port=0",
                "--user-data-dir=" + TemporaryDirectory.create("browser"),
                "about:blank"));
        ChildProcess process = null;
        try {
            Process started =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process = new ChildProcess("browser", started, LISTENING, null);
            return new Browser(process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw closing(process, e);
        } catch (RuntimeException e) {
            throw closing(process, e);
        }
    }

    private static IllegalStateException closing(ChildProcess process, Exception cause) {
        if (process != null) {
            process.close();
        }
        return new IllegalStateException("the browser did not start", cause);
    }

    private static Optional<Path> program() {
        return Stream.of(System.getenv("PATH").split(":"))
                .flatMap(directory -> NAMES.stream().map(name -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Opens an address and waits until the page and what it names are loaded. */
    public Browser open(URI uri) {
        int before = loads.get();
        JsonObject answer = page.call("Page.navigate", new JsonObject().put("url", uri.toString()));
        if (answer.containsKey("errorText")) {
            throw new IllegalStateException(uri + ": " + answer.getString("errorText"));
        }
        await().until(() -> loads.get() > before);
        return this;
    }

    /** Returns what the console told as errors so far: of scripts, caught or not, and of the browser itself. */
    public List<String> errors() {
        return List.copyOf(errors);
    }

    /** Returns the requests made so far, but for those of no network ({@code data:}, {@code blob:}). */
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /** Returns what an expression evaluates to, a promise being waited for; null for undefined. */
    public Object evaluate(String script) {
        JsonObject answer = page.call(
                "Runtime.evaluate",
                new JsonObject()
                        .put("expression", script)
                        .put("awaitPromise", true)
                        .put("returnByValue", true));
        if (answer.containsKey("exceptionDetails")) {
            throw new IllegalStateException(
                    script + ": " + answer.getJsonObject("exceptionDetails").encode());
        }
        return answer.getJsonObject("result").getValue("value");
    }

    /** Whether there is such an element now. */
    public boolean has(String selector) {
        return Boolean.TRUE.equals(evaluate("document.querySelector(" + quoted(selector) + ") !== null"));
    }

    /** Waits for an element and returns its text as it is shown. */
    public String text(String selector) {
        awaitElement(selector);
        return String.valueOf(evaluate("document.querySelector(" + quoted(selector) + ").innerText"));
    }

    /** Waits for an element and clicks on its middle with the mouse. */
    public Browser click(String selector) {
        awaitElement(selector);
        JsonArray middle = (JsonArray) evaluate("(() => { const element = document.querySelector(" + quoted(selector)
                + "); element.scrollIntoView({block: 'center', behavior: 'instant'});"
                + " const box = element.getBoundingClientRect();"
                + " return [box.x + box.width / 2, box.y + box.height / 2]; })()");
        JsonObject press = new JsonObject()
                .put("x", middle.getDouble(0))
                .put("y", middle.getDouble(1))
                .put("button", "left")
                .put("clickCount", 1);
        page.call("Input.dispatchMouseEvent", press.copy().put("type", "mousePressed"));
        page.call("Input.dispatchMouseEvent", press.copy().put("type", "mouseReleased"));
        return this;
    }

    /** Waits for a field and puts a text there in place of what it holds. */
    public Browser type(String selector, String text) {
        awaitElement(selector);
        evaluate("(() => { const field = document.querySelector(" + quoted(selector)
                + "); field.focus(); field.select(); })()");
        page.call("Input.insertText", new JsonObject().put("text", text));
        return this;
    }

    /** Presses a key of that name, as {@code Enter}, wherever the focus is. */
    public Browser press(String key) {
        int code = switch (key) {
            case "Tab" -> 9;
            case "Enter" -> 13;
            case "Escape" -> 27;
            default -> throw new IllegalArgumentException(key);
        };
        JsonObject event = new JsonObject().put("key", key).put("code", key).put("windowsVirtualKeyCode", code);
        JsonObject down = event.copy().put("type", "keyDown");
        page.call("Input.dispatchKeyEvent", key.equals("Enter") ? down.put("text", "\r") : down);
        page.call("Input.dispatchKeyEvent", event.copy().put("type", "keyUp"));
        return this;
    }

    /** Writes what is to be seen to a PNG file. */
    public void screenshot(Path file) {
        String image = page.call("Page.captureScreenshot").getString("data");
        try {
            Files.write(file, Base64.getDecoder().decode(image));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Has pages see a user who prefers dark colours, or light ones. */
    public Browser dark(boolean isDark) {
        JsonObject scheme =
                new JsonObject().put("name", "prefers-color-scheme").put("value", isDark ? "dark" : "light");
        page.call("Emulation.setEmulatedMedia", new JsonObject().put("features", new JsonArray().add(scheme)));
        return this;
    }

    /** Gives the page that many pixels. */
    public Browser viewport(int width, int height) {
        page.call(
                "Emulation.setDeviceMetricsOverride",
                new JsonObject()
                        .put("width", width)
                        .put("height", height)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", false));
        return this;
    }

    @Override
    public void close() {
        page.close();
        process.close();
    }

    private void awaitElement(String selector) {
        await(selector).until(() -> has(selector));
    }

    private static String quoted(String text) {
        return new JsonArray().add(text).encode() + "[0]";
    }

    private URI pageOf(String address) throws InterruptedException {
        HttpRequest question = HttpRequest.newBuilder(URI.create("http://" + address + "/json/list"))
                .timeout(Patience.LONG)
                .build();
        try {
            String targets = http.send(question, BodyHandlers.ofString()).body();
            return new JsonArray(targets)
                    .stream()
                            .map(JsonObject.class::cast)
                            .filter(target -> target.getString("type").equals("page"))
                            .map(target -> URI.create(target.getString("webSocketDebuggerUrl")))
                            .findFirst()
                            .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void happened(String event, JsonObject what) {
        switch (event) {
            case "Page.loadEventFired" -> loads.incrementAndGet();
            case "Network.requestWillBeSent" -> {
                JsonObject request = what.getJsonObject("request");
                if (request.getString("url").matches("(?:https?|wss?|ftp|file):.*")) {
                    requests.add(new Request(request.getString("method"), URI.create(request.getString("url"))));
                }
            }
            case "Runtime.exceptionThrown" ->
                errors.add(what.getJsonObject("exceptionDetails").encode());
            case "Runtime.consoleAPICalled" -> {
                if (List.of("error", "assert").contains(what.getString("type"))) {
                    errors.add(what.getJsonArray("args").encode());
                }
            }
            case "Log.entryAdded" -> {
                JsonObject entry = what.getJsonObject("entry");
                if (entry.getString("level").equals("error")) {
                    errors.add(entry.getString("text") + " " + entry.getString("url", ""));
                }
            }
            default -> {}
        }
    }
}
