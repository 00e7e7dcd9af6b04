package dev.writebehind.blocking;

import static java.util.Objects.requireNonNull;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * Steps that are made one after the other, however many there are; stateless. Each begins where the one before has
 * completed, and so does whatever follows the last. A step that composes the next one instead is told of the end by way
 * of all those after it: some thousands of them are a stack overflow, after which nobody is ever told
 * ({@code docs/decisions/0026-in-turn.md}). Safe for any thread.
 */
public final class InTurn {
    private InTurn() {}

    /** Makes the step again and again, until it completes with false; fails as the first does that fails or throws. */
    public static Future<Void> repeat(Supplier<Future<Boolean>> step) {
        Repetition repetition = new Repetition(step);
        repetition.goOn();
        return repetition.ended.future();
    }

    /**
     * Makes a step for each of the items, which gets what the one before has completed with, and returns what the last
     * one completes with; fails as the first does that fails or throws. Items are taken when their turn comes.
     */
    public static <I, T> Future<T> fold(Iterator<I> items, T initial, BiFunction<T, I, Future<T>> step) {
        AtomicReference<T> last = new AtomicReference<>(initial);
        return repeat(() -> items.hasNext()
                        ? step.apply(last.get(), items.next()).map(next -> {
                            last.set(next);
                            return true;
                        })
                        : Future.succeededFuture(false))
                .map(ended -> last.get());
    }

    private static final class Repetition {
        private final Supplier<Future<Boolean>> step;
        private final Promise<Void> ended = Promise.promise();

        Repetition(Supplier<Future<Boolean>> step) {
            this.step = step;
        }

        /** Goes on by itself past steps that are complete at once. */
        void goOn() {
            while (true) {
                Future<Boolean> made = made();
                if (!made.isComplete()) { // asked once: another thread may complete it at any time
                    made.onComplete(done -> {
                        if (isToGoOn(done)) {
                            goOn();
                        } else {
                            end(done);
                        }
                    });
                    return;
                }
                if (!isToGoOn(made)) {
                    end(made);
                    return;
                }
            }
        }

        private Future<Boolean> made() {
            try {
                return requireNonNull(step.get());
            } catch (RuntimeException | Error e) {
                return Future.failedFuture(e);
            }
        }

        private static boolean isToGoOn(AsyncResult<Boolean> made) {
            return made.succeeded() && made.result();
        }

        private void end(AsyncResult<Boolean> last) {
            if (last.succeeded()) {
                ended.complete();
            } else {
                ended.fail(last.cause());
            }
        }
    }
}
