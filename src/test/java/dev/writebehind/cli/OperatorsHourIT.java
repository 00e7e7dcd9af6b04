package dev.writebehind.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.testing.Alone;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.Browser;
import dev.writebehind.testing.ChildProcess;
import dev.writebehind.testing.JavaCommand;
import dev.writebehind.testing.TemporaryDirectory;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * An operator's hour in minutes, by what README says and no more, in a copy of the project: run, write, look, tune
 * under load, live through an outage of the database, retry a dead letter, stop. Where
 * {@code writebehind.screenshots} names a directory, what the page showed is kept there.
 */
@Alone
@EnabledIfSystemProperty(named = "writebehind.full", matches = "true")
class OperatorsHourIT {
    private static final Duration FIRST_START = Duration.ofMinutes(8);
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final URI API = URI.create("http://127.0.0.1:8080");
    private static final URI MANAGEMENT = URI.create("http://127.0.0.1:8081");
    private static final int POISON = 666_666;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Path folder = TemporaryDirectory.create("operators-hour");
    private final AtomicBoolean isOver = new AtomicBoolean();
    private int portOfDatabase;
    private final AtomicInteger refused = new AtomicInteger();

    @Test
    void hour_fromReadmeAlone() throws Exception {
        copyProject();
        List<String> commands = shellBlocks("## Run it");
        try (ChildProcess service = bash(commands.get(0), Pattern.compile("^It runs\\. What goes on in it: (\\S+)"))) {
            Matcher runs = service.awaitReady(FIRST_START);
            assertThat(runs.group(1)).isEqualTo(MANAGEMENT + "/");
            try (ChildProcess curl = bash(commands.get(1), Pattern.compile("(?!)"))) {
                assertThat(curl.exitCode(SOON)).isZero();
                assertThat(String.join("\n", curl.output()))
                        .contains(
                                "{\"accepted\":1,\"ack\":\"database\"}", "\"completion\":0.5", "\"state\":\"stored\"");
            }
            Thread load = new Thread(this::load, "load");
            load.start();
            ChildProcess database = null;
            try (Browser browser = Browser.start()) {
                browser.viewport(1280, 1400).open(MANAGEMENT.resolve("/"));
                browser.evaluate("const span = document.getElementById('span'); span.value = '60';"
                        + " span.dispatchEvent(new Event('change'))");
                tune(browser);
                database = outage(browser, service);
                retry(browser, portOfDatabase);
                assertThat(browser.errors()).allMatch(error -> error.contains("409"));
                isOver.set(true);
                load.join();
                stop(service);
            } finally {
                isOver.set(true);
                load.join();
                if (database != null) {
                    database.close();
                }
            }
            assertThat(refused).as("requests that were not taken").hasValue(0);
        }
    }

    private static void stop(ChildProcess service) throws InterruptedException {
        service.descendants().stream()
                .filter(each -> each.info().command().orElse("").endsWith("java"))
                .forEach(ProcessHandle::destroy);
        service.terminate();
        service.exitCode(Duration.ofSeconds(60));
        assertThat(service.output()).anyMatch(line -> line.contains("The service is draining"));
    }

    /** The chart follows the interval, and so does the age of the oldest write. */
    private void tune(Browser browser) throws IOException {
        awaitText(browser, "#interval", "interval 250 ms");
        await().atMost(SOON).until(() -> oldest() < 2);
        keep(browser, "1-under-load");
        edit("  interval: 250ms", "  interval: 5s");
        awaitText(browser, "#interval", "interval 5.0 s");
        awaitText(browser, "#events", "flush.interval 250ms → 5s");
        await().atMost(SOON).until(() -> oldest() > 3);
        awaitText(browser, "#oldest", " s");
        edit("  interval: 5s", "  interval: 250ms");
        awaitText(browser, "#interval", "interval 250 ms");
        await().atMost(SOON).until(() -> oldest() < 2);
        keep(browser, "2-interval-5s-and-back");
    }

    /** Health, metrics, page, command line and log tell the same. */
    private ChildProcess outage(Browser browser, ChildProcess service) throws Exception {
        ProcessHandle database = service.descendants().stream()
                .filter(ProcessHandle::isAlive)
                .filter(each -> each.info().command().orElse("").endsWith("mariadbd"))
                .findFirst()
                .orElseThrow();
        Path proc = Path.of("/proc/" + database.pid());
        List<String> command = List.of(Files.readString(proc.resolve("cmdline")).split("\0", 0));
        Path directory = proc.resolve("cwd").toRealPath();
        database.destroyForcibly();
        database.onExit().get(2, TimeUnit.MINUTES);

        String name = "database-unavailable";
        awaitText(browser, "#conditions", name);
        awaitText(browser, "#database", "failing");
        JsonObject ready = new JsonObject(manage("GET", "/health/ready").body());
        assertThat(ready.getString("status")).isEqualTo("serving");
        assertThat(ready.getJsonArray("conditions").getJsonObject(0).getString("name"))
                .isEqualTo(name);
        assertThat(manage("GET", "/metrics").body())
                .contains("writebehind_condition{name=\"" + name + "\"} 1", "writebehind_flush_failing 1");
        assertThat(command("status")).contains("WRONG", name);
        assertThat(service.output())
                .filteredOn(line -> line.contains("(" + name + ")"))
                .hasSize(1);
        await().atMost(SOON).until(() -> oldest() > 5);
        keep(browser, "3-database-away");

        ChildProcess again = ChildProcess.start(
                "database", new ProcessBuilder(command).directory(directory.toFile()), Pattern.compile("(?!)"));
        awaitText(browser, "#conditions", "Nothing is wrong.");
        awaitText(browser, "#database", "ok");
        await().atMost(SOON).until(() -> oldest() < 2);
        assertThat(command("status")).doesNotContain("WRONG");
        assertThat(manage("GET", "/metrics").body()).contains("writebehind_flush_failing 0");
        assertThat(service.output())
                .filteredOn(line -> line.contains("(" + name + " lasted "))
                .hasSize(1);
        keep(browser, "4-database-back");
        portOfDatabase = command.stream()
                .filter(argument -> argument.startsWith("--port="))
                .map(argument -> Integer.valueOf(argument.substring("--port=".length())))
                .findFirst()
                .orElseThrow();
        return again;
    }

    private void retry(Browser browser, int port) throws Exception {
        try (Connection database = DriverManager.getConnection(
                        "jdbc:mariadb://127.0.0.1:" + port + "/completion?user=writebehind&password=writebehind");
                Statement statement = database.createStatement()) {
            statement.execute("ALTER TABLE completion_blockcompletion ADD CONSTRAINT no_poison CHECK (user_id <> "
                    + POISON + ")");
            assertThat(write(POISON, 1)).isEqualTo(202);
            awaitText(browser, "#dead-letters", "no_poison");
            assertThat(command("dead-letters", "list")).contains(String.valueOf(POISON));
            keep(browser, "5-dead-letter");
            browser.click("#dead-letters tbody button:first-of-type");
            awaitText(browser, "#outcome", "Not done: ");
            statement.execute("ALTER TABLE completion_blockcompletion DROP CONSTRAINT no_poison");
            browser.click("#dead-letters tbody button:first-of-type");
            awaitText(browser, "#outcome", "is in the table now");
            try (ResultSet rows = statement.executeQuery(
                    "SELECT COUNT(*) FROM completion_blockcompletion WHERE user_id = " + POISON)) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isEqualTo(1);
            }
            awaitText(browser, "#dead-letters", "None.");
        }
    }

    /** As many writes as come back, of a few hundred learners. */
    private void load() {
        for (int i = 0; !isOver.get(); i++) {
            try {
                if (write(1 + i % 300, i / 300 % 2) != 202) {
                    refused.incrementAndGet();
                }
            } catch (IOException e) {
                refused.incrementAndGet();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private int write(int user, Number completion) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(API.resolve("/v1/completions"))
                                .header("content-type", "application/json")
                                .POST(BodyPublishers.ofString(Bodies.write(user, completion)))
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
    }

    private HttpResponse<String> manage(String method, String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(MANAGEMENT.resolve(path))
                        .method(method, BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    private double oldest() throws IOException, InterruptedException {
        return new JsonObject(manage("GET", "/admin/status").body())
                .getJsonObject("pending")
                .getDouble("oldest_seconds");
    }

    /** Runs one of the program's commands and returns what it printed. */
    private static String command(String... arguments) throws InterruptedException {
        try (ChildProcess command =
                JavaCommand.of(Main.class, List.of("-Xmx128m"), arguments).start()) {
            assertThat(command.exitCode(SOON)).isBetween(0, 1);
            return String.join("\n", command.output());
        }
    }

    private ChildProcess bash(String command, Pattern readyLine) {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", command).directory(folder.toFile());
        builder.environment().keySet().removeIf(variable -> variable.startsWith("WRITEBEHIND_"));
        return ChildProcess.start("bash", builder, readyLine);
    }

    private void copyProject() throws IOException, InterruptedException {
        Process git = new ProcessBuilder("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").start();
        String files = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(git.waitFor()).isZero();
        for (String file : files.split("\0", -1)) {
            Path from = Path.of(file);
            if (Files.isRegularFile(from)) {
                Path to = folder.resolve(file);
                Files.createDirectories(to.getParent());
                Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    /** Returns the commands of README's section, as they stand there. */
    private static List<String> shellBlocks(String section) throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        String part = readme.substring(readme.indexOf(section));
        Matcher block = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL).matcher(part);
        List<String> blocks = new ArrayList<>();
        while (block.find()) {
            blocks.add(block.group(1));
        }
        return blocks;
    }

    private void edit(String from, String to) throws IOException {
        Path file = folder.resolve("conf/writebehind.yaml");
        String text = Files.readString(file);
        assertThat(text).contains(from);
        Files.writeString(file, text.replace(from, to));
    }

    private static void awaitText(Browser browser, String selector, String part) {
        await(selector)
                .atMost(SOON)
                .untilAsserted(() -> assertThat(browser.text(selector)).contains(part));
    }

    private static void keep(Browser browser, String name) throws IOException {
        String directory = System.getProperty("writebehind.screenshots");
        if (directory != null) {
            Files.createDirectories(Path.of(directory));
            browser.evaluate("scrollTo(0, 0)");
            browser.screenshot(Path.of(directory, name + ".png"));
        }
    }
}
