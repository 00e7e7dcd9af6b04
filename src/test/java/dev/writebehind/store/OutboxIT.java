package dev.writebehind.store;

import static dev.writebehind.testing.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.StoredCompletion;
import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.store.ChangeBatch.Resets;
import dev.writebehind.store.ChangeBatch.Upserts;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.sqlclient.SqlConnection;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An entry in the outbox for each row that a batch changes, and for no other, whichever way the batch is written. */
@ExtendWith(VertxExtension.class)
class OutboxIT {
    private static final String COURSE = "course-v1:Org+Course+Run";
    private static final String OUTBOX = "completion_writebehind_outbox";
    private static final long T0 = 1_763_800_000_123_456L;
    private static final long HORIZON = 4_000_000_000_000_000L;

    private final KeyPool keys = new KeyPool();
    private final TestDatabase database = TestDatabase.create();
    private final DatabaseSettings settings =
            new DatabaseSettings(DatabaseUri.parse(database.uri()), true, Duration.ofSeconds(30), 1);
    private final Told told = new Told();
    private Vertx vertx;
    private UpsertSession session;
    private long clock = T0;
    private long seen;

    /** Wants every entry, and keeps what it is told. */
    private static final class Told implements Announcer {
        private final List<String> all = new ArrayList<>();
        private boolean goesOn;

        @Override
        public boolean isWanted() {
            return true;
        }

        @Override
        public void added(int entries) {
            all.add("added " + entries);
        }

        @Override
        public void leftOut(int rows) {
            all.add("left out " + rows);
        }

        @Override
        public boolean failed(Throwable cause) {
            all.add("failed");
            return goesOn;
        }
    }

    @BeforeEach
    void open(Vertx own) throws Exception {
        vertx = own;
        Schema.of(settings, true).prepare(true);
        session = await(UpsertSessions.create(vertx, settings, 1, told).open());
    }

    @AfterEach
    void close() {
        database.close();
    }

    /** Direct writes would announce what differs from the row, and whether they inserted it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "40 | 60 | MODIFY id BIGINT NOT NULL AUTO_INCREMENT",
                "40 | 40 | MODIFY id INT NOT NULL AUTO_INCREMENT",
                "1 | 300 | MODIFY id BIGINT NOT NULL AUTO_INCREMENT",
                "40 | 20 | MODIFY user_id BIGINT NOT NULL FIRST, MODIFY modified DATETIME(6) NOT NULL AFTER user_id",
                "40 | 20 | MODIFY user_id INT UNSIGNED NOT NULL, MODIFY id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT",
                "40 | 20 | ADD passed TINYINT AS (completion >= 0.5) STORED, ADD k VARCHAR(255) AS (UPPER(block_key))",
                "40 | 20 | ADD UNIQUE other (user_id, block_key, course_key, block_type), ADD INDEX (modified)",
                "40 | 20 | DROP PRIMARY KEY, ADD UNIQUE (id)",
                "40 | 20 | DROP PRIMARY KEY, ADD PRIMARY KEY (id, user_id) PARTITION BY KEY (user_id) PARTITIONS 3",
                "40 | 20 | CONVERT TO CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci"
            })
    void commit_ofRandomRuns_announcesWhatDirectWritesWould(int users, int rounds, String shape) {
        database.execute("ALTER TABLE completion_blockcompletion " + shape);
        announcesWhatDirectWritesWould(users, rounds);
    }

    /** With ids of their own, which must not be taken for the rows'. */
    @Test
    void commit_whereTriggersAddRowsElsewhere_announcesWhatDirectWritesWould() {
        database.execute(
                "CREATE TABLE audit (id INT AUTO_INCREMENT PRIMARY KEY, row_id BIGINT) AUTO_INCREMENT = 5",
                "CREATE TRIGGER added AFTER INSERT ON completion_blockcompletion FOR EACH ROW"
                        + " INSERT INTO audit (row_id) VALUES (NEW.id), (NEW.id)",
                "CREATE TRIGGER changed AFTER UPDATE ON completion_blockcompletion FOR EACH ROW"
                        + " INSERT INTO audit (row_id) VALUES (OLD.id)");
        announcesWhatDirectWritesWould(40, 20);
        assertThat(database.value("SELECT COUNT(*) > 400 FROM audit")).isEqualTo("1");
    }

    private void announcesWhatDirectWritesWould(int users, int rounds) {
        session = await(UpsertSessions.create(vertx, settings, 1, told).open());
        Random random = new Random(users + rounds);
        Map<CompletionKey, StoredCompletion> rows = new HashMap<>();
        List<CoalescedWrite> late = new ArrayList<>();
        int changed = 0;
        int unchanged = 0;
        for (int round = 0; round < rounds; round++) {
            Map<CompletionKey, CoalescedWrite> batch = new TreeMap<>();
            boolean someAreTold = random.nextBoolean();
            for (int user = 1; user <= users; user++) {
                CoalescedWrite run = run(key(user, "b" + random.nextInt(3)), random);
                run = someAreTold ? toldAtTimes(run, random) : run;
                if (users > 1 && random.nextInt(4) == 0) {
                    late.add(run);
                } else {
                    batch.put(run.key(), run);
                }
            }
            if (late.size() > users) {
                CoalescedWrite another = late.remove(random.nextInt(late.size()));
                batch.put(another.key(), another);
            }
            List<String> expected = new ArrayList<>();
            for (CoalescedWrite write : batch.values()) {
                StoredCompletion before = rows.get(write.key());
                StoredCompletion after = write.applyTo(before);
                if (after.equals(before)) {
                    unchanged++;
                } else {
                    changed++;
                    if (!write.told()) {
                        expected.add(entry(write.key(), before == null, after.modifiedAt()));
                    }
                }
                rows.put(write.key(), after);
            }
            await(session.commit(new Upserts(List.copyOf(batch.values()), random.nextBoolean()), HORIZON));
            assertThat(news()).as("round %s", round).containsExactlyInAnyOrderElementsOf(expected);

            if (random.nextInt(6) == 0) {
                LearnerCourse course = LearnerCourse.of(key(1 + random.nextInt(users), "b"));
                await(session.commit(new Resets(List.of(new CourseReset(course, ++clock))), HORIZON));
                rows.keySet().removeIf(key -> LearnerCourse.of(key).equals(course));
                assertThat(news()).as("a reset").isEmpty();
            }
        }
        assertThat(changed).isGreaterThan(users * rounds / 4);
        assertThat(unchanged).isGreaterThan(users * rounds / 40);
    }

    private static CoalescedWrite toldAtTimes(CoalescedWrite run, Random random) {
        return new CoalescedWrite(
                run.key(),
                run.value(),
                run.createdAt(),
                run.changedAt(),
                run.receivedAt(),
                run.changed(),
                random.nextInt(3) == 0);
    }

    @Test
    void commit_ofWhatItsCallersTell_addsNothing_andNeedsNoOutbox() {
        database.execute("RENAME TABLE " + OUTBOX + " TO elsewhere");
        CoalescedWrite own = CoalescedWrite.of(new CompletionWrite(key(1, "b"), 0.5, true), ++clock);
        await(session.commit(new Upserts(List.of(own)), HORIZON));
        await(session.commitPresent(
                new Upserts(List.of(CoalescedWrite.of(new CompletionWrite(key(1, "b"), 1, true), ++clock))), HORIZON));
        assertThat(database.value("SELECT completion FROM completion_blockcompletion"))
                .isEqualTo("1");
        assertThat(told.all).isEmpty();
    }

    /** What was announced may be again; what was changed meanwhile must be, and is new no more. */
    @Test
    void commit_ofABatchThatIsThereAlready_alsoWithNewerWrites_announcesTheNewerOnes() {
        CoalescedWrite first = write(1, 0.5);
        CoalescedWrite second = write(2, 0.5);
        await(session.commit(new Upserts(List.of(first, second)), HORIZON));
        news();
        await(session.commit(new Upserts(List.of(first, second)), HORIZON));
        assertThat(news()).as("changed nothing").isEmpty();

        CoalescedWrite newer = first.then(write(1, 0.75));
        await(session.commit(new Upserts(List.of(newer, second, write(3, 1))), HORIZON));
        assertThat(news())
                .contains(entry(newer.key(), false, newer.changedAt()), entry(key(3, "b"), true, clock))
                .allMatch(entry -> entry.startsWith("3 ") || entry.contains(" old "));
    }

    @Test
    void commit_ofAnEqualValue_aLaterOne_orOneOverARowFromTheFuture() {
        await(session.commit(new Upserts(List.of(write(1, 0.5), write(2, 0.5), write(3, 0.5))), HORIZON));
        news();
        long horizon = clock + 60_000_000;
        database.execute(
                "UPDATE completion_blockcompletion SET modified = '2100-01-01' WHERE user_id = 2",
                "UPDATE completion_blockcompletion SET modified = modified + INTERVAL 30 SECOND WHERE user_id = 3");
        await(session.commit(new Upserts(List.of(write(1, 0.5), write(2, 1), write(3, 1))), horizon));
        assertThat(news()).containsExactly(entry(key(2, "b"), false, clock - 1));
    }

    /** Also after a batch that was undone, whose rows must not be taken for the next one's. */
    @Test
    void commit_ofRowsThatAreThere_takesTwoStatements_oneForThemAndOneForTheirEntries() {
        await(session.commit(new Upserts(List.of(write(1, 0), write(2, 0), write(3, 0))), HORIZON));
        news();
        for (int i = 1; i <= 4; i++) {
            List<CoalescedWrite> writes = List.of(write(1, i / 4.0), write(1 + i % 2 + 1, i / 4.0));
            assertThat(await(session.commit(new Upserts(writes, true), HORIZON)).statements())
                    .isEqualTo(2);
            assertThat(news())
                    .containsExactlyElementsOf(writes.stream()
                            .map(write -> entry(write.key(), false, write.changedAt()))
                            .toList());
            await(session.commit(new Upserts(List.of(write(1, 0.1), write(10 + i, 1)), true), HORIZON));
            assertThat(news()).hasSize(2);
        }
    }

    @Test
    void commitPresent_announcesWhatItChanged() {
        await(session.commit(new Upserts(List.of(write(1, 0.5), write(2, 0.5))), HORIZON));
        news();
        await(session.commitPresent(new Upserts(List.of(write(1, 0.5), write(2, 1), write(3, 1))), HORIZON));
        assertThat(news()).containsExactly(entry(key(2, "b"), false, clock - 1));
        assertThat(told.all).containsExactly("added 2", "added 1");
    }

    @Test
    void commit_ofSeveral_putsTheFirstReceivedFirst() {
        List<CoalescedWrite> batch = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            batch.add(new CoalescedWrite(key(7, "b" + (99 - i)), 1, ++clock, clock, clock, false));
        }
        batch.sort(Comparator.comparing(CoalescedWrite::key));
        await(session.commit(new Upserts(batch), HORIZON));
        assertThat(news())
                .hasSize(20)
                .isSortedAccordingTo(Comparator.comparing(entry -> entry.substring(entry.lastIndexOf(' '))));
    }

    /** Whatever the server said of its ids: they are counted. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void write_ofNewRowsWhoseIdsAreApart_announcesThemAll(boolean areTakenForConsecutive) {
        SqlConnection connection =
                await(Pools.create(vertx, "test", settings, 1).getConnection());
        await(connection.query("SET auto_increment_increment = 3").execute());
        TableShape actual = await(TableShape.read(connection));
        assertThat(actual.hasConsecutiveIds()).isFalse();
        TableShape shape = new TableShape(
                actual.version(),
                actual.course(),
                actual.block(),
                actual.typeCharset(),
                true,
                areTakenForConsecutive,
                actual.maxPacket(),
                actual.indexes());
        RowWriter writer = await(Transactions.open(connection, Optional.empty())
                .compose(transactions ->
                        RowWriter.open(connection, transactions, UpsertStatements.forShape(shape), shape, told)));
        for (int size : List.of(1, 3)) {
            List<CoalescedWrite> writes = IntStream.range(0, size)
                    .mapToObj(i -> write(10 * size + i, 0.5))
                    .toList();
            String json = UpsertSession.encode(writes);
            assertThat(await(writer.write(json, "9999-12-31 23:59:59.999999", size, false, News.ALL))
                            .rows())
                    .isEqualTo(size);
            assertThat(news())
                    .containsExactlyElementsOf(writes.stream()
                            .map(write -> entry(write.key(), true, write.createdAt()))
                            .toList());
        }
        assertThat(told.all).containsExactly("added 1", "added 3");
    }

    @Test
    void commit_whoseEntriesCanNotBeAdded_leavesNoRow_orDoesWithoutThem() {
        database.execute("RENAME TABLE " + OUTBOX + " TO elsewhere");
        Upserts batch = new Upserts(List.of(write(1, 0.5), write(2, 0.5)));
        assertThatThrownBy(() -> await(session.commit(batch, HORIZON)))
                .hasCauseInstanceOf(OutboxUnwritableException.class)
                .satisfies(failure ->
                        assertThat(DatabaseFailure.of(failure.getCause())).isEqualTo(DatabaseFailure.SETUP));
        assertThat(database.rows()).isZero();

        told.goesOn = true;
        assertThat(await(session.commit(batch, HORIZON)).rows()).isEqualTo(2);
        assertThat(database.rows()).isEqualTo(2);
        assertThat(told.all).containsExactly("failed", "failed", "left out 2");

        database.execute("RENAME TABLE elsewhere TO " + OUTBOX);
        await(session.commit(new Upserts(List.of(write(1, 1))), HORIZON));
        assertThat(news()).containsExactly(entry(key(1, "b"), false, clock));
    }

    /** As workers hold them: READ COMMITTED, and only what nobody else holds. */
    @Test
    void commit_whileAWorkerHoldsAllEntries_doesNotWait() throws SQLException {
        await(session.commit(new Upserts(List.of(write(1, 0.5), write(2, 0.5))), HORIZON));
        try (Connection worker = database.connect();
                Statement statement = worker.createStatement()) {
            worker.setAutoCommit(false);
            statement.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
            String claim = "SELECT id FROM " + OUTBOX + " ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED";
            assertThat(TestDatabase.query(worker, claim)).hasSize(2);
            for (int user = 1; user <= 20; user++) {
                await(session.commit(new Upserts(List.of(write(user, 1))), HORIZON));
            }
            statement.execute("DELETE FROM " + OUTBOX + " WHERE id <= 2");
            await(session.commit(new Upserts(List.of(write(1, 0), write(21, 1))), HORIZON));
            worker.commit();
        }
        assertThat(told.all).hasSize(22).allMatch(text -> text.startsWith("added"));
        assertThat(database.value("SELECT COUNT(*) FROM " + OUTBOX)).isEqualTo("22");
    }

    @Test
    void migrate_withoutTheSetting_createsNothing_andWithItTheTable_once() throws Exception {
        database.execute("DROP TABLE " + OUTBOX);
        Schema without = Schema.of(settings);
        without.prepare(true);
        assertThat(without.migrationPlan()).isEmpty();
        assertThat(database.query("SHOW TABLES LIKE '" + OUTBOX + "'")).isEmpty();

        Schema with = Schema.of(settings, true);
        assertThat(with.migrationPlan()).singleElement().asString().contains("CREATE TABLE IF NOT EXISTS " + OUTBOX);
        assertThat(with.prepare(false).orElseThrow())
                .contains(OUTBOX + " is missing, which openedx.announce needs: run the command migrate");
        assertThat(with.migrate().text()).contains("created the table " + OUTBOX);
        assertThat(with.migrate().text()).doesNotContain("created");
        assertThat(with.migrationPlan()).isEmpty();
        assertThat(with.check())
                .allMatch(Finding::fit)
                .anyMatch(finding -> finding.text().contains(OUTBOX));
    }

    @Test
    void check_ofAnotherEngineOrShape_saysSo() throws Exception {
        database.execute("ALTER TABLE " + OUTBOX + " ENGINE = MyISAM, DROP COLUMN is_new");
        assertThat(Schema.of(settings, true).check())
                .filteredOn(finding -> !finding.fit())
                .extracting(Finding::text)
                .hasSize(2)
                .anyMatch(text -> text.contains("ENGINE = InnoDB"))
                .anyMatch(text -> text.contains("columns"));
    }

    @Test
    void check_ofAUserWhoMayNotAddThere_saysWhatToGrant() throws Exception {
        assumeThat(database.mayGrant()).isTrue();
        String user = database.createUser(
                "SELECT, INSERT, UPDATE, DELETE ON completion_blockcompletion", "SELECT ON " + OUTBOX);
        DatabaseSettings poor =
                new DatabaseSettings(DatabaseUri.parse(database.uriAs(user)), false, Duration.ofSeconds(30), 1);
        assertThat(Schema.of(poor, true).check())
                .filteredOn(finding -> !finding.fit())
                .singleElement()
                .satisfies(finding -> assertThat(finding.text()).contains("may not INSERT", "GRANT INSERT ON"));
    }

    private CompletionKey key(int user, String block) {
        return new CompletionKey(user, keys.course(COURSE), keys.block(block));
    }

    private CoalescedWrite write(int user, double value) {
        long at = ++clock;
        return new CoalescedWrite(key(user, "b"), value, at, at, at, false);
    }

    /** Stamps are never used twice. */
    private CoalescedWrite run(CompletionKey key, Random random) {
        long created = clock + 1;
        long changed = created + random.nextInt(3);
        long received = changed + random.nextInt(3);
        clock = received;
        return new CoalescedWrite(
                key, random.nextInt(3) / 2.0, created, changed, received, changed > created || random.nextInt(4) == 0);
    }

    private static String entry(CompletionKey key, boolean isNew, long modified) {
        return key.userId() + " " + key.block().value() + (isNew ? " new " : " old ") + modified;
    }

    /** Returns the entries since the last call, in their order. */
    private List<String> news() {
        List<String> entries = new ArrayList<>();
        for (List<String> row : database.query("SELECT o.id, o.user_id, r.block_key, o.is_new,"
                + " TIMESTAMPDIFF(MICROSECOND, '1970-01-01', o.modified), r.user_id FROM " + OUTBOX + " o"
                + " LEFT JOIN completion_blockcompletion r ON r.id = o.completion_id WHERE o.id > " + seen
                + " ORDER BY o.id")) {
            seen = Long.parseLong(row.get(0));
            assertThat(row.get(1)).isEqualTo(row.get(5));
            entries.add(
                    row.get(1) + " " + row.get(2) + (row.get(3).matches("1|true") ? " new " : " old ") + row.get(4));
        }
        return entries;
    }
}
