package dev.writebehind.store;

import static dev.writebehind.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.store.ChangeBatch.Resets;
import dev.writebehind.store.ChangeBatch.Upserts;
import dev.writebehind.store.DeadLetterWriter.Gone;
import dev.writebehind.store.DeadLetterWriter.Letter;
import dev.writebehind.store.DeadLetterWriter.Place;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The dead letters in their table: what of them a flusher's claim allows, and what goes together with rows. */
@ExtendWith(VertxExtension.class)
class DeadLetterTableIT {
    private static final String LOG = "completions";
    private static final String TABLE = "completion_blockcompletion";
    private static final long AT = 1_763_800_000_123_456L;
    private static final long HORIZON = 4_000_000_000_000_000L;
    private static final Instant BURIED = Instant.parse("2025-11-22T10:11:12.123456789Z");

    private final KeyPool keys = new KeyPool();
    private final TestDatabase database = TestDatabase.create();
    private final DatabaseSettings settings =
            new DatabaseSettings(DatabaseUri.parse(database.uri()), true, Duration.ofSeconds(30), 1);
    private final FenceTable fences = FenceTable.of(settings);
    private final DeadLetterTable table = DeadLetterTable.of(settings);
    private UpsertSession session;

    @BeforeEach
    void open(Vertx vertx) throws Exception {
        Schema.of(settings, false, true).prepare(true);
        Fence own = fences.claim(LOG, UUID.randomUUID());
        session = await(UpsertSessions.create(vertx, settings, 1, Announcer.NONE, () -> Optional.of(own))
                .open());
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void add_twice_keepsOne_asItWasSaidLast() throws Exception {
        await(session.deadLetters().add(List.of(letter(AT, 1, "course", "first"), letter(AT + 1, 1, "course", "b"))));
        await(session.deadLetters().add(List.of(letter(AT, 1, "course", "second"))));
        assertThat(table.count()).isEqualTo(2);
        assertThat(table.bodies(0, 10)).containsExactly("second", "b");
        assertThat(table.bodies(AT, 10)).containsExactly("b");
        assertThat(table.bodies(0, 1)).containsExactly("second");
        assertThat(await(session.deadLetters().find(AT))).contains("second");
        assertThat(await(session.deadLetters().find(AT + 2))).isEmpty();
        assertThat(database.value("SELECT MAX(buried) FROM " + DeadLetterTable.NAME))
                .startsWith("2025-11-22 10:11:12.123456");
    }

    /** Nothing is too long for it, nor equal to another, nor beyond its characters. */
    @Test
    void add_ofWhatTheCompletionTableCouldNotHold_givesItBackAsItWas() throws Exception {
        String longest = "\uD83D\uDE00".repeat(127) + "x";
        String body = "\uD83D\uDE00\u0000\"\\".repeat(100_000);
        List<String> courses = List.of(longest, "caf\u00e9", "cafe", "CAFE", "cafe x");
        for (int i = 0; i < courses.size(); i++) {
            await(session.deadLetters().add(List.of(letter(AT + i, 1, courses.get(i), i == 0 ? body : "b"))));
        }
        assertThat(table.bodies(0, 1)).containsExactly(body);
        assertThat(await(session.deadLetters().ofLearners(Set.of(1, 2))))
                .extracting(Place::course)
                .containsExactlyElementsOf(courses);
        assertThat(await(session.deadLetters().ofLearners(Set.of(2)))).isEmpty();
    }

    @Test
    void add_underAnEarlierClaim_leavesNothing() throws Exception {
        await(session.deadLetters().add(List.of(letter(AT, 1, "course", "b"))));
        fences.claim(LOG, UUID.randomUUID());
        assertThat(kind(session.deadLetters().add(List.of(letter(AT + 1, 1, "course", "b")))))
                .isEqualTo(DatabaseFailure.FENCED);
        assertThat(kind(session.commit(reset(1), HORIZON, new Gone(List.of(AT), null))))
                .isEqualTo(DatabaseFailure.FENCED);
        assertThat(table.count()).isEqualTo(1);
    }

    @Test
    void commit_withLettersGone_removesTheseAlone_withTheRows() throws Exception {
        await(session.commit(new Upserts(List.of(write(1, AT))), HORIZON));
        for (int i = 0; i < 4; i++) {
            await(session.deadLetters().add(List.of(letter(AT + i, 1, "course", "b" + i))));
        }
        await(session.commit(reset(1), HORIZON, new Gone(List.of(AT, AT + 2, AT + 9), null)));
        assertThat(database.rows()).isZero();
        assertThat(table.bodies(0, 10)).containsExactly("b1", "b3");
        await(session.commit(new Upserts(List.of(write(2, AT))), HORIZON));
        assertThat(table.count()).as("others leave letters alone").isEqualTo(2);
    }

    @Test
    void commit_refusedForItsRow_leavesTheLetter() throws Exception {
        database.execute("ALTER TABLE " + TABLE + " ADD CONSTRAINT no_poison CHECK (user_id <> 66)");
        await(session.deadLetters().add(List.of(letter(AT, 66, "course", "b"))));
        assertThat(kind(session.commit(new Upserts(List.of(write(66, AT))), HORIZON, new Gone(List.of(), AT))))
                .isEqualTo(DatabaseFailure.DATA);
        assertThat(table.count()).isEqualTo(1);

        database.execute("ALTER TABLE " + TABLE + " DROP CONSTRAINT no_poison");
        await(session.commit(new Upserts(List.of(write(66, AT))), HORIZON, new Gone(List.of(), AT)));
        assertThat(table.count()).isZero();
        assertThat(database.rows()).isEqualTo(1);
    }

    @Test
    void remove_finishedBeforeARetry_keepsTheRowAway() throws Exception {
        await(session.deadLetters().add(List.of(letter(AT, 1, "course", "b"))));
        assertThat(table.remove(AT)).isTrue();
        assertThat(table.remove(AT)).isFalse();
        Future<?> retry = session.commit(new Upserts(List.of(write(1, AT))), HORIZON, new Gone(List.of(), AT));
        Awaitility.await().until(retry::isComplete);
        assertThat(retry.cause()).isInstanceOf(NoDeadLetterException.class);
        assertThat(database.rows()).isZero();
    }

    /** The retry has the letter first: whoever removes it meanwhile finds it gone, and is not told otherwise. */
    @Test
    void remove_whileARetryIsUnderWay_waitsForIt_andFindsNone() throws Exception {
        await(session.commit(new Upserts(List.of(write(1, AT - 1))), HORIZON));
        await(session.deadLetters().add(List.of(letter(AT, 1, "course", "b"))));
        CompletableFuture<Boolean> removed;
        Future<?> retry;
        try (Connection other = database.connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT * FROM " + TABLE + " FOR UPDATE");
            retry = session.commit(new Upserts(List.of(write(1, AT)), true), HORIZON, new Gone(List.of(), AT));
            Awaitility.await("the retry's hold of the letter")
                    .until(() -> database.query("SELECT id FROM " + DeadLetterTable.NAME + " FOR UPDATE SKIP LOCKED")
                            .isEmpty());
            removed = CompletableFuture.supplyAsync(() -> {
                try {
                    return table.remove(AT);
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            other.rollback();
        }
        await(retry);
        assertThat(removed.join()).isFalse();
        assertThat(database.value("SELECT completion FROM " + TABLE)).isEqualTo("0.5");
    }

    private Letter letter(long id, int userId, String course, String body) {
        return new Letter(id, new LearnerCourse(userId, keys.course(course)), body, BURIED);
    }

    private CoalescedWrite write(int userId, long at) {
        return new CoalescedWrite(
                new CompletionKey(userId, keys.course("course"), keys.block("b")),
                at == AT ? 0.5 : 0.25,
                at,
                at,
                at,
                true);
    }

    private Resets reset(int userId) {
        return new Resets(List.of(new CourseReset(new LearnerCourse(userId, keys.course("course")), AT + 10)));
    }

    private static DatabaseFailure kind(Future<?> failing) {
        Awaitility.await().until(failing::isComplete);
        assertThat(failing.failed()).isTrue();
        return DatabaseFailure.of(failing.cause());
    }
}
