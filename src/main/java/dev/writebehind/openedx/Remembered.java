package dev.writebehind.openedx;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The cache that remembers answers for a while, those that deny too, and asks once for those who want the same at a
 * time. Failures are not remembered. Safe for any thread.
 */
final class Remembered<Q, A> {
    private final Function<Q, CompletableFuture<A>> asking;
    /** Null: nothing is remembered, and each request is told what was so after it came. */
    private final @Nullable AsyncCache<Q, A> answers;

    Remembered(Function<Q, CompletableFuture<A>> asking, Duration ttl, int entries, Ticker ticker) {
        this.asking = asking;
        this.answers = ttl.isZero()
                ? null
                : Caffeine.newBuilder()
                        .executor(Runnable::run)
                        .ticker(ticker)
                        .expireAfterWrite(ttl)
                        .maximumSize(entries)
                        .buildAsync();
    }

    /** Has the next one who wants to know ask. */
    void forget(Q question) {
        if (answers != null) {
            answers.synchronous().invalidate(question);
        }
    }

    /** Completes on the caller's context. */
    Future<A> find(Vertx vertx, Q question) {
        CompletableFuture<A> answer = answers == null
                ? asking.apply(question)
                : answers.get(question, (asked, executor) -> asking.apply(asked));
        if (answer.isDone() && !answer.isCompletedExceptionally()) {
            return Future.succeededFuture(answer.join());
        }
        Context context = vertx.getOrCreateContext();
        return Future.fromCompletionStage(answer, context);
    }
}
