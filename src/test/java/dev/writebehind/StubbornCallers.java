package dev.writebehind;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.awaitility.Awaitility;

/**
 * Learners who write one thing after the other, and send it again by way of the next instance when it is not taken, as
 * a proxy before them would: how long the longest of them had to wait for one. Safe for any thread.
 */
final class StubbornCallers implements AutoCloseable {
    private static final String COURSE = "course-v1:O+C+R";
    private static final int BLOCKS = 40;
    private static final int STEPS = 1_000_000;
    private static final int THINKING_MILLIS = 20;

    private final Fleet fleet;
    private final String query;
    private final List<Thread> threads = new ArrayList<>();
    private final Set<Integer> gone = ConcurrentHashMap.newKeySet();
    private final AtomicLong longestNanos = new AtomicLong();
    private final AtomicLongArray taken;
    private volatile boolean isOver;

    /**
     * Starts one for each instance.
     *
     * @param firstUser the others follow it
     * @param query how they want to be acknowledged
     */
    StubbornCallers(Fleet fleet, int firstUser, String query) {
        this.fleet = fleet;
        this.query = query;
        this.taken = new AtomicLongArray(fleet.size());
        for (int i = 0; i < fleet.size(); i++) {
            int instance = i;
            Thread thread = new Thread(() -> run(instance, firstUser), "caller " + query + " " + i);
            threads.add(thread);
            thread.start();
        }
    }

    /** That instance has ended, as the proxy has found out. */
    void without(int instance) {
        gone.add(instance);
    }

    /** It is there again. */
    void with(int instance) {
        gone.remove(instance);
    }

    /** Returns for how long one of them waited for one write at the longest, in milliseconds, and begins anew. */
    long longestMillis() {
        return longestNanos.getAndSet(0) / 1_000_000;
    }

    /** Waits until each has had so many more writes taken, and what they waited for before is counted. */
    void awaitMore(int writes) {
        for (int i = 0; i < taken.length(); i++) {
            int caller = i;
            long enough = taken.get(caller) + writes;
            Awaitility.await("further writes of each").until(() -> taken.get(caller) >= enough);
        }
    }

    private void run(int caller, int firstUser) {
        int instance = caller;
        try {
            for (int step = 1; !isOver; step++) {
                String body = Bodies.write(firstUser + caller, COURSE, "b" + step % BLOCKS, (double) step / STEPS);
                long begun = System.nanoTime();
                while (!isOver && (gone.contains(instance) || !isTaken(fleet.get(instance), body))) {
                    instance = (instance + 1) % fleet.size();
                    Thread.sleep(THINKING_MILLIS);
                }
                longestNanos.accumulateAndGet(System.nanoTime() - begun, Math::max);
                taken.incrementAndGet(caller);
                Thread.sleep(THINKING_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isTaken(ChildService instance, String body) throws InterruptedException {
        try {
            return instance.post(query, body).statusCode() / 100 == 2;
        } catch (IOException | IllegalStateException e) {
            return false; // killed
        }
    }

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
}
