package dev.writebehind.testing;

import dev.writebehind.learnerday.ReferenceModel;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * An open model of clients: writes are due at a fixed rate, whether or not the service keeps up, and go round all keys
 * again and again with values by chance. Those of one learner are sent one after the other, each again until it is no
 * longer answered 503; what was accepted goes to the reference model. Runs in a thread of its own until it is stopped;
 * safe for any thread.
 */
public final class OpenLoad implements AutoCloseable {
    private static final String COURSE = "course-v1:Org+Course+Run";
    private static final Clock CLOCK = Clock.systemUTC();
    private static final Executor LATER = CompletableFuture.delayedExecutor(250, TimeUnit.MILLISECONDS);

    private final URI address;
    private final long pauseNanos;
    private final int blocks;
    private final ReferenceModel model;
    private final Random random;
    private final List<CompletableFuture<Void>> learners = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, Long> others = new TreeMap<>();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong slowestNanos = new AtomicLong();
    private final Thread thread = new Thread(this::run, "open load");
    private volatile boolean stopped;

    private OpenLoad(URI address, int perSecond, int learners, int blocks, ReferenceModel model, long seed) {
        this.address = address;
        this.pauseNanos = Duration.ofSeconds(1).toNanos() / perSecond;
        this.blocks = blocks;
        this.model = model;
        this.random = new Random(seed);
        for (int learner = 0; learner < learners; learner++) {
            this.learners.add(CompletableFuture.completedFuture(null));
        }
    }

    /** Starts sending that many writes a second to that address, over the keys of so many learners and blocks. */
    public static OpenLoad start(
            URI address, int perSecond, int learners, int blocks, ReferenceModel model, long seed) {
        OpenLoad load = new OpenLoad(address, perSecond, learners, blocks, model, seed);
        load.thread.start();
        return load;
    }

    /** Returns how many writes were sent so far. */
    public long sent() {
        return sent.get();
    }

    /** Returns how many writes were accepted so far. */
    public long accepted() {
        return accepted.get();
    }

    /** Returns how often there was another answer than 202 with that count, by status, or none, by its cause. */
    public Map<String, Long> others() {
        synchronized (others) {
            return Map.copyOf(others);
        }
    }

    /** Returns how long the slowest answer took from when its write was due. */
    public long slowestMillis() {
        return slowestNanos.get() / 1_000_000;
    }

    /** Waits until so many more writes were accepted. */
    public void awaitAccepted(long more) {
        long goal = accepted() + more;
        long end = System.nanoTime() + Patience.VERY_LONG.toNanos();
        while (accepted() < goal) {
            if (System.nanoTime() > end) {
                throw new AssertionError(accepted() + " writes accepted, not " + goal + "; other answers: " + others());
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Stops and waits until everything sent is answered. */
    @Override
    public void close() {
        stopped = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        CompletableFuture.allOf(learners.toArray(CompletableFuture[]::new))
                .orTimeout(Patience.VERY_LONG.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    private void run() {
        long start = System.nanoTime();
        for (long i = 0; !stopped; i++) {
            long due = start + i * pauseNanos;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            int learner = (int) (i % learners.size());
            String block = "block-v1:Org+Course+Run+type@html+block@b" + i / learners.size() % blocks;
            double value = random.nextInt(5) / 4.0;
            sent.incrementAndGet();
            learners.set(learner, learners.get(learner).thenCompose(before -> send(1 + learner, block, value, due)));
        }
    }

    private CompletableFuture<Void> send(int user, String block, double value, long due) {
        String body = Bodies.write(user, COURSE, block, value);
        HttpRequest request = HttpRequest.newBuilder(address)
                .header("content-type", "application/json")
                .timeout(Patience.VERY_LONG)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        Instant firstSentAt = CLOCK.instant();
        return attempt(request, answer -> {
            if (answer.getInteger("accepted", -1) != 1) {
                count(answer.encode());
            }
            accepted.incrementAndGet();
            slowestNanos.accumulateAndGet(System.nanoTime() - due, Math::max);
            model.write(user, COURSE, block, value, firstSentAt, CLOCK.instant());
        });
    }

    private CompletableFuture<Void> attempt(HttpRequest request, Consumer<JsonObject> onAccepted) {
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofString())
                .handle(Outcome::new)
                .thenCompose(outcome -> next(request, onAccepted, outcome));
    }

    private record Outcome(HttpResponse<String> answer, Throwable failure) {}

    private CompletableFuture<Void> next(HttpRequest request, Consumer<JsonObject> onAccepted, Outcome outcome) {
        HttpResponse<String> answer = outcome.answer();
        if (answer == null) {
            count(outcome.failure().toString());
        } else if (answer.statusCode() == 202) {
            onAccepted.accept(new JsonObject(answer.body()));
        } else {
            count(answer.statusCode() + " " + answer.body());
            if (answer.statusCode() == 503) {
                return CompletableFuture.runAsync(() -> {}, LATER).thenCompose(later -> attempt(request, onAccepted));
            }
        }
        return CompletableFuture.completedFuture(null);
    }

    private void count(String answer) {
        synchronized (others) {
            others.merge(answer, 1L, Long::sum);
        }
    }
}
