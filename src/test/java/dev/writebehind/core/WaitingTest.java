package dev.writebehind.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.config.Acknowledgement;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class WaitingTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Outcome DURABLE = new Acknowledged(Acknowledgement.JOURNAL, 1);

    private final CompletableFuture<Void> stage = new CompletableFuture<>();

    @Test
    void until_stageCompletes_tellsAllThatWait_andNobodyBefore(Vertx vertx, VertxTestContext test) {
        vertx.runOnContext(on -> test.verify(() -> {
            Waiting waiting = Waiting.on(vertx);
            Future<Outcome> first = until(waiting, stage, waiting.deadline(PATIENCE));
            Future<Outcome> second = until(waiting, stage, waiting.deadline(PATIENCE));
            Future<Outcome> next = until(waiting, new CompletableFuture<>(), waiting.deadline(PATIENCE));
            assertThat(first.isComplete() || second.isComplete()).isFalse();

            stage.complete(null);

            Future.all(first, second)
                    .onComplete(test.succeeding(told -> test.verify(() -> {
                        assertThat(told.<Outcome>list()).containsExactly(DURABLE, DURABLE);
                        assertThat(next.isComplete()).isFalse();
                        test.completeNow();
                    })));
        }));
    }

    @Test
    void until_stageFails_saysSo(Vertx vertx, VertxTestContext test) {
        stage.completeExceptionally(new IOException("Input/output error"));
        vertx.runOnContext(on -> {
            Waiting waiting = Waiting.on(vertx);
            until(waiting, stage, waiting.deadline(PATIENCE))
                    .onComplete(test.succeeding(told -> test.verify(() -> {
                        assertThat(told)
                                .isInstanceOfSatisfying(
                                        NotTaken.class,
                                        no -> assertThat(no.detail()).contains("Input/output error"));
                        test.completeNow();
                    })));
        });
    }

    @Test
    void until_stageIsLate_tellsWhoeverIsOutOfTime_andTheOthersWaitOn(Vertx vertx, VertxTestContext test) {
        vertx.runOnContext(on -> {
            Waiting waiting = Waiting.on(vertx);
            Future<Outcome> patient = until(waiting, stage, waiting.deadline(PATIENCE));
            Future<Outcome> hasty = until(waiting, stage, waiting.deadline(Duration.ofMillis(30)));
            Future<Outcome> hastyToo = until(waiting, stage, waiting.deadline(Duration.ofMillis(60)));
            Future.all(hasty, hastyToo)
                    .onComplete(test.succeeding(told -> test.verify(() -> {
                        assertThat(told.<Outcome>list())
                                .allSatisfy(late -> assertThat(late)
                                        .isInstanceOfSatisfying(
                                                NotTaken.class,
                                                no -> assertThat(no.reason())
                                                        .isEqualTo(NotTaken.Reason.NOT_ACKNOWLEDGED)));
                        assertThat(patient.isComplete()).isFalse();
                        stage.complete(null);
                    })))
                    .compose(late -> patient)
                    .onComplete(test.succeeding(told -> test.verify(() -> {
                        assertThat(told).isEqualTo(DURABLE);
                        test.completeNow();
                    })));
        });
    }

    @Test
    void until_stageIsCompleteAfterTheDeadline_isInTime(Vertx vertx, VertxTestContext test) {
        stage.complete(null);
        vertx.runOnContext(on -> {
            Waiting waiting = Waiting.on(vertx);
            until(waiting, stage, waiting.deadline(Duration.ofSeconds(-1)))
                    .onComplete(test.succeeding(told -> test.verify(() -> {
                        assertThat(told).isEqualTo(DURABLE);
                        test.completeNow();
                    })));
        });
    }

    @Test
    void until_oneOfThemFails_theOthersAreTold(Vertx vertx, VertxTestContext test) {
        vertx.runOnContext(on -> {
            Waiting waiting = Waiting.on(vertx);
            until(waiting, stage, waiting.deadline(PATIENCE)).onComplete(told -> {
                throw new IllegalStateException("the answer can't be sent");
            });
            until(waiting, stage, waiting.deadline(PATIENCE)).onComplete(test.succeedingThenComplete());
            stage.complete(null);
        });
    }

    private static Future<Outcome> until(Waiting waiting, CompletableFuture<Void> stage, long deadline) {
        Promise<Outcome> told = Promise.promise();
        waiting.until(stage, deadline, DURABLE, told::complete);
        return told.future();
    }
}
