package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.config.ConfigFile;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.testing.Naps;
import dev.writebehind.testing.Patience;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Serving's connections on the machine's own transport. */
class PoolsIT {
    /** With acknowledgements held back, each login waits 200 ms for one, however idle the machine is. */
    @Test
    void login_waitsForNoAcknowledgementThatTheKernelHoldsBack() throws Exception {
        Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        try (TestDatabase database = TestDatabase.create()) {
            assumeThat(vertx.isNativeTransportEnabled()).isTrue();
            DatabaseSettings settings = new ConfigFile(
                            null, Map.of(ConfigFile.variable("database.uri"), database.uri()))
                    .load()
                    .settings()
                    .database();
            Duration quickest = IntStream.range(0, 20)
                    .mapToObj(i -> login(vertx, settings))
                    .min(Duration::compareTo)
                    .orElseThrow();
            assertThat(quickest).isLessThan(Duration.ofMillis(150));
        } finally {
            done(vertx.close());
        }
    }

    private static Duration login(Vertx vertx, DatabaseSettings settings) {
        Pool pool = Pools.create(vertx, "test", settings, 1);
        long begin = Naps.nanos();
        done(pool.query("SELECT 1").execute());
        Duration taken = Naps.since(begin);
        done(pool.close());
        return taken;
    }

    private static void done(Future<?> future) {
        try {
            future.toCompletionStage().toCompletableFuture().get(Patience.LONG.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
