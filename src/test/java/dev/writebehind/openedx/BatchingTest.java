package dev.writebehind.openedx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.store.LmsReader;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class BatchingTest {
    private static final int PER_SECOND = 20;
    private static final int MAX_WAITING = 1_280;

    private final List<List<String>> statements = new ArrayList<>();
    private long now = -1;
    private long wakeAt;
    private Runnable wake;

    private final Batching<String, Boolean> limited = new Batching<>(
            questions -> {
                statements.add(questions);
                return Future.succeededFuture(questions.stream()
                        .map(question -> question.startsWith("known"))
                        .toList());
            },
            2,
            failure -> {},
            new Batching.Limit(new Pace(PER_SECOND, () -> now), MAX_WAITING, this::later));

    private void later(long millis, Runnable task) {
        assertThat(wake).as("one timer at a time").isNull();
        wakeAt = now + Duration.ofMillis(millis).toNanos();
        wake = task;
    }

    private void advance(Duration time) {
        long end = now + time.toNanos();
        while (wake != null && wakeAt <= end) {
            now = wakeAt;
            Runnable task = wake;
            wake = null;
            task.run();
        }
        now = end;
    }

    private CompletableFuture<Boolean> ask(String question) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        limited.ask(question, answer);
        return answer;
    }

    @Test
    void ask_aFewTimesASecond_isAnsweredAtOnce() {
        for (int i = 0; i < 200; i++) {
            assertThat(ask("known" + i)).isCompletedWithValue(true);
            advance(Duration.ofMillis(50));
        }
        assertThat(statements).hasSize(200);
    }

    /** 6,400 made-up tokens in 2.2 seconds, and a new genuine one now and then. */
    @Test
    void ask_byAFlood_costsAFewStatements_andTheOthersWaitNoMoreThanASecond() {
        List<CompletableFuture<Boolean>> madeUp = new ArrayList<>();
        for (int i = 0; i < 2_200; i++) {
            for (int j = 0; j < 3; j++) {
                madeUp.add(ask("made up " + i + " " + j));
            }
            advance(Duration.ofMillis(1));
        }
        assertThat(statements).hasSizeLessThanOrEqualTo(PER_SECOND + 3 * PER_SECOND);

        advance(Duration.ofSeconds(2));
        assertThat(madeUp).allMatch(CompletableFuture::isDone);
        assertThat(statements)
                .allSatisfy(questions -> assertThat(questions).hasSizeLessThanOrEqualTo(LmsReader.MAX_QUESTIONS));
        assertThat(madeUp.stream().filter(CompletableFuture::isCompletedExceptionally))
                .hasSizeGreaterThan(2_000);
        assertThat(ask("known")).isCompletedWithValue(true);
    }

    @Test
    void ask_whatWaitsAlready_joinsIt() {
        List<CompletableFuture<Boolean>> first = new ArrayList<>();
        for (int i = 0; i < PER_SECOND + MAX_WAITING; i++) {
            first.add(ask("made up " + i));
        }
        assertThat(first).noneMatch(CompletableFuture::isCompletedExceptionally);
        CompletableFuture<Boolean> another = ask("one too many");
        CompletableFuture<Boolean> same = ask("made up " + (PER_SECOND + MAX_WAITING - 1));

        assertThat(another).isCompletedExceptionally();
        assertThat(same).isNotDone();
        advance(Duration.ofSeconds(2));
        assertThat(same).isCompletedWithValue(false);
    }
}
