package dev.writebehind.openedx;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.writebehind.config.OpenedxSettings;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The cache that remembers answers for a while, those that deny too, and asks once for those who want the same at a
 * time. Failures are not remembered. Safe for any thread.
 */
final class Remembered<Q, A> {
    private final Function<Q, CompletableFuture<A>> asking;
    private final Supplier<OpenedxSettings> settings;
    private final Ticker ticker;
    /** Null: nothing is remembered, and each request is told what was so after it came. */
    private volatile @Nullable AsyncCache<Q, A> answers;

    Remembered(Function<Q, CompletableFuture<A>> asking, Supplier<OpenedxSettings> settings, Ticker ticker) {
        this.asking = asking;
        this.settings = settings;
        this.ticker = ticker;
        restart();
    }

    /** Forgets all, and remembers as much and as long as it is wanted now. */
    void restart() {
        OpenedxSettings now = settings.get();
        answers = now.cacheTtl().isZero()
                ? null
                : Caffeine.newBuilder()
                        .executor(Runnable::run)
                        .ticker(ticker)
                        .expireAfterWrite(now.cacheTtl())
                        .maximumSize(now.cacheEntries())
                        .buildAsync();
    }

    /** Has the next one who wants to know ask. */
    void forget(Q question) {
        AsyncCache<Q, A> present = answers;
        if (present != null) {
            present.synchronous().invalidate(question);
        }
    }

    /** Completes on the caller's context. */
    Future<A> find(Vertx vertx, Q question) {
        AsyncCache<Q, A> present = answers;
        CompletableFuture<A> answer = present == null
                ? asking.apply(question)
                : present.get(question, (asked, executor) -> asking.apply(asked));
        if (answer.isDone() && !answer.isCompletedExceptionally()) {
            return Future.succeededFuture(answer.join());
        }
        Context context = vertx.getOrCreateContext();
        return Future.fromCompletionStage(answer, context);
    }
}
