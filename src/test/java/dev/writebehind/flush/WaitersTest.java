package dev.writebehind.flush;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitersTest {
    private final Waiters waiters = new Waiters();

    @Test
    void endCycle_passesThoseWhoseWritesAreAllInTheTable() {
        Promise<Void> early = Promise.promise();
        Promise<Void> late = Promise.promise();
        waiters.awaitFlushOf(10, early);
        waiters.awaitFlushOf(20, late);

        waiters.beginCycle();
        waiters.endCycle(20);
        assertThat(early.future().succeeded()).isTrue();
        assertThat(late.future().isComplete()).as("one received at 20 is left").isFalse();
        assertThat(waiters.areForAnotherCycle()).isTrue();

        waiters.beginCycle();
        waiters.endCycle(Long.MAX_VALUE);
        assertThat(late.future().succeeded()).isTrue();
        assertThat(waiters.areForAnotherCycle()).isFalse();
    }

    @Test
    void endCycle_whoCameDuringTheCycle_waitsForTheNext() {
        Promise<Void> passed = Promise.promise();
        waiters.beginCycle();
        waiters.awaitFlushOf(10, passed);

        waiters.endCycle(Long.MAX_VALUE);

        assertThat(passed.future().isComplete()).isFalse();
        assertThat(waiters.areForAnotherCycle()).isTrue();
    }

    @Test
    void retryAll_triesOneAfterTheOtherAndThoseAskedForMeanwhile() {
        Promise<Boolean> first = Promise.promise();
        Promise<Boolean> second = Promise.promise();
        Promise<Boolean> meanwhile = Promise.promise();
        waiters.awaitRetryOf("1", first);
        waiters.awaitRetryOf("2", second);
        List<String> tried = new ArrayList<>();
        List<Promise<Boolean>> answers = List.of(Promise.promise(), Promise.promise(), Promise.promise());

        Future<Void> all = waiters.retryAll(id -> {
            tried.add(id);
            return answers.get(tried.size() - 1).future();
        });
        assertThat(tried).containsExactly("1");
        waiters.awaitRetryOf("3", meanwhile);
        answers.get(0).fail("no");
        assertThat(tried).containsExactly("1", "2");
        answers.get(1).complete(true);
        answers.get(2).complete(false);

        assertThat(first.future().cause()).hasMessage("no");
        assertThat(second.future().result()).isTrue();
        assertThat(meanwhile.future().result()).isFalse();
        assertThat(all.succeeded()).isTrue();
    }

    @Test
    void refuse_failsWhoWaitsForAFlushButNotWhoWaitsForTheCyclesEnd() {
        Promise<Void> passed = Promise.promise();
        Promise<Boolean> retried = Promise.promise();
        Promise<Void> quiet = Promise.promise();
        waiters.awaitFlushOf(10, passed);
        waiters.awaitRetryOf("1", retried);
        waiters.awaitQuiet(quiet);

        waiters.refuse(new FlushingPausedException());

        assertThat(passed.future().cause()).isInstanceOf(FlushingPausedException.class);
        assertThat(retried.future().cause()).isInstanceOf(FlushingPausedException.class);
        assertThat(waiters.areForAnotherCycle()).isFalse();
        assertThat(quiet.future().isComplete()).isFalse();
        waiters.onQuiet();
        assertThat(quiet.future().succeeded()).isTrue();
    }

    @Test
    void stop_failsAll() {
        Promise<Void> passed = Promise.promise();
        Promise<Void> quiet = Promise.promise();
        waiters.awaitFlushOf(10, passed);
        waiters.awaitQuiet(quiet);

        waiters.stop(new IllegalStateException("stopped"));

        assertThat(passed.future().cause()).hasMessage("stopped");
        assertThat(quiet.future().cause()).hasMessage("stopped");
    }
}
