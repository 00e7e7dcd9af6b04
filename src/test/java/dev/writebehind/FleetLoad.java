package dev.writebehind;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Learners who write, begin their course anew and look at it, each one thing after the other and by whichever instance,
 * while something happens to these. Values of a learner rise, so that what was acknowledged last is known without a
 * clock. A learner whose reset was not answered is left alone, for it may be carried out at any time.
 */
final class FleetLoad implements AutoCloseable {
    private static final String COURSE = "course-v1:O+C+R";
    private static final String QUERY = "?course_key=course-v1:O%2BC%2BR";
    private static final int BLOCKS = 40;
    private static final double STEPS = 1_000_000;
    private static final int LEARNERS = 6;

    private final Fleet fleet;
    private final TestDatabase database;
    private final List<Thread> threads = new ArrayList<>();
    private final List<Learner> learners = new ArrayList<>();
    private final AtomicInteger nextUser = new AtomicInteger();
    private final Set<Integer> avoided = ConcurrentHashMap.newKeySet();
    private volatile boolean isOver;

    /** What was seen to be wrong at once. */
    final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();

    final AtomicLong acknowledged = new AtomicLong();
    final AtomicLong awaited = new AtomicLong();
    final AtomicLong resets = new AtomicLong();
    final AtomicLong reads = new AtomicLong();
    final AtomicLong refused = new AtomicLong();
    private final AtomicLong lastTaken = new AtomicLong(System.nanoTime());
    private final AtomicLong longestNanos = new AtomicLong();

    FleetLoad(Fleet fleet, TestDatabase database, long seed) {
        this.fleet = fleet;
        this.database = database;
        for (int i = 0; i < LEARNERS; i++) {
            Random random = new Random(seed + i);
            Thread thread = new Thread(() -> run(random), "learner " + i);
            threads.add(thread);
            thread.start();
        }
    }

    /** What one learner was told. */
    private static final class Learner {
        final int user;
        final Map<String, Double> newest = new HashMap<>();
        /** Values that were not acknowledged, and may be there or not. */
        final Map<String, Set<Double>> perhaps = new HashMap<>();

        double resetAt = -1;
        int step;

        Learner(int user) {
            this.user = user;
        }
    }

    /** Nobody asks that instance any more: it could not answer. */
    void avoid(int instance) {
        avoided.add(instance);
    }

    /** It is asked again. */
    void ask(int instance) {
        avoided.remove(instance);
    }

    /** Waits until that many more writes have been acknowledged. */
    void awaitMore(int writes) {
        long enough = acknowledged.get() + writes;
        Awaitility.await(writes + " further writes").until(() -> acknowledged.get() >= enough || !faults.isEmpty());
    }

    /** Returns the longest time in which nothing was taken, while some instance was asked. */
    long longestMillis() {
        return longestNanos.get() / 1_000_000;
    }

    /** Forgets it. */
    void restartStopwatch() {
        lastTaken.set(System.nanoTime());
        longestNanos.set(0);
    }

    private void run(Random random) {
        Learner learner = another();
        while (!isOver) {
            int instance = random.nextInt(fleet.size());
            if (avoided.contains(instance)) {
                continue;
            }
            try {
                int what = random.nextInt(40);
                if (what == 0) {
                    if (!reset(instance, learner)) {
                        learner = another();
                    }
                } else if (what < 14) {
                    read(instance, learner);
                } else {
                    write(instance, learner, "b" + random.nextInt(BLOCKS), what < 18);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException | Error e) {
                faults.add(e.toString());
                return;
            }
        }
    }

    private synchronized Learner another() {
        Learner learner = new Learner(nextUser.incrementAndGet());
        learners.add(learner);
        return learner;
    }

    private void write(int instance, Learner learner, String block, boolean isAwaited) throws InterruptedException {
        double value = ++learner.step / STEPS;
        int status = status(
                fleet.get(instance),
                service -> service.post(
                        isAwaited ? "?ack=database" : "?ack=journal",
                        Bodies.write(learner.user, COURSE, block, value)));
        if (status == 200 || status == 202) {
            taken();
            learner.newest.put(block, value);
            learner.perhaps.remove(block);
            acknowledged.incrementAndGet();
        } else {
            learner.perhaps.computeIfAbsent(block, each -> new HashSet<>()).add(value);
            refused.incrementAndGet();
        }
        if (status == 200) {
            awaited.incrementAndGet();
            List<List<String>> row = database.query("SELECT completion FROM completion_blockcompletion WHERE user_id = "
                    + learner.user + " AND block_key = '" + block + "'");
            if (row.isEmpty() || Double.parseDouble(row.get(0).get(0)) < value) {
                faults.add("told that " + learner.user + " " + block + " " + value + " is in the table: " + row);
            }
        }
    }

    /** Returns whether it is known to have been taken. */
    private boolean reset(int instance, Learner learner) throws InterruptedException {
        double at = learner.step / STEPS;
        int status = status(
                fleet.get(instance), service -> service.delete("/v1/users/" + learner.user + "/completions" + QUERY));
        if (status != 202) {
            synchronized (this) {
                learners.remove(learner);
            }
            return false;
        }
        taken();
        learner.resetAt = at;
        learner.newest.clear();
        learner.perhaps.clear();
        resets.incrementAndGet();
        return true;
    }

    private void read(int instance, Learner learner) throws InterruptedException {
        HttpResponse<String> answer = answer(
                fleet.get(instance), service -> service.get("/v1/users/" + learner.user + "/completions" + QUERY));
        if (answer == null
                || answer.statusCode() != 200
                || answer.headers().firstValue("completion-as-of").isPresent()) {
            return;
        }
        reads.incrementAndGet();
        Map<String, Double> seen = new HashMap<>();
        new JsonObject(answer.body())
                .getJsonArray("completions")
                .forEach(each -> seen.put(
                        ((JsonObject) each).getString("block_key"), ((JsonObject) each).getDouble("completion")));
        judge(learner, seen).forEach(fault -> faults.add("read from " + instance + ": " + fault));
    }

    private static List<String> judge(Learner learner, Map<String, Double> rows) {
        List<String> wrong = new ArrayList<>();
        learner.newest.forEach((block, value) -> {
            Double found = rows.get(block);
            boolean isRight = value.equals(found)
                    || (found != null
                            && learner.perhaps.getOrDefault(block, Set.of()).contains(found));
            if (!isRight) {
                wrong.add(learner.user + " " + block + " is " + found + " instead of " + value);
            }
        });
        rows.forEach((block, found) -> {
            if (found <= learner.resetAt) {
                wrong.add(learner.user + " " + block + " is back: " + found + ", reset at " + learner.resetAt);
            }
        });
        return wrong;
    }

    private interface Call {
        HttpResponse<String> on(ChildService service) throws IOException, InterruptedException;
    }

    private static int status(ChildService service, Call call) throws InterruptedException {
        HttpResponse<String> answer = answer(service, call);
        return answer == null ? 0 : answer.statusCode();
    }

    private static @Nullable HttpResponse<String> answer(ChildService service, Call call) throws InterruptedException {
        try {
            return call.on(service);
        } catch (IOException | IllegalStateException e) {
            Thread.sleep(20); // killed, and not started again yet
            return null;
        }
    }

    private void taken() {
        long now = System.nanoTime();
        long before = lastTaken.getAndAccumulate(now, Math::max);
        longestNanos.accumulateAndGet(now - before, Math::max);
    }

    /** Ends all that is under way; then the table is to be flushed, and {@link #wrongRows} tells what it lacks. */
    @Override
    public void close() {
        isOver = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    /** Returns what of the table is not as the learners were told. */
    synchronized List<String> wrongRows() {
        Map<Integer, Map<String, Double>> table = new HashMap<>();
        database.query("SELECT user_id, block_key, completion FROM completion_blockcompletion")
                .forEach(row -> table.computeIfAbsent(Integer.valueOf(row.get(0)), user -> new HashMap<>())
                        .put(row.get(1), Double.valueOf(row.get(2))));
        List<String> wrong = new ArrayList<>();
        learners.forEach(learner -> wrong.addAll(judge(learner, table.getOrDefault(learner.user, Map.of()))));
        return wrong;
    }
}
