package dev.writebehind.store;

import static dev.writebehind.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.StoredCompletion;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.store.ChangeBatch.Resets;
import dev.writebehind.store.ChangeBatch.Upserts;
import dev.writebehind.testing.Alone;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The two statements against a real server: they must mean what {@link CoalescedWrite#applyTo} means. */
@Alone
@ExtendWith(VertxExtension.class)
class UpsertIT {
    private static final String COURSE = "course-v1:Org+Course+Run";
    private static final long T0 = 1_763_800_000_123_456L;
    /** Beyond every time that these tests write. */
    private static final long HORIZON = 4_000_000_000_000_000L;

    private final KeyPool keys = new KeyPool();
    private final TestDatabase database = TestDatabase.create();
    private final DatabaseSettings settings =
            new DatabaseSettings(DatabaseUri.parse(database.uri()), true, Duration.ofSeconds(30), 1);
    private UpsertSessions sessions;
    private UpsertSession session;

    @BeforeEach
    void open(Vertx vertx) throws Exception {
        Schema.of(settings).prepare(true);
        sessions = UpsertSessions.create(vertx, settings, 2);
        session = await(sessions.open());
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void upsert_randomRunsOverRandomRows_isWhatApplyToSays() {
        Random random = new Random(7);
        Map<CompletionKey, StoredCompletion> expected = new HashMap<>();
        for (int round = 0; round < 60; round++) {
            List<CoalescedWrite> batch = new ArrayList<>();
            for (int user = 1; user <= 40; user++) {
                if (random.nextInt(3) > 0) {
                    batch.add(run(key(user, "b" + random.nextInt(3)), random));
                }
            }
            batch.sort(Comparator.comparing(CoalescedWrite::key));
            await(commit(batch));
            if (round % 5 == 0) {
                await(commit(batch)); // a replay changes nothing
            }
            batch.forEach(write -> expected.compute(write.key(), (key, row) -> write.applyTo(row)));
        }
        assertThat(stored()).isEqualTo(expected);
        assertThat(expected).hasSizeGreaterThan(100);
    }

    @Test
    void upsert_anyDoubleAndMicrosecond_isStoredExactly() {
        Random random = new Random(11);
        List<CoalescedWrite> batch = new ArrayList<>();
        Map<CompletionKey, StoredCompletion> expected = new HashMap<>();
        double[] special = {0.0, 1.0, Double.MIN_VALUE, Double.MIN_NORMAL, 1 - Math.ulp(0.5), 0.1 + 0.2, 1 / 3.0};
        for (int user = 1; user <= 20_000; user++) {
            double value = user <= special.length ? special[user - 1] : random.nextDouble();
            long at = T0 + random.nextInt(2_000_000_000);
            CoalescedWrite write = new CoalescedWrite(key(user, "b"), value, at, at, at, false);
            batch.add(write);
            expected.put(write.key(), write.applyTo(null));
        }
        batch.sort(Comparator.comparing(CoalescedWrite::key));
        for (int from = 0; from < batch.size(); from += 500) {
            await(commit(batch.subList(from, Math.min(batch.size(), from + 500))));
        }
        assertThat(stored()).isEqualTo(expected);
    }

    @Test
    void reset_rowsBeforeIt_goThoseOfOthersAndLaterOnesStay() {
        await(commit(List.of(
                new CoalescedWrite(key(1, "a"), 1, T0, T0, T0, false),
                new CoalescedWrite(key(1, "b"), 1, T0 + 2, T0 + 2, T0 + 2, false),
                new CoalescedWrite(key(1, "c"), 1, T0 + 1, T0 + 1, T0 + 1, false),
                new CoalescedWrite(key(2, "a"), 1, T0, T0, T0, false),
                new CoalescedWrite(key(3, "a"), 1, T0, T0, T0, false))));
        List<CourseReset> resets = List.of(
                new CourseReset(LearnerCourse.of(key(1, "a")), T0 + 2),
                new CourseReset(LearnerCourse.of(key(3, "a")), T0 + 1),
                new CourseReset(new LearnerCourse(2, keys.course("course-v1:Org+Other+Run")), T0 + 1));

        assertThat(await(reset(resets))).isEqualTo(3);
        assertThat(stored()).containsOnlyKeys(key(1, "b"), key(2, "a"));
        assertThat(await(reset(resets))).as("once more").isZero();
    }

    @Test
    void reset_courseInOtherLetters_isTheSameCourse() {
        await(commit(List.of(new CoalescedWrite(key(1, "a"), 1, T0, T0, T0, false))));
        await(reset(List.of(
                new CourseReset(new LearnerCourse(1, keys.course(COURSE.toUpperCase(Locale.ROOT))), T0 + 1))));
        assertThat(stored()).isEmpty();
    }

    @Test
    void reset_amongManyRows_readsThoseOfItsLearnersAlone() {
        List<CoalescedWrite> batch = new ArrayList<>();
        for (int user = 1; user <= 3_000; user++) {
            batch.add(new CoalescedWrite(key(user, "b"), 1, T0, T0, T0, false));
        }
        batch.sort(Comparator.comparing(CoalescedWrite::key));
        await(commit(batch));
        database.execute("ANALYZE TABLE completion_blockcompletion");
        long before = rowsRead();
        await(reset(List.of(
                new CourseReset(LearnerCourse.of(key(7, "b")), T0 + 1),
                new CourseReset(LearnerCourse.of(key(8, "b")), T0 + 1))));
        long read = rowsRead() - before;
        assertThat(stored()).hasSize(2_998);
        // SHOW GLOBAL STATUS itself reads some 600 rows.
        assertThat(read).as("rows read for two").isLessThan(2_000);
    }

    /** Reads of rows by all statements, those of this look included. */
    private long rowsRead() {
        return database.globalStatus().entrySet().stream()
                .filter(counter -> counter.getKey().startsWith("Handler_read_"))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    @Test
    void upsert_timeAfter2038_isStored() {
        long at = 2_500_000_000_000_001L;
        await(commit(List.of(new CoalescedWrite(key(1, "b"), 1, at, at, at, false))));
        assertThat(stored().values())
                .singleElement()
                .extracting(StoredCompletion::modifiedAt)
                .isEqualTo(at);
    }

    @Test
    void upsert_ofExistingRows_burnsNoIdsForEachRow() {
        List<CoalescedWrite> batch = new ArrayList<>();
        for (int user = 1; user <= 500; user++) {
            batch.add(new CoalescedWrite(key(user, "b"), 0.5, T0, T0, T0, false));
        }
        await(commit(batch));
        for (int round = 1; round <= 10; round++) {
            List<CoalescedWrite> changed = new ArrayList<>();
            for (CoalescedWrite write : batch) {
                changed.add(new CoalescedWrite(write.key(), round / 100.0, T0 + round, T0 + round, T0 + round, false));
            }
            await(commit(changed));
        }
        await(commit(List.of(new CoalescedWrite(key(1_000, "b"), 1, T0, T0, T0, false))));
        long lastId = Long.parseLong(database.value("SELECT MAX(id) FROM completion_blockcompletion"));
        assertThat(lastId).as("5,000 rows were updated meanwhile").isLessThan(1_200);
    }

    @Test
    void upsert_whereIdsAreFew_usesUpNoneInVain() {
        database.execute("ALTER TABLE completion_blockcompletion MODIFY id INT NOT NULL AUTO_INCREMENT");
        UpsertSession narrow = await(sessions.open());
        for (int user = 1; user <= 50; user++) {
            for (int known : new int[] {user, 1}) {
                long at = T0 + user;
                CoalescedWrite write = new CoalescedWrite(key(known, "b"), 1.0 / user, at, at, at, false);
                await(narrow.commit(new Upserts(List.of(write)), HORIZON));
            }
        }
        assertThat(database.value("SELECT MAX(id) FROM completion_blockcompletion"))
                .isEqualTo("50");
    }

    @Test
    void upsert_onAnyCharset_findsRowsByTheUniqueKey() {
        for (String collation : List.of("utf8mb4_unicode_ci", "utf8mb4_general_ci", "utf8mb3_unicode_ci")) {
            String charset = collation.substring(0, collation.indexOf('_'));
            database.execute(
                    "DELETE FROM completion_blockcompletion",
                    "ALTER TABLE completion_blockcompletion CONVERT TO CHARACTER SET " + charset + " COLLATE "
                            + collation);
            UpsertSession own = await(sessions.open());
            List<CoalescedWrite> batch = new ArrayList<>();
            for (int user = 1; user <= 2_000; user++) {
                batch.add(new CoalescedWrite(key(user, "b" + user % 50), 0.5, T0, T0, T0, false));
            }
            batch.sort(Comparator.comparing(CoalescedWrite::key));
            await(own.commit(new Upserts(batch), HORIZON));
            database.execute("ANALYZE TABLE completion_blockcompletion");

            long before = keyReads();
            List<CoalescedWrite> changed = batch.subList(700, 1_200).stream()
                    .map(write -> new CoalescedWrite(write.key(), 1, T0 + 9, T0 + 9, T0 + 9, false))
                    .toList();
            await(own.commit(new Upserts(changed), HORIZON));
            long scanned = keyReads() - before;
            assertThat(scanned)
                    .as("rows read one after the other, %s", collation)
                    .isLessThan(12_000);
            own.close();
            assertThat(stored()).hasSize(2_000);
            assertThat(stored().values().stream().filter(row -> row.completion() == 1))
                    .hasSize(500);
        }
    }

    @Test
    void open_tableIsMissing_saysWhatToDo() {
        database.execute("DROP TABLE completion_blockcompletion");
        assertThatThrownBy(() -> await(sessions.open()))
                .hasRootCauseInstanceOf(UnfitSchemaException.class)
                .hasMessageContaining("run the command migrate");
    }

    /** Handler_read_next and _rnd_next count rows reached by scanning; a look-up by the whole unique key is neither. */
    private long keyReads() {
        Map<String, Long> status = database.globalStatus();
        return status.get("Handler_read_next") + status.get("Handler_read_rnd_next");
    }

    private Map<CompletionKey, StoredCompletion> stored() {
        Map<CompletionKey, StoredCompletion> rows = new HashMap<>();
        for (List<String> row : database.query("SELECT user_id, course_key, block_key, block_type, completion,"
                + " TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created), TIMESTAMPDIFF(MICROSECOND, '1970-01-01',"
                + " modified)"
                + " FROM completion_blockcompletion")) {
            CompletionKey key =
                    new CompletionKey(Integer.parseInt(row.get(0)), keys.course(row.get(1)), keys.block(row.get(2)));
            rows.put(
                    key,
                    new StoredCompletion(
                            row.get(2),
                            row.get(3),
                            Double.parseDouble(row.get(4)),
                            Long.parseLong(row.get(5)),
                            Long.parseLong(row.get(6))));
        }
        return rows;
    }

    private Future<Integer> commit(List<CoalescedWrite> batch) {
        return session.commit(new Upserts(batch), HORIZON).map(UpsertSession.Committed::rows);
    }

    private Future<Integer> reset(List<CourseReset> batch) {
        return session.commit(new Resets(batch), HORIZON).map(UpsertSession.Committed::rows);
    }

    private CoalescedWrite run(CompletionKey key, Random random) {
        long created = T0 + random.nextInt(50);
        long changed = created + random.nextInt(10);
        long received = changed + random.nextInt(10);
        boolean differs = changed > created || random.nextBoolean();
        return new CoalescedWrite(key, random.nextInt(3) / 2.0, created, changed, received, differs);
    }

    private CompletionKey key(int user, String block) {
        return new CompletionKey(
                user, keys.course(COURSE), keys.block("block-v1:Org+Course+Run+type@html+block@" + block));
    }
}
