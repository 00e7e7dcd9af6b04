package dev.writebehind.loadtest.bench;

import dev.writebehind.loadtest.comparison.Child;
import dev.writebehind.loadtest.comparison.RunFailedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The service, or the server that it is compared with, once it listens. Not for concurrent use. */
final class RunningTarget implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration STOP = Duration.ofSeconds(90);
    private static final Duration FLUSH = Duration.ofMinutes(30);
    private static final Pattern PENDING = Pattern.compile("(?m)^writebehind_pending_keys(?:\\{.*})? (\\S+)$");
    private static final int LOOK_MILLIS = 20;
    private static final int OK = 200;
    private static final int ACCEPTED = 202;
    private static final int NOT_YET = 504;

    private final Child child;
    private final int port;
    private final String management;
    private final HttpClient http = HttpClient.newHttpClient();

    private RunningTarget(Child child, int port, String management) {
        this.child = child;
        this.port = port;
        this.management = management;
    }

    static RunningTarget of(Child child) throws InterruptedException {
        Matcher ready = child.awaitReady(START);
        String management = ready.group(2);
        return new RunningTarget(child, URI.create(ready.group(1)).getPort(), management == null ? "" : management);
    }

    int port() {
        return port;
    }

    long pid() {
        return child.pid();
    }

    void pause() throws InterruptedException, IOException {
        post("/admin/pause");
    }

    void resume() throws InterruptedException, IOException {
        post("/admin/resume");
    }

    /** Waits until nothing waits for the table any more; returns the seconds since the call. */
    double awaitFlushed() throws InterruptedException, IOException {
        long begin = System.nanoTime();
        while (!isFlushed() || pendingKeys() > 0) {
            if (System.nanoTime() - begin > FLUSH.toNanos()) {
                throw new RunFailedException("the service did not flush in " + FLUSH.toMinutes() + " minutes: "
                        + asked("/admin/flush").body());
            }
            Thread.sleep(LOOK_MILLIS);
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    /** Returns how many keys wait for the table. */
    long pendingKeys() throws InterruptedException, IOException {
        return (long) meter(PENDING);
    }

    /** Returns what a meter shows. */
    double meter(Pattern line) throws InterruptedException, IOException {
        Matcher found = line.matcher(
                send(HttpRequest.newBuilder(URI.create(management + "/metrics")).build())
                        .body());
        if (!found.find()) {
            throw new RunFailedException("the service does not tell " + line);
        }
        return Double.parseDouble(found.group(1));
    }

    /** Returns what the management port answers. */
    String manage(String path) throws InterruptedException, IOException {
        return send(HttpRequest.newBuilder(URI.create(management + path)).build())
                .body();
    }

    /** Sends the public port a request that must be taken. */
    void send(String method, String path, String body) throws InterruptedException, IOException {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("content-type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build());
        if (answer.statusCode() != OK && answer.statusCode() != ACCEPTED) {
            throw new RunFailedException(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
        }
    }

    /** Ends it in order. */
    void stop() throws InterruptedException {
        int status = child.terminate(STOP);
        if (status != 0) {
            throw new RunFailedException("it ended with exit code " + status + "; " + child.death());
        }
    }

    /** Has everything flushed; returns whether it was, within the time that the service waits for it. */
    private boolean isFlushed() throws InterruptedException, IOException {
        HttpResponse<String> answer = asked("/admin/flush");
        if (answer.statusCode() != OK && answer.statusCode() != NOT_YET) {
            throw new RunFailedException("/admin/flush: " + answer.body());
        }
        return answer.statusCode() == OK;
    }

    private void post(String path) throws InterruptedException, IOException {
        HttpResponse<String> answer = asked(path);
        if (answer.statusCode() != OK) {
            throw new RunFailedException(path + ": " + answer.body());
        }
    }

    private HttpResponse<String> asked(String path) throws InterruptedException, IOException {
        return send(HttpRequest.newBuilder(URI.create(management + path))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build());
    }

    private HttpResponse<String> send(HttpRequest request) throws InterruptedException, IOException {
        return http.send(request, BodyHandlers.ofString());
    }

    @Override
    public void close() {
        child.close();
    }
}
