package dev.writebehind.flush;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.config.FlushSettings;
import dev.writebehind.store.Schema;
import dev.writebehind.testing.Futures;
import dev.writebehind.testing.RecordingLog;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** Whatever is thrown within a cycle, the next ones run, nothing is lost, and somebody is told. */
@ExtendWith(VertxExtension.class)
class FlusherIT {
    private static final KeyPool KEYS = new KeyPool();

    private final TestDatabase database = TestDatabase.create();
    private Vertx vertx;
    private final ReceiptClock clock = new ReceiptClock();
    private final CompletionBuffer buffer = new CompletionBuffer(
            () -> new BufferSettings(50_000, ByteSize.ofMebibytes(64), Duration.ZERO), clock, RecordingLog.ofNothing());
    private final Path deadLetters = TemporaryDirectory.create("dead-letters").resolve("dead-letters");
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Conditions conditions = new Conditions(Clock.systemUTC());
    private final AtomicInteger thrown = new AtomicInteger();

    @BeforeEach
    void listen(Vertx own) {
        vertx = own;
        log.start();
        root.addAppender(log);
    }

    @AfterEach
    void close() throws Exception {
        Futures.await(vertx.close()); // else the flusher would log what the next test then finds
        root.detachAppender(log);
        database.close();
    }

    @Test
    void cycle_throwsAnErrorBeforeTheDrain_isReportedAndTheNextOnesFlush() throws Exception {
        Flusher flusher = deploy(() -> throwFirst(3, TableState.PREPARED), () -> 0.5);

        write(1, 0.5);
        await().until(() -> rows().equals(List.of(List.of("1", "0.5"))));
        await().until(() -> flusher.failure() == null);
        assertThat(thrown).hasValue(4);
        assertThat(warnings())
                .anyMatch(text -> text.contains("Flushing fails by a fault of this service; 1 keys wait")
                        && text.contains("fault 1"));
        assertThat(buffer.pendingKeys()).isZero();
    }

    @Test
    void cycle_throwsAnErrorAfterAFailure_isReportedAndTheNextOnesFlush() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        Flusher flusher = deploy(
                () -> looks.incrementAndGet() > 2 ? TableState.PREPARED : TableState.UNPREPARED,
                () -> throwFirst(2, 0.5));

        write(1, 0.5);
        await().until(() -> rows().equals(List.of(List.of("1", "0.5"))));
        await().until(() -> flusher.failure() == null);
        assertThat(thrown).hasValue(2);
        assertThat(warnings()).anyMatch(text -> text.contains("fault 1")).anyMatch(text -> text.contains("fault 2"));
    }

    @Test
    void deadLetter_canNotBeKept_staysPendingAndItsNeighboursAreStored() throws Exception {
        Files.writeString(deadLetters, "a file where the directory should be");
        Flusher flusher = deploy(() -> TableState.PREPARED, () -> 0.5);
        database.execute("ALTER TABLE completion_blockcompletion ADD CONSTRAINT no_poison CHECK (user_id <> 666)");

        write(666, 0.5);
        write(1, 0.5);
        await().until(() -> rows().equals(List.of(List.of("1", "0.5"))));
        await().until(() -> flusher.stats().failures() >= 3);
        await().until(() -> buffer.pendingKeys() == 1);
        await().until(() -> conditions.holds(ConditionName.DEAD_LETTERS_UNWRITABLE));
        write(1, 0.25);
        await().until(() -> rows().equals(List.of(List.of("1", "0.25"))));

        Files.delete(deadLetters);
        await().until(() -> buffer.pendingKeys() == 0);
        assertThat(new DeadLetterFiles(deadLetters, KEYS, () -> {}).list(10)).hasSize(1);
        await().until(() -> flusher.failure() == null);
        await().until(() -> conditions.current().isEmpty());
    }

    @Test
    void cycle_throwsAnErrorWhileFlushingIsPaused_theNextOnesFlushOnceItGoesOn() throws Exception {
        AtomicBoolean mustThrow = new AtomicBoolean();
        Flusher flusher = deploy(() -> TableState.PREPARED, () -> 0.5, () -> {
            if (mustThrow.getAndSet(false)) {
                throw new StackOverflowError("fault");
            }
            return settings(500);
        });
        Futures.await(flusher.pause());
        write(1, 0.5);
        for (int i = 0; i < 10; i++) {
            mustThrow.set(true);
            await().until(() -> !mustThrow.get());
        }

        Futures.await(flusher.resume());
        await().until(() -> buffer.pendingKeys() == 0);
        assertThat(rows()).containsExactly(List.of("1", "0.5"));
    }

    /** In an outage it would all have to be given back, at each try anew. */
    @Test
    void cycle_withoutAConnection_takesNothingOutOfTheBuffer() throws Exception {
        write(1, 0.5);
        String nowhere;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nowhere = "mysql://writebehind:writebehind@127.0.0.1:" + closed.getLocalPort() + "/completion";
        }
        Flusher flusher = deploy(nowhere, () -> TableState.PREPARED, () -> 0.5, () -> settings(500));

        while (flusher.stats().failures() < 5) {
            assertThat(buffer.oldestWaiting()).isNotEqualTo(Long.MAX_VALUE);
        }
        assertThat(flusher.failure()).isNotNull();
    }

    /** Where each batch composes the next, some 10,000 overflow the stack as the last is told of: no cycle ends. */
    @Test
    void flushAll_inMoreBatchesThanTheStackIsDeep_endsAndTheNextCyclesFlush() throws Exception {
        int keys = 15_000;
        for (int user = 1; user <= keys; user++) {
            write(user, 0.5);
        }
        Flusher flusher = deploy(() -> TableState.PREPARED, () -> 0.5, () -> settings(1));

        Futures.await(flusher.flushAll());
        assertThat(rows()).hasSize(keys);
        write(1, 0.25);
        await().until(() -> buffer.pendingKeys() == 0);
        assertThat(rows()).contains(List.of("1", "0.25"));
        assertThat(warnings()).isEmpty();
    }

    private <T> T throwFirst(int times, T otherwise) {
        int number = thrown.incrementAndGet();
        if (number <= times) {
            throw new StackOverflowError("fault " + number);
        }
        return otherwise;
    }

    private Flusher deploy(Supplier<TableState> table, DoubleSupplier random) throws Exception {
        return deploy(table, random, () -> settings(500));
    }

    private static FlushSettings settings(int batchSize) {
        return new FlushSettings(Duration.ofMillis(20), batchSize, 1, 1_000, Duration.ofMillis(50));
    }

    private Flusher deploy(Supplier<TableState> table, DoubleSupplier random, Supplier<FlushSettings> flushing)
            throws Exception {
        Schema.of(settings(database.uri())).migrate();
        return deploy(database.uri(), table, random, flushing);
    }

    private Flusher deploy(
            String uri, Supplier<TableState> table, DoubleSupplier random, Supplier<FlushSettings> flushing)
            throws Exception {
        Flusher flusher = new Flusher(
                flushing,
                new Flusher.Source(buffer, clock, new DeadLetterFiles(deadLetters, KEYS, () -> {})),
                new Flusher.Target(settings(uri), table),
                conditions,
                random);
        Futures.await(vertx.deployVerticle(flusher));
        return flusher;
    }

    private static DatabaseSettings settings(String uri) {
        return new DatabaseSettings(DatabaseUri.parse(uri), true, Duration.ofSeconds(30), 1);
    }

    private void write(int user, double value) {
        CompletionKey key = new CompletionKey(user, KEYS.course("c"), KEYS.block("b"));
        assertThat(buffer.offer(List.of(new CompletionWrite(key, value)), null)).isTrue();
    }

    private List<List<String>> rows() {
        return database.query("SELECT user_id, completion FROM completion_blockcompletion");
    }

    private List<String> warnings() {
        return List.copyOf(log.list).stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .map(event -> event.getFormattedMessage()
                        + (event.getThrowableProxy() == null
                                ? ""
                                : " " + event.getThrowableProxy().getMessage()))
                .toList();
    }
}
