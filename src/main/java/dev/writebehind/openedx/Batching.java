package dev.writebehind.openedx;

import dev.writebehind.store.DatabaseFailure;
import dev.writebehind.store.LmsReader;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The batching, into one statement, of questions that come while the database is busy with earlier ones. Where there is
 * a limit, what is asked beyond it waits for its turn, and what is asked beyond those that may wait is refused.
 * Confined to its reader's context.
 */
final class Batching<Q, A> {
    private final Function<List<Q>, Future<List<A>>> asking;
    private final int mostStatements;
    private final Consumer<@Nullable Throwable> health;
    private final @Nullable Limit limit;
    private final Map<Q, List<CompletableFuture<A>>> waiting = new LinkedHashMap<>();
    private int statements;
    private boolean resting;

    /**
     * The limit of what may be asked for whoever comes.
     *
     * @param mostWaiting most questions that wait for their turn
     * @param timer runs something later, in so many milliseconds and on the same context
     */
    record Limit(Pace pace, int mostWaiting, BiConsumer<Long, Runnable> timer) {}

    /**
     * Creates it for one kind of question.
     *
     * @param mostStatements most of them under way at a time
     * @param health told why a statement failed; null: it did not
     * @param limit null: there is none
     */
    Batching(
            Function<List<Q>, Future<List<A>>> asking,
            int mostStatements,
            Consumer<@Nullable Throwable> health,
            @Nullable Limit limit) {
        this.asking = asking;
        this.mostStatements = mostStatements;
        this.health = health;
        this.limit = limit;
    }

    /** Completes the answer once the database has given it. */
    void ask(Q question, CompletableFuture<A> answer) {
        if (limit != null && waiting.size() >= limit.mostWaiting() && !waiting.containsKey(question)) {
            answer.completeExceptionally(new UnreadableException(null));
            return;
        }
        waiting.computeIfAbsent(question, first -> new ArrayList<>(1)).add(answer);
        next();
    }

    private void next() {
        while (statements < mostStatements && !waiting.isEmpty() && !mustRest()) {
            Map<Q, List<CompletableFuture<A>>> batch = new LinkedHashMap<>();
            Iterator<Map.Entry<Q, List<CompletableFuture<A>>>> entries =
                    waiting.entrySet().iterator();
            while (entries.hasNext() && batch.size() < LmsReader.MAX_QUESTIONS) {
                Map.Entry<Q, List<CompletableFuture<A>>> entry = entries.next();
                batch.put(entry.getKey(), entry.getValue());
                entries.remove();
            }
            run(batch);
        }
    }

    private boolean mustRest() {
        if (limit == null || resting) {
            return resting;
        }
        long wait = limit.pace().begin();
        if (wait > 0) {
            resting = true;
            limit.timer().accept(wait, () -> {
                resting = false;
                next();
            });
        }
        return resting;
    }

    private void run(Map<Q, List<CompletableFuture<A>>> batch) {
        List<Q> questions = List.copyOf(batch.keySet());
        statements++;
        asking.apply(questions).onComplete(outcome -> {
            statements--;
            if (outcome.succeeded()) {
                health.accept(null);
                List<A> found = outcome.result();
                for (int i = 0; i < questions.size(); i++) {
                    A answer = found.get(i);
                    batch.getOrDefault(questions.get(i), List.of()).forEach(asked -> asked.complete(answer));
                }
            } else {
                fail(batch, outcome.cause());
            }
            next();
        });
    }

    /** What one question is refused for must not fail the others; in an outage those that wait would fare no better. */
    private void fail(Map<Q, List<CompletableFuture<A>>> batch, Throwable cause) {
        DatabaseFailure kind = DatabaseFailure.of(cause);
        if (kind == DatabaseFailure.DATA && batch.size() > 1) {
            batch.forEach((question, asked) -> run(Map.of(question, asked)));
            return;
        }
        health.accept(cause);
        List<CompletableFuture<A>> failed = new ArrayList<>();
        batch.values().forEach(failed::addAll);
        if (kind != DatabaseFailure.DATA) {
            waiting.values().forEach(failed::addAll);
            waiting.clear();
        }
        UnreadableException failure = new UnreadableException(cause);
        failed.forEach(answer -> answer.completeExceptionally(failure));
    }
}
