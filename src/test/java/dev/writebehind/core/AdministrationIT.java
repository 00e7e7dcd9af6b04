package dev.writebehind.core;

import static dev.writebehind.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.buffer.CompletionBuffer;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.Condition;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.config.FlushSettings;
import dev.writebehind.config.JournalSettings;
import dev.writebehind.flush.DeadLetterFiles;
import dev.writebehind.flush.Flusher;
import dev.writebehind.flush.TableState;
import dev.writebehind.journal.file.FileJournal;
import dev.writebehind.store.Schema;
import dev.writebehind.testing.FaultyProxy;
import dev.writebehind.testing.FaultyProxy.Mode;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every operation of the service on a real table, without HTTP. */
@ExtendWith(VertxExtension.class)
class AdministrationIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(500);

    private final KeyPool keys = new KeyPool();
    private final LearnerCourse learnerCourse = new LearnerCourse(7, keys.course("course-v1:O+C+R"));
    private final Conditions conditions = new Conditions(Clock.systemUTC());
    private final TestDatabase database = TestDatabase.create();
    private FaultyProxy proxy;
    private DatabaseSettings settings;
    private FileJournal journal;
    private WriteBehind service;
    private Administration administration;

    @BeforeEach
    void open(Vertx vertx) throws Exception {
        proxy = new FaultyProxy(database.port());
        settings = new DatabaseSettings(
                DatabaseUri.parse(database.uriThrough(proxy.port())), true, Duration.ofSeconds(30), 1);
        Schema.of(settings).migrate();
        Path directory = TemporaryDirectory.create("journal");
        journal = FileJournal.open(JournalSettings.ofFiles(directory, ByteSize.ofMebibytes(1)), keys, conditions);
        ReceiptClock clock = new ReceiptClock();
        CompletionBuffer buffer = new CompletionBuffer(
                () -> new BufferSettings(1_000, ByteSize.ofMebibytes(16), Duration.ZERO), clock, journal);
        journal.replay(buffer::restore);
        DeadLetterFiles deadLetters = new DeadLetterFiles(directory.resolve("dead-letters"), keys, () -> {});
        Flusher flusher = new Flusher(
                () -> new FlushSettings(Duration.ofHours(1), 500, 1, 1_000, Duration.ofMillis(50)),
                new Flusher.Source(buffer, clock, deadLetters),
                new Flusher.Target(settings, () -> TableState.PREPARED),
                conditions);
        service = WriteBehind.on(journal, buffer, () -> LIMIT);
        administration = new Administration(() -> Phase.SERVING, journal, buffer, flusher, deadLetters, conditions);
        await(vertx.deployVerticle(flusher));
    }

    @AfterEach
    void close(Vertx vertx) throws Exception {
        await(vertx.close());
        journal.close();
        proxy.close();
        database.close();
    }

    @Test
    void flush_bringsWhatWasTakenIntoTheTable_andAReadShowsItBeforeAndAfter(Vertx vertx) {
        take(vertx, 0.5);
        assertThat(administration.status().pendingKeys()).isEqualTo(1);
        assertThat(read(vertx)).containsExactly("0.5 pending");
        assertThat(database.rows()).isZero();

        assertThat(await(administration.flush(LIMIT))).isEqualTo(new FlushResult.Flushed());

        assertThat(administration.status().pendingKeys()).isZero();
        assertThat(read(vertx)).containsExactly("0.5 stored");
        assertThat(database.rows()).isEqualTo(1);
    }

    @Test
    void reset_takesTheRowsAway(Vertx vertx) {
        take(vertx, 0.5);
        await(administration.flush(LIMIT));

        outcome(vertx, service.reset(learnerCourse, Acknowledgement.JOURNAL, null));
        assertThat(read(vertx)).isEmpty();
        await(administration.flush(LIMIT));

        assertThat(database.rows()).isZero();
    }

    @Test
    void flush_whilePaused_saysSo_untilItIsResumed(Vertx vertx) {
        assertThat(await(administration.pause(LIMIT))).isTrue();
        take(vertx, 0.5);

        assertThat(await(administration.flush(LIMIT))).isInstanceOf(FlushResult.Paused.class);
        assertThat(administration.status().isPaused()).isTrue();
        assertThat(database.rows()).isZero();

        await(administration.resume());
        assertThat(administration.status().isPaused()).isFalse();
        assertThat(await(administration.flush(LIMIT))).isEqualTo(new FlushResult.Flushed());
        assertThat(database.rows()).isEqualTo(1);
    }

    @Test
    void flush_whileTheDatabaseIsAway_givesUpAndSaysWhy(Vertx vertx) {
        proxy.set(Mode.REFUSE);
        take(vertx, 0.5);

        FlushResult result = await(administration.flush(SHORT));

        assertThat(result).isInstanceOf(FlushResult.NotFlushed.class);
        assertThat(administration.status().isReady()).isTrue();
        Awaitility.await().until(() -> administration.status().flushFailure() != null);
        Awaitility.await()
                .untilAsserted(() -> assertThat(administration.status().conditions())
                        .extracting(Condition::name)
                        .containsExactly(ConditionName.DATABASE_UNAVAILABLE));

        proxy.set(Mode.PASS);
        Status told = await(administration.flush(LIMIT).map(flushed -> administration.status()));
        assertThat(database.rows()).isEqualTo(1);
        assertThat(told.flushFailure())
                .as("at the moment that the flush is told of")
                .isNull();
        assertThat(told.conditions()).isEmpty();
    }

    private void take(Vertx vertx, double completion) {
        CompletionKey key = new CompletionKey(
                learnerCourse.userId(), learnerCourse.course(), keys.block("block-v1:O+C+R+type@html+block@b"));
        Taking taking = service.take(List.of(new CompletionWrite(key, completion)), Acknowledgement.JOURNAL);
        assertThat(outcome(vertx, taking)).isEqualTo(new Acknowledged(Acknowledgement.JOURNAL, 1));
    }

    private static Outcome outcome(Vertx vertx, Taking taking) {
        return await(Future.future(told ->
                vertx.runOnContext(on -> taking.outcome(Waiting.on(vertx)).onComplete(told))));
    }

    private List<String> read(Vertx vertx) {
        CourseReader reader = service.reader(vertx, settings);
        List<String> seen = new ArrayList<>();
        await(reader.read(learnerCourse))
                .forEach(
                        Set.of(),
                        (row, isPending) -> seen.add(row.completion() + (isPending ? " pending" : " stored")));
        await(reader.close());
        return seen;
    }
}
