package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.Patience;
import dev.writebehind.testing.TestDatabase;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who waits for the row waits for no interval, and what nobody waits for still does. */
class GroupCommitIT {
    private static final String TABLE = "completion_blockcompletion";
    private static final String ROWS =
            "SELECT user_id, course_key, block_key, completion FROM " + TABLE + " ORDER BY user_id, id";
    private static final String HOUR = "flush.interval=1h";

    private final TestDatabase database = TestDatabase.create();
    private final ExecutorService callers = Executors.newFixedThreadPool(16);

    @AfterEach
    void close() {
        callers.shutdownNow();
        database.close();
    }

    @Test
    void write_thatIsWaitedFor_isARowAtOnceAndOthersWaitForTheInterval() {
        try (RunningService service = RunningService.start(database.uri(), HOUR)) {
            service.write(1, "course", "nobody waits", 0.5);
            service.write(2, "course", "nobody waits", 0.5);
            stored(service, 1, "course", "block", 0.5);
            stored(service, 1, "course", "block", 0.75);

            assertThat(database.query(ROWS)).containsExactly(List.of("1", "course", "block", "0.75"));
            assertThat(pending(service)).isEqualTo(2);
        }
        assertThat(database.query(ROWS)).hasSize(3);
    }

    @Test
    void write_ofAKeyThatWaits_takesWhatWaitedWithIt() {
        try (RunningService service = RunningService.start(database.uri(), HOUR)) {
            service.write(1, "course", "block", 0.25);
            stored(service, 1, "COURSE", "block", 0.75);

            assertThat(database.query("SELECT course_key, completion, created < modified FROM " + TABLE))
                    .containsExactly(List.of("course", "0.75", "1"));
        }
    }

    @Test
    void reset_thatIsWaitedFor_isCarriedOutAtOnceAndOrderedWithItsWrites() {
        try (RunningService service = RunningService.start(database.uri(), HOUR)) {
            stored(service, 1, "course", "before", 0.5);
            service.write(1, "course", "queued", 0.5);
            resetAwaited(service, 1, "course");
            assertThat(database.query(ROWS)).isEmpty();
            service.reset(1, "course");
            stored(service, 1, "course", "after", 0.5);
            assertThat(database.query(ROWS)).containsExactly(List.of("1", "course", "after", "0.5"));
        }
        assertThat(database.query(ROWS)).containsExactly(List.of("1", "course", "after", "0.5"));
    }

    /** The buffer can't know that they are one course: whatever came before goes with it. */
    @Test
    void reset_whileATwinCoursesWriteWaits_undoesIt() {
        try (RunningService service = RunningService.start(database.uri(), HOUR)) {
            service.write(1, "café", "twin", 0.5);
            resetAwaited(service, 1, "cafe");
            service.flush();
            assertThat(database.query(ROWS)).isEmpty();

            service.reset(1, "café");
            stored(service, 1, "cafe", "block", 0.5);
            service.flush();
            assertThat(database.query(ROWS)).containsExactly(List.of("1", "cafe", "block", "0.5"));
        }
    }

    @Test
    void write_whileATwinOfItsRowWaits_leavesTheRowThatTheFirstBegan() {
        try (RunningService service = RunningService.start(database.uri(), HOUR)) {
            service.write(1, "course", "café", 0.25);
            stored(service, 1, "course", "cafe", 0.75);

            assertThat(database.query("SELECT block_key, completion, created < modified FROM " + TABLE))
                    .containsExactly(List.of("café", "0.75", "1"));
        }
    }

    @Test
    void write_onATableThatIsAskedAboutEveryKey_isARowAtOnce() {
        RunningService.start(database.uri()).stop();
        database.execute("ALTER TABLE " + TABLE + " CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_lithuanian_ci");
        try (RunningService service = RunningService.start(database.uri(), HOUR)) {
            service.write(1, "course", "i", 0.25);
            stored(service, 1, "course", "y", 0.75);
            assertThat(database.query("SELECT block_key, completion FROM " + TABLE))
                    .containsExactly(List.of("i", "0.75"));
            stored(service, 1, "course", "z", 0.75);
            resetAwaited(service, 1, "course");
            stored(service, 1, "course", "z", 0.25);
            assertThat(database.query("SELECT block_key, completion FROM " + TABLE))
                    .containsExactly(List.of("z", "0.25"));
        }
    }

    /** A flush of everything is cut short for it, and the rest comes after. */
    @Test
    void write_duringALongFlush_doesNotWaitForItsEnd() {
        try (RunningService service =
                RunningService.start(database.uri(), HOUR, "flush.batch-size=20", "flush.lanes=2")) {
            for (int from = 1; from <= 40_000; from += 2_000) {
                assertThat(service.post("", many(from, 2_000)).statusCode()).isEqualTo(202);
            }
            CompletableFuture<Void> all = CompletableFuture.runAsync(service::flush, callers);
            await().until(() -> rows() > 0);
            // Somebody asked for that flush: it is not cut short, but one that follows it is.
            all.join();
            int rounds = 1;
            while (!storesDuringALongFlush(service, 40_000 * rounds)) {
                assertThat(++rounds)
                        .as("rounds after each of which the flush was over")
                        .isLessThan(6);
            }
            int rows = 40_000 * (rounds + 1) + 20 * rounds;
            await().atMost(Patience.VERY_LONG).until(() -> rows() == rows);
        }
    }

    /** Returns whether the flush was under way still when all of what was waited for was there. */
    private boolean storesDuringALongFlush(RunningService service, int users) {
        for (int from = users + 1; from <= users + 40_000; from += 2_000) {
            assertThat(service.post("", many(from, 2_000)).statusCode()).isEqualTo(202);
        }
        long before = rows();
        service.manage("POST", "/admin/resume"); // begins a flush that nobody waits for
        await().pollInterval(Duration.ofMillis(10)).until(() -> rows() > before);
        for (int i = 0; i < 20; i++) {
            stored(service, 1_000_000 + users + i, "course", "block", 0.5);
        }
        return pending(service) > 0;
    }

    /** Of the parts that follow a cut, 1, 2 and 4 rows, the last takes exactly what is left. */
    @Test
    void flush_whoseLastPartIsFull_endsAndIsQuiet() throws Exception {
        try (RunningService service =
                RunningService.start(database.uri(), HOUR, "flush.batch-size=1", "flush.lanes=1")) {
            CompletableFuture<Void> awaited;
            try (Connection other = database.connect();
                    Statement statement = other.createStatement()) {
                other.setAutoCommit(false);
                statement.execute("INSERT INTO " + TABLE + " (user_id, course_key, block_key, block_type, completion,"
                        + " created, modified) VALUES (1, 'course', 'block', 'unknown', 1, NOW(), NOW())");
                assertThat(service.post("", many(1, 8)).statusCode()).isEqualTo(202);
                service.manage("POST", "/admin/resume"); // begins a flush that nobody waits for
                awaited = CompletableFuture.runAsync(() -> stored(service, 9, "course", "block", 0.5), callers);
                await().until(() -> pending(service) == 9);
                other.rollback();
            }
            awaited.join();
            await().until(() -> pending(service) == 0);
            assertThat(rows()).isEqualTo(9);
        }
    }

    @Test
    void manyWaiting_shareCommits_andTheirRowsAreTheirs() throws Exception {
        try (RunningService service = RunningService.start(database.uri(), HOUR)) {
            long batches = batches(service);
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int caller = 0; caller < 16; caller++) {
                int own = caller;
                all.add(CompletableFuture.runAsync(
                        () -> IntStream.rangeClosed(1, 50).forEach(i -> {
                            stored(service, own + 1, "course", "block" + i % 7, i / 50.0);
                            String row = database.value("SELECT completion FROM " + TABLE + " WHERE user_id = "
                                    + (own + 1) + " AND block_key = 'block" + i % 7 + "'");
                            assertThat(Double.parseDouble(row)).isEqualTo(i / 50.0);
                        }),
                        callers));
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(5, TimeUnit.MINUTES);
            assertThat(batches(service) - batches).isLessThan(800);
            assertThat(metric(service, "writebehind_flush_groups_total")).isPositive();
        }
    }

    @Test
    void write_whoseRowIsHeld_keepsOthersWaitingForAMomentAlone() throws Exception {
        try (RunningService service = RunningService.start(database.uri(), "flush.interval=50ms")) {
            stored(service, 1, "course", "held", 0.25);
            try (Connection other = database.connect();
                    Statement statement = other.createStatement()) {
                other.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED); // no gaps
                other.setAutoCommit(false);
                statement.execute("SELECT * FROM " + TABLE + " FOR UPDATE");
                CompletableFuture<Void> held =
                        CompletableFuture.runAsync(() -> stored(service, 1, "course", "held", 0.5), callers);
                await().until(() -> pending(service) > 0);
                stored(service, 2, "course", "free", 0.5);
                assertThat(held).isNotDone();
                other.rollback();
                held.get(1, TimeUnit.MINUTES);
            }
            assertThat(database.query(ROWS))
                    .containsExactly(List.of("1", "course", "held", "0.5"), List.of("2", "course", "free", "0.5"));
        }
    }

    @Test
    void write_whileFlushingIsPaused_isARowOnceItGoesOn() {
        try (RunningService service = RunningService.start(database.uri(), HOUR)) {
            service.manage("POST", "/admin/pause");
            CompletableFuture<Void> waiting =
                    CompletableFuture.runAsync(() -> stored(service, 1, "course", "block", 0.5), callers);
            await().until(() -> pending(service) == 1);
            assertThat(rows()).isZero();
            service.manage("POST", "/admin/resume");
            waiting.join();
            stored(service, 1, "course", "block", 0.75);
        }
    }

    private static void stored(RunningService service, int user, String course, String block, double value) {
        assertThat(service.post("?ack=database", Bodies.write(user, course, block, value))
                        .statusCode())
                .isEqualTo(200);
    }

    private static void resetAwaited(RunningService service, int user, String course) {
        String key = URLEncoder.encode(course, StandardCharsets.UTF_8);
        assertThat(service.send(HttpRequest.newBuilder(service.uri(
                                        "/v1/users/" + user + "/completions?ack=database&course_key=" + key))
                                .DELETE())
                        .statusCode())
                .isEqualTo(200);
    }

    private static String many(int from, int count) {
        return IntStream.range(from, from + count)
                .mapToObj(user -> Bodies.write(user, "course", "block", 0.5))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private long rows() {
        return Long.parseLong(database.value("SELECT COUNT(*) FROM " + TABLE));
    }

    private static long pending(RunningService service) {
        return metric(service, "writebehind_pending_keys");
    }

    private static long batches(RunningService service) {
        return metric(service, "writebehind_flush_batches_total");
    }

    private static long metric(RunningService service, String name) {
        return service.manage("GET", "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
