package dev.writebehind.blocking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BlockingTest {
    /** A timer may come due while Vert.x ends. */
    @Test
    void calls_afterTheEnd_failAndThrowNothing() throws Exception {
        Vertx vertx = Vertx.vertx();
        WorkerExecutor threads = vertx.createSharedWorkerExecutor("own");
        assertThat(Blocking.callApart(vertx, () -> 1).await(10, TimeUnit.SECONDS))
                .isEqualTo(1);
        vertx.close().await(10, TimeUnit.SECONDS);
        List<Future<?>> asked = List.of(
                Blocking.call(vertx, () -> 1),
                Blocking.callApart(vertx, () -> 1),
                Blocking.callApart(threads, () -> 1),
                Blocking.run(vertx, () -> {}));
        assertThat(asked).allMatch(Future::failed);
        assertThatCode(() -> Later.run(vertx, 1, () -> {})).doesNotThrowAnyException();
    }
}
