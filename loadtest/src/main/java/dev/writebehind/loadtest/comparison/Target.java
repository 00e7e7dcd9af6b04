package dev.writebehind.loadtest.comparison;

import dev.writebehind.loadtest.result.Variant;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/** The target of a run, which takes the writes, in a process of its own. Not for concurrent use. */
final class Target implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration END = Duration.ofSeconds(90);

    private final Child child;
    private final URI uri;
    private final @Nullable URI management;

    private Target(Child child, URI uri, @Nullable URI management) {
        this.child = child;
        this.uri = uri;
        this.management = management;
    }

    /** Waits until the process listens. */
    static Target listening(Child child, Variant variant) throws InterruptedException {
        Matcher matcher = child.awaitReady(START);
        return new Target(child, URI.create(matcher.group(1)), variant.isAfter() ? URI.create(matcher.group(2)) : null);
    }

    URI uri() {
        return uri;
    }

    long pid() {
        return child.pid();
    }

    /** Fails if the process has died. */
    void check() {
        if (!child.isAlive()) {
            throw new RunFailedException(child.death());
        }
    }

    /** Brings everything accepted into the table, and ends the process. Returns the seconds until the table had it. */
    double drainAndStop() throws InterruptedException, IOException {
        long since = System.nanoTime();
        if (management != null) {
            flush(management);
        }
        double flushed = (System.nanoTime() - since) / 1e9;
        int status = child.terminate(END);
        if (status != 0) {
            throw new RunFailedException("it ended with exit code " + status + "; " + child.death());
        }
        return management != null ? flushed : (System.nanoTime() - since) / 1e9;
    }

    @Override
    public void close() {
        child.close();
    }

    private static void flush(URI management) throws InterruptedException, IOException {
        HttpRequest flush = HttpRequest.newBuilder(management.resolve("/admin/flush"))
                .timeout(END)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        var answer = HttpClient.newHttpClient().send(flush, BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new RunFailedException("the service did not flush: " + answer.body());
        }
    }
}
