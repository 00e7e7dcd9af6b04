package dev.writebehind.testing;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Judges what Vert.x logs of blocked threads: an event loop that waits for something, or computes, for longer than it
 * may is at fault; one that the machine gives no processor is not, and Vert.x can't tell them apart. Safe for any
 * thread.
 */
public final class BlockedLoops extends AppenderBase<ILoggingEvent> {
    private static final String CHECKER = "io.vertx.core.impl.BlockedThreadChecker";
    private static final Pattern WARNING =
            Pattern.compile("Thread (\\S+) has been blocked for (\\d+) ms, time limit is (\\d+) ms");
    private static final String LOOPS = "vert.x-eventloop-thread-";
    private static final Pattern WAITS_FOR_IO = Pattern.compile(
            "sun\\.nio\\.ch\\.Net\\.poll|sun\\.nio\\.ch\\.FileDispatcherImpl\\.force0|java\\.net\\.Inet.*");
    private static final int MAX_FRAMES = 40;
    /** More than that are a deadlock. */
    private static final int MAX_OWNERS = 8;

    private static final long SAMPLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int SAMPLES = 600;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    /** The processor time of each thread by then, by its number. */
    private static final NavigableMap<Long, Map<Long, Long>> USED = new ConcurrentSkipListMap<>();

    static {
        Thread sampler = new Thread(BlockedLoops::sample, "samples of threads");
        sampler.setDaemon(true);
        sampler.start();
    }

    private final List<String> faults = new CopyOnWriteArrayList<>();

    /** Returns what was at fault so far, each with where it was found. */
    public List<String> faults() {
        return List.copyOf(faults);
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (!event.getLoggerName().equals(CHECKER)) {
            return;
        }
        String message = event.getFormattedMessage();
        Matcher warning = WARNING.matcher(message);
        if (!warning.find() || !warning.group(1).startsWith(LOOPS)) {
            faults.add(message);
            return;
        }
        long began = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(Long.parseLong(warning.group(2)));
        long limit = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(warning.group(3)));
        // Vert.x of other tests may have threads of that name; those are idle.
        for (ThreadInfo loop : THREADS.getThreadInfo(THREADS.getAllThreadIds(), MAX_FRAMES)) {
            if (loop != null
                    && loop.getThreadName().equals(warning.group(1))
                    && isAtFault(loop, began, limit, MAX_OWNERS)) {
                faults.add(message + " " + Arrays.toString(loop.getStackTrace()));
            }
        }
    }

    /** Who waits for a lock is as little at fault as its owner. */
    private static boolean isAtFault(ThreadInfo thread, long began, long limit, int owners) {
        if (used(thread.getThreadId(), began) >= limit) {
            return true;
        }
        if (thread.getLockOwnerId() < 0) {
            return waits(thread.getThreadState(), thread.getStackTrace());
        }
        ThreadInfo owner = THREADS.getThreadInfo(thread.getLockOwnerId(), MAX_FRAMES);
        return owner != null && (owners == 0 || isAtFault(owner, began, limit, owners - 1));
    }

    static boolean waits(Thread.State state, StackTraceElement[] where) {
        return switch (state) {
            case BLOCKED, WAITING, TIMED_WAITING -> true;
            default ->
                where.length > 0
                        && WAITS_FOR_IO
                                .matcher(where[0].getClassName() + "." + where[0].getMethodName())
                                .matches();
        };
    }

    private static long used(long id, long since) {
        Map.Entry<Long, Map<Long, Long>> before = USED.floorEntry(since);
        return THREADS.getThreadCpuTime(id)
                - (before == null ? 0 : before.getValue().getOrDefault(id, 0L));
    }

    private static void sample() {
        while (true) {
            LockSupport.parkNanos(SAMPLE_NANOS);
            Map<Long, Long> used = new HashMap<>();
            long now = System.nanoTime();
            for (long id : THREADS.getAllThreadIds()) {
                used.put(id, THREADS.getThreadCpuTime(id));
            }
            USED.put(now, used);
            if (USED.size() > SAMPLES) {
                USED.pollFirstEntry();
            }
        }
    }
}
