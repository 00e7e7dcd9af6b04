package dev.writebehind.loadtest.baseline;

import dev.writebehind.config.DatabaseUri;
import dev.writebehind.loadtest.baseline.BodyDecoder.Batch;
import dev.writebehind.loadtest.baseline.BodyDecoder.BlockValue;
import dev.writebehind.loadtest.baseline.BodyDecoder.Write;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.mysqlclient.MySQLBuilder;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The writer that writes as Open edX does: each request in a transaction of its own, at READ COMMITTED, row by row.
 * Safe for any event loop.
 *
 * <p>No statement is sent that the stack can do without: statements are prepared once for each connection, and a
 * transaction begins with its first statement, because the connections do not commit by themselves.
 */
final class DirectWriter {
    private static final int MAX_RETRIES = 3;
    private static final int DEADLOCK = 1213;
    /** Longer than the server waits for a row lock: whoever is silent for so long is gone. */
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private static final String SETTINGS = "SET SESSION time_zone = '+00:00', autocommit = 0";
    private static final String ISOLATION = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
    private static final String SWITCH =
            "SELECT active FROM waffle_switch WHERE name = 'completion.enable_completion_tracking'";
    private static final String USER = "SELECT id FROM auth_user WHERE username = ?";
    private static final String ENROLMENT =
            "SELECT is_active FROM student_courseenrollment WHERE user_id = ? AND course_id = ?";

    private final Pool pool;

    DirectWriter(Pool pool) {
        this.pool = pool;
    }

    /** The failure of a request that was not done, and left nothing behind. */
    static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final int status;

        RefusedException(int status, String reason) {
            super(reason, null, false, false);
            this.status = status;
        }

        /** The HTTP status that tells so. */
        int status() {
            return status;
        }
    }

    /**
     * Returns a pool for all event loops together.
     *
     * @param size most connections
     * @param queue most who wait for one
     * @param queueTimeout longest that one waits
     */
    static Pool pool(Vertx vertx, DatabaseUri uri, int size, int queue, Duration queueTimeout) {
        MySQLConnectOptions connect = new MySQLConnectOptions()
                .setHost(uri.host())
                .setPort(uri.port())
                .setUser(uri.user())
                .setPassword(uri.password())
                .setDatabase(uri.schema())
                .setCharset("utf8mb4")
                .setCachePreparedStatements(true);
        NetClientOptions net = new NetClientOptions()
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true)
                .setReadIdleTimeout((int) SILENCE.toSeconds());
        PoolOptions options = new PoolOptions()
                .setMaxSize(size)
                .setMaxWaitQueueSize(queue)
                .setConnectionTimeout(Math.toIntExact(queueTimeout.toMillis()))
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS);
        return MySQLBuilder.pool()
                .with(options)
                .with(net)
                .connectingTo(connect)
                .withConnectHandler(DirectWriter::prepare)
                .using(vertx)
                .build();
    }

    private static void prepare(SqlConnection connection) {
        connection
                .query(SETTINGS)
                .execute()
                .compose(set -> connection.query(ISOLATION).execute())
                .onComplete(set -> connection.close());
    }

    /** Brings all writes into the table, or none. */
    Future<Void> write(List<Write> writes, LocalDateTime receivedAt) {
        return transact(connection -> {
            RowWriter rows = new RowWriter(connection, receivedAt);
            Future<Void> written = Future.succeededFuture();
            for (Write write : writes) {
                written = written.compose(before -> rows.write(write.userId(), write.value()));
            }
            return written;
        });
    }

    /** Does what a call of Open edX's endpoint asks for. */
    Future<Void> writeBatch(Batch batch, LocalDateTime receivedAt) {
        String course = batch.course().value();
        return transact(connection -> execute(connection, SWITCH, Tuple.tuple())
                .compose(rows -> isTrue(rows)
                        ? execute(connection, USER, Tuple.of(batch.username()))
                        : refuse(400, "the tracking of completions is switched off"))
                .compose(rows -> rows.size() == 1
                        ? Future.succeededFuture(rows.iterator().next().getInteger(0))
                        : refuse(404, "User matching query does not exist."))
                .compose(userId -> execute(connection, ENROLMENT, Tuple.of(userId, course))
                        .compose(rows -> isTrue(rows)
                                ? Future.succeededFuture(userId)
                                : refuse(400, "User is not enrolled in course.")))
                .compose(userId -> {
                    RowWriter rows = new RowWriter(connection, receivedAt);
                    Future<Void> written = Future.succeededFuture();
                    for (BlockValue value : batch.values()) {
                        written = written.compose(before -> rows.write(userId, value));
                    }
                    return written;
                }));
    }

    private static boolean isTrue(RowSet<Row> rows) {
        return rows.size() == 1 && rows.iterator().next().getInteger(0) != 0;
    }

    private static <T> Future<T> refuse(int status, String reason) {
        return Future.failedFuture(new RefusedException(status, reason));
    }

    private <T> Future<T> transact(Function<SqlConnection, Future<T>> work) {
        return pool.getConnection()
                .recover(failure -> refuse(503, "no connection to the database: " + failure.getMessage()))
                .compose(connection -> attempt(connection, work, MAX_RETRIES).eventually(connection::close));
    }

    private static <T> Future<T> attempt(
            SqlConnection connection, Function<SqlConnection, Future<T>> work, int retries) {
        return Future.succeededFuture(connection)
                .compose(work)
                .compose(result -> connection.query("COMMIT").execute().map(result))
                .recover(failure -> connection
                        .query("ROLLBACK")
                        .execute()
                        .transform(rolledBack -> isDeadlock(failure) && retries > 0
                                ? attempt(connection, work, retries - 1)
                                : Future.failedFuture(failure)));
    }

    private static Future<RowSet<Row>> execute(SqlConnection connection, String sql, Tuple parameters) {
        return connection.preparedQuery(sql).execute(parameters);
    }

    private static boolean isDeadlock(Throwable failure) {
        return failure instanceof DatabaseException error && error.getErrorCode() == DEADLOCK;
    }
}
