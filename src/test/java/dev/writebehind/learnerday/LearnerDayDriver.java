package dev.writebehind.learnerday;

import dev.writebehind.learnerday.LearnerDay.LearnerWrite;
import dev.writebehind.learnerday.LearnerDay.Request;
import dev.writebehind.testing.Bodies;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Sends a learner day to one or more instances as fast as they answer, over several connections, each learner's
 * requests in their order, and tells the reference model what was sent and acknowledged when.
 */
public final class LearnerDayDriver {
    private final LearnerDay day;
    private final ReferenceModel model;
    private final int connections;
    private final AtomicLong refused = new AtomicLong();

    /** Creates a driver that keeps that many connections busy. */
    public LearnerDayDriver(LearnerDay day, ReferenceModel model, int connections) {
        this.day = day;
        this.model = model;
        this.connections = connections;
    }

    /** Returns how often a request was refused for want of room, and sent again. */
    public long refused() {
        return refused.get();
    }

    /** Sends every request to each of the addresses and returns when all are acknowledged. */
    public void send(List<URI> addresses) {
        ExecutorService senders = Executors.newFixedThreadPool(connections);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int sender = 0; sender < connections; sender++) {
                int own = sender;
                List<Request> requests = day.requests().stream()
                        .filter(request -> request.userId() % connections == own)
                        .toList();
                running.add(senders.submit(() -> sendAll(requests, addresses)));
            }
            for (Future<?> sender : running) {
                sender.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } finally {
            senders.shutdownNow();
        }
    }

    private Void sendAll(List<Request> requests, List<URI> addresses) throws IOException, InterruptedException {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        Clock clock = Clock.systemUTC();
        for (Request request : requests) {
            HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofString(json(request.writes()));
            Instant sent = clock.instant();
            for (URI address : addresses) {
                HttpResponse<String> answer = send(client, address, body);
                while (answer.statusCode() == 503 && answer.body().contains("buffer-full\"")) {
                    refused.incrementAndGet();
                    sent = clock.instant();
                    answer = send(client, address, body);
                }
                if (answer.statusCode() != 202
                        || new JsonObject(answer.body()).getInteger("accepted", -1)
                                != request.writes().size()) {
                    throw new IllegalStateException(answer.statusCode() + " " + answer.body());
                }
            }
            Instant acknowledged = clock.instant();
            for (LearnerWrite write : request.writes()) {
                model.write(
                        write.userId(), write.courseKey(), write.blockKey(), write.completion(), sent, acknowledged);
            }
        }
        return null;
    }

    private static HttpResponse<String> send(HttpClient client, URI address, HttpRequest.BodyPublisher body)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(address)
                        .header("content-type", "application/json")
                        .timeout(Duration.ofSeconds(60))
                        .POST(body)
                        .build(),
                BodyHandlers.ofString());
    }

    private static String json(List<LearnerWrite> writes) {
        Stream<String> objects = writes.stream()
                .map(write -> Bodies.write(write.userId(), write.courseKey(), write.blockKey(), write.completion()));
        return writes.size() == 1 ? objects.findFirst().orElseThrow() : Bodies.array(objects);
    }
}
