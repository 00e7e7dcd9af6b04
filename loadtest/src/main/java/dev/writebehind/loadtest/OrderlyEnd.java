package dev.writebehind.loadtest;

import dev.writebehind.loadtest.comparison.Progress;
import dev.writebehind.loadtest.comparison.RunFailedException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The end of a command in order: Ctrl-C interrupts the main thread, which then ends what it has started, as after a
 * failure.
 */
final class OrderlyEnd {
    private static final int FAILED = 1;
    private static final int INTERRUPTED = 130;
    private static final int CLEAN_UP_SECONDS = 60;

    private final Progress progress;
    private final CountDownLatch ended = new CountDownLatch(1);

    private OrderlyEnd(Progress progress) {
        this.progress = progress;
    }

    /** Does the work on this thread; returns its exit code. */
    static int of(Callable<Integer> work, Progress progress) throws Exception {
        OrderlyEnd end = new OrderlyEnd(progress);
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end.interrupt(main), "interrupt"));
        try {
            return work.call();
        } catch (RunFailedException e) {
            progress.say("FAILED during " + progress.current() + ": " + e.getMessage());
            progress.say("Nothing is left running.");
            return FAILED;
        } catch (InterruptedException e) {
            return INTERRUPTED;
        } finally {
            end.ended.countDown();
        }
    }

    private void interrupt(Thread main) {
        if (ended.getCount() == 0) {
            return;
        }
        progress.say("Interrupted during " + progress.current() + ": ending what was started");
        main.interrupt();
        try {
            boolean clean = ended.await(CLEAN_UP_SECONDS, TimeUnit.SECONDS);
            progress.say(clean ? "Nothing is left running. There is no report." : "It did not end in time.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
