package dev.writebehind.blocking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InTurnTest {
    /** Twenty times as many as overflow the stack where each composes the next. */
    private static final int MANY = 100_000;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void end() throws Exception {
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    @Test
    void repeat_moreStepsThanTheStackIsDeep_ends() throws Exception {
        AtomicInteger made = new AtomicInteger();
        Context context = vertx.getOrCreateContext();
        Promise<Void> ended = Promise.promise();
        context.runOnContext(begun -> InTurn.repeat(() -> {
                    Promise<Boolean> later = Promise.promise();
                    context.runOnContext(due -> later.complete(made.incrementAndGet() < MANY));
                    return later.future();
                })
                .onComplete(ended));
        ended.future().await(60, TimeUnit.SECONDS);
        assertThat(made).hasValue(MANY);
    }

    @Test
    void repeat_stepsThatAnotherThreadCompletesAsTheyAreLookedAt_missesNone() throws Exception {
        AtomicInteger made = new AtomicInteger();
        InTurn.repeat(() -> completedOnceLookedAt(made.incrementAndGet() < 5)).await(10, TimeUnit.SECONDS);
        assertThat(made).hasValue(5);
    }

    /** Returns what is complete after the first question, as if another thread had completed it then. */
    @SuppressWarnings("unchecked")
    private static Future<Boolean> completedOnceLookedAt(boolean result) {
        Promise<Boolean> promise = Promise.promise();
        return (Future<Boolean>) Proxy.newProxyInstance(
                InTurnTest.class.getClassLoader(), new Class<?>[] {Future.class}, (proxy, asked, arguments) -> {
                    Object answer = asked.invoke(promise.future(), arguments);
                    promise.tryComplete(result);
                    return answer;
                });
    }

    @Test
    void repeat_stepsThatAreCompleteAtOnce_ends() throws Exception {
        AtomicInteger made = new AtomicInteger();
        InTurn.repeat(() -> Future.succeededFuture(made.incrementAndGet() < MANY))
                .await(60, TimeUnit.SECONDS);
        assertThat(made).hasValue(MANY);
    }

    @Test
    void repeat_aStepFailsOrThrows_failsLikeItAndMakesNoOther() {
        AtomicInteger made = new AtomicInteger();
        IllegalStateException broken = new IllegalStateException("broken");
        assertThatThrownBy(() -> InTurn.repeat(() ->
                                made.incrementAndGet() < 3 ? Future.succeededFuture(true) : Future.failedFuture(broken))
                        .await(10, TimeUnit.SECONDS))
                .isSameAs(broken);
        assertThat(made).hasValue(3);
        Future<Void> thrown = InTurn.repeat(() -> {
            throw broken;
        });
        assertThat(thrown.cause()).isSameAs(broken);
    }

    @Test
    void fold_eachStepGetsWhatTheOneBeforeHasMade_inOrderAndOneAtATime() throws Exception {
        List<String> made = new ArrayList<>();
        AtomicInteger underWay = new AtomicInteger();
        String all = InTurn.fold(IntStream.range(0, 5).iterator(), "", (before, item) -> {
                    assertThat(underWay.incrementAndGet()).isOne();
                    made.add(before);
                    return vertx.timer(1, TimeUnit.MILLISECONDS)
                            .map(due -> before + item)
                            .andThen(done -> underWay.decrementAndGet());
                })
                .await(10, TimeUnit.SECONDS);
        assertThat(all).isEqualTo("01234");
        assertThat(made).containsExactly("", "0", "01", "012", "0123");
    }

    @Test
    void fold_ofNothing_isTheInitialValue() {
        assertThat(InTurn.fold(List.of().iterator(), "none", (before, item) -> Future.<String>failedFuture("made"))
                        .result())
                .isEqualTo("none");
    }

    @Test
    void fold_itemsTakenByAStep_areNotMade() {
        var items = List.of(1, 2, 3, 4).iterator();
        assertThat(InTurn.fold(items, 0, (sum, item) -> Future.succeededFuture(sum + item + items.next()))
                        .result())
                .isEqualTo(10);
    }
}
