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
import dev.writebehind.testing.CuttableProxy;
import dev.writebehind.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.sqlclient.SqlConnection;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a claim keeps the sessions of earlier ones from, and what it waits for. */
@ExtendWith(VertxExtension.class)
class FenceIT {
    private static final String LOG = "completions";
    private static final String TABLE = "completion_blockcompletion";
    private static final long HORIZON = 4_000_000_000_000_000L;

    /** The servers look at their transactions anew when nobody has asked for 0.1 s. */
    private static final Duration ANEW = Duration.ofMillis(120);

    private static final String WAITING = "SELECT COUNT(*) FROM information_schema.innodb_trx t"
            + " JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id"
            + " WHERE t.trx_state = 'LOCK WAIT' AND p.db = DATABASE()"
            + " AND t.trx_query LIKE 'INSERT INTO completion_writebehind_fence%'";

    private final KeyPool keys = new KeyPool();
    private final TestDatabase database = TestDatabase.create();
    private final DatabaseSettings settings = settings(database.uri(), Duration.ofSeconds(30));
    private final FenceTable table = FenceTable.of(settings);
    private volatile Optional<Fence> inForce = Optional.empty();
    private Vertx vertx;
    private long clock = 1_763_800_000_123_456L;

    private static final Announcer EVERYTHING = new Announcer() {
        @Override
        public boolean isWanted() {
            return true;
        }
    };

    /** The ways of a session to write; {@code n} is a learner of whom there is no row, the two before it have one. */
    enum Way {
        NEW {
            @Override
            Future<?> write(UpsertSession session, FenceIT test, int n) {
                return session.commit(new Upserts(test.writes(n, n + 1)), HORIZON);
            }
        },
        PRESENT {
            @Override
            Future<?> write(UpsertSession session, FenceIT test, int n) {
                return session.commit(new Upserts(test.writes(n - 2, n - 1), true), HORIZON);
            }
        },
        MIXED {
            @Override
            Future<?> write(UpsertSession session, FenceIT test, int n) {
                return session.commit(new Upserts(test.writes(n - 1, n)), HORIZON);
            }
        },
        NEW_ALONE {
            @Override
            Future<?> write(UpsertSession session, FenceIT test, int n) {
                return session.commit(new Upserts(test.writes(n)), HORIZON);
            }
        },
        PRESENT_ALONE {
            @Override
            Future<?> write(UpsertSession session, FenceIT test, int n) {
                return session.commit(new Upserts(test.writes(n - 1), true), HORIZON);
            }
        },
        GONE_ALONE {
            @Override
            Future<?> write(UpsertSession session, FenceIT test, int n) {
                return session.commit(new Upserts(test.writes(n), true), HORIZON);
            }
        },
        ENCODED {
            @Override
            Future<?> write(UpsertSession session, FenceIT test, int n) {
                return session.commitEncoded(UpsertSession.encode(test.writes(n, n + 1)), 2, false);
            }
        },
        THOSE_PRESENT {
            @Override
            Future<?> write(UpsertSession session, FenceIT test, int n) {
                return session.commitPresent(new Upserts(test.writes(n - 1, n)), HORIZON);
            }
        },
        RESET {
            @Override
            Future<?> write(UpsertSession session, FenceIT test, int n) {
                return session.commit(test.resets(n - 1), HORIZON);
            }
        };

        abstract Future<?> write(UpsertSession session, FenceIT test, int n);

        static Stream<Arguments> all() {
            return Arrays.stream(values()).flatMap(way -> Stream.of(false, true).map(told -> Arguments.of(way, told)));
        }
    }

    @BeforeEach
    void prepare(Vertx own) throws Exception {
        vertx = own;
        Schema.of(settings, true, true).prepare(true);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void claim_again_countsUp_forEachLogByItself() throws Exception {
        UUID last = UUID.randomUUID();
        assertThat(table.claim(LOG, UUID.randomUUID()).epoch()).isEqualTo(1);
        assertThat(table.claim("others", UUID.randomUUID()).epoch()).isEqualTo(1);
        assertThat(table.claim(LOG, UUID.randomUUID()).epoch()).isEqualTo(2);
        assertThat(table.claim(LOG, last)).isEqualTo(new Fence(LOG, 3, last));
        assertThat(database.query("SELECT name, epoch, nonce, ABS(TIMESTAMPDIFF(MINUTE, claimed_at,"
                        + " UTC_TIMESTAMP())) < 5 FROM completion_writebehind_fence ORDER BY name LIMIT 1"))
                .containsExactly(List.of(LOG, "3", last.toString(), "1"));
    }

    @Test
    void claim_byManyAtOnce_givesEachAnEpochOfItsOwn_andTheLastOneIsInForce() throws Exception {
        List<CompletableFuture<List<Fence>>> claiming = IntStream.range(0, 6)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> IntStream.range(0, 10).mapToObj(again -> claim()).toList()))
                .toList();
        List<Fence> claims =
                claiming.stream().flatMap(each -> each.join().stream()).toList();
        assertThat(claims)
                .extracting(Fence::epoch)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, 60).boxed().toList());
        String nonce = database.value("SELECT nonce FROM completion_writebehind_fence");
        assertThat(claims)
                .filteredOn(claim -> claim.epoch() == 60)
                .singleElement()
                .satisfies(last -> assertThat(last.nonce()).hasToString(nonce));
    }

    @ParameterizedTest
    @MethodSource("dev.writebehind.store.FenceIT$Way#all")
    void commit_underAnEarlierClaim_leavesNothing_byAnyWay(Way way, boolean announced) {
        inForce = Optional.of(claim());
        UpsertSession session = await(open(announced));
        await(session.commit(new Upserts(writes(1, 2, 11, 12)), HORIZON));
        List<List<String>> empty = state();
        await(way.write(session, this, 3));
        assertThat(state()).as("it works under its own claim").isNotEqualTo(empty);

        inForce = Optional.of(claim());
        List<List<String>> before = state();
        for (int trial = 0; trial < 2; trial++) {
            assertThat(kind(way.write(session, this, 13))).isEqualTo(DatabaseFailure.FENCED);
        }
        assertThat(state()).isEqualTo(before);

        await(way.write(await(open(announced)), this, 13));
        assertThat(state()).as("it works under the later one").isNotEqualTo(before);
    }

    /** As after a database has failed over to a replica that had not heard of the last claim. */
    @Test
    void commit_underAnotherClaimOfTheSameEpoch_leavesNothing() {
        inForce = Optional.of(claim());
        UpsertSession session = await(open(false));
        database.execute("DELETE FROM completion_writebehind_fence");
        assertThat(kind(session.commit(new Upserts(writes(1)), HORIZON))).isEqualTo(DatabaseFailure.FENCED);
        assertThat(claim().epoch()).isEqualTo(inForce.orElseThrow().epoch());
        assertThat(kind(session.commit(new Upserts(writes(1)), HORIZON))).isEqualTo(DatabaseFailure.FENCED);
        assertThat(database.rows()).isZero();
    }

    @Test
    void open_withoutAClaim_isFenced_andWithoutNeedOfOneIsNot() {
        assertThat(kind(open(false))).isEqualTo(DatabaseFailure.FENCED);
        UpsertSession session = await(UpsertSessions.create(vertx, settings, 1).open());
        assertThat(await(session.commit(new Upserts(writes(1)), HORIZON)).rows())
                .isEqualTo(1);
    }

    @Test
    void commit_whileAnotherLogIsClaimed_doesNotWait() throws SQLException {
        inForce = Optional.of(claim());
        table.claim("another", UUID.randomUUID());
        table.claim("zz", UUID.randomUUID());
        UpsertSession session = await(open(false));
        try (Connection other = database.connect();
                Statement statement = other.createStatement()) {
            other.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            other.setAutoCommit(false);
            statement.execute("SELECT * FROM completion_writebehind_fence WHERE name IN ('another', 'zz') FOR UPDATE");
            await(session.commit(new Upserts(writes(1)), HORIZON));
        }
        assertThat(database.rows()).isEqualTo(1);
    }

    /** Somebody else holds the row for longer than a session waits, as a claim does that waits itself. */
    @Test
    void commit_whileTheLogIsBeingClaimed_isFenced_notLocked() throws SQLException {
        inForce = Optional.of(claim());
        UpsertSession session = await(open(false));
        try (Connection other = database.connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT * FROM completion_writebehind_fence FOR UPDATE");
            assertThat(kind(session.commit(new Upserts(writes(1)), HORIZON))).isEqualTo(DatabaseFailure.FENCED);
            assertThat(kind(session.blocked(new Upserts(writes(1))))).isEqualTo(DatabaseFailure.FENCED);
        }
        await(session.commit(new Upserts(writes(1)), HORIZON));
        assertThat(database.rows()).isEqualTo(1);
    }

    @Test
    void claim_waitsForATransactionUnderTheLastOne_andIsNotStarvedByOthers() {
        Fence fence = claim();
        Promise<Void> goOn = Promise.promise();
        SqlConnection connection = await(connection());
        Transactions first = await(Transactions.open(connection, Optional.of(fence)));
        Future<Void> open = first.run(() -> insert(connection, 1).compose(inserted -> goOn.future()));
        AtomicBoolean claimed = new AtomicBoolean();
        List<Future<Integer>> others = IntStream.range(0, 3)
                .mapToObj(i -> connection()
                        .compose(other -> Transactions.open(other, Optional.of(fence))
                                .compose(transactions -> again(transactions, other, claimed, 0))))
                .toList();
        Awaitility.await().until(() -> database.rows() > 3);
        CompletableFuture<Fence> claiming = CompletableFuture.supplyAsync(this::claim);
        Awaitility.await()
                .pollInterval(ANEW)
                .until(() -> claiming.isDone() || database.value(WAITING).equals("1"));
        assertThat(claiming).isNotDone();
        assertThat(open.isComplete()).isFalse();

        goOn.complete();
        assertThat(claiming.join().epoch()).isEqualTo(2);
        claimed.set(true);
        await(open);
        int rows = database.rows();
        assertThat(others.stream().mapToInt(other -> await(other)).sum()).isEqualTo(rows - 1);
        assertThat(kind(first.run(() -> insert(connection, 2)))).isEqualTo(DatabaseFailure.FENCED);
        assertThat(database.rows()).isEqualTo(rows);
    }

    /** A lost power line says nothing; the server keeps a transaction for as long as its session may be silent. */
    @Test
    void claim_pastATransactionWhoseClientIsLostWithoutAWord_isThroughInTime() throws Exception {
        inForce = Optional.of(claim());
        try (CuttableProxy proxy = new CuttableProxy(0, database.port())) {
            DatabaseSettings lossy = settings(database.uriThrough(proxy.port()), Duration.ofSeconds(2));
            UpsertSession lost = null;
            do {
                if (lost != null) {
                    lost.close();
                }
                lost = await(UpsertSessions.create(vertx, lossy, 1, Announcer.NONE, () -> inForce)
                        .open());
            } while (!isLostWithinATransaction(lost, proxy));
            assertThat(claim().epoch()).isEqualTo(2);
            assertThat(database.rows()).as("rolled back").isZero();
        }
    }

    /** Its statement waits for a row, then the network is cut, then there is an answer that nobody hears. */
    private boolean isLostWithinATransaction(UpsertSession session, CuttableProxy proxy) throws SQLException {
        Future<?> committing;
        try (Connection holder = database.connect();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute(row(1));
            committing = session.commit(new Upserts(writes(1)), HORIZON);
            Awaitility.await()
                    .pollInterval(ANEW)
                    .until(() -> committing.isComplete()
                            || database.value(WAITING.replaceFirst(" AND t.trx_query.*", ""))
                                    .equals("1"));
            proxy.set(CuttableProxy.Network.CUT);
            holder.rollback();
        }
        if (committing.isComplete()) {
            proxy.set(CuttableProxy.Network.WHOLE);
            return false;
        }
        assertThat(kind(committing)).isEqualTo(DatabaseFailure.OUTAGE);
        return true;
    }

    /** Inserts rows, each in a transaction of some length, until it is fenced for good; returns how many. */
    private Future<Integer> again(
            Transactions transactions, SqlConnection connection, AtomicBoolean claimed, int inserted) {
        boolean last = claimed.get();
        return transactions
                .run(() -> insert(connection, (int) (++clock % 1_000_000_000))
                        .compose(done -> vertx.timer(30, TimeUnit.MILLISECONDS)))
                .transform(done -> {
                    if (done.failed() && DatabaseFailure.of(done.cause()) != DatabaseFailure.FENCED) {
                        return Future.failedFuture(done.cause());
                    }
                    return last && done.failed()
                            ? Future.succeededFuture(inserted)
                            : again(transactions, connection, claimed, inserted + (done.succeeded() ? 1 : 0));
                });
    }

    private Fence claim() {
        try {
            return table.claim(LOG, UUID.randomUUID());
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Future<UpsertSession> open(boolean announced) {
        return UpsertSessions.create(vertx, settings, 1, announced ? EVERYTHING : Announcer.NONE, () -> inForce)
                .open();
    }

    private Future<SqlConnection> connection() {
        return Pools.createForSessions(vertx, settings, 1)
                .getConnection()
                .compose(connection -> SessionSettings.applyForWrites(connection, settings.timeout())
                        .map(connection));
    }

    private static Future<?> insert(SqlConnection connection, int user) {
        return connection.query(row(user)).execute();
    }

    private static String row(int user) {
        return "INSERT INTO " + TABLE + " (user_id, course_key, block_key, block_type, completion, created, modified)"
                + " VALUES (" + user + ", 'course', 'b', 'unknown', 1, '2020-01-01', '2020-01-01')";
    }

    private List<CoalescedWrite> writes(int... users) {
        List<CoalescedWrite> writes = new ArrayList<>();
        for (int user : users) {
            long at = ++clock;
            writes.add(new CoalescedWrite(key(user), (at % 100) / 100.0, at, at, at, true));
        }
        return writes;
    }

    private Resets resets(int user) {
        return new Resets(List.of(new CourseReset(LearnerCourse.of(key(user)), ++clock)));
    }

    private CompletionKey key(int user) {
        return new CompletionKey(user, keys.course("course"), keys.block("b"));
    }

    private List<List<String>> state() {
        return database.query("SELECT r.id, r.user_id, r.completion, r.modified, (SELECT COUNT(*) FROM "
                + OutboxTable.NAME + ") FROM " + TABLE + " r ORDER BY r.id");
    }

    private static DatabaseFailure kind(Future<?> failing) {
        Awaitility.await().until(failing::isComplete);
        assertThat(failing.failed()).isTrue();
        return DatabaseFailure.of(failing.cause());
    }

    private static DatabaseSettings settings(String uri, Duration timeout) {
        return new DatabaseSettings(DatabaseUri.parse(uri), true, timeout, 1);
    }
}
