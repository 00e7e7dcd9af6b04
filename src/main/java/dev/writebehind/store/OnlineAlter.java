package dev.writebehind.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The execution of a statement that needs tables to itself for an instant, while others use them. Whoever comes after a
 * statement that waits for a metadata lock waits behind it; so each attempt waits for a second at most, and the pause
 * until the next is longer, to let those through. Safe for any thread; blocks.
 *
 * @param giveUpAfter time from the first attempt after which there is no further one
 */
record OnlineAlter(Duration giveUpAfter, LongSupplier nanos, Sleep sleep) {
    private static final Logger log = LoggerFactory.getLogger(OnlineAlter.class);
    private static final String SESSION = "SET SESSION lock_wait_timeout = 1, innodb_lock_wait_timeout = 1,"
            + " sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', sql_quote_show_create = 1";
    private static final long MIN_PAUSE_MILLIS = 1_500;
    private static final long MAX_PAUSE_MILLIS = 3_000;

    private static final int LOCK_WAIT_TIMEOUT = 1205;
    private static final int LOCK_DEADLOCK = 1213;
    /** Access denied: to the schema (1044), the table (1142), a global privilege (1227). */
    private static final Set<Integer> DENIED = Set.of(1044, 1142, 1227);

    /** The pause of a thread. */
    interface Sleep {
        void millis(long millis) throws InterruptedException;
    }

    /** With these defaults a whole attempt fits the minute after which Vert.x reports a worker as blocked. */
    static OnlineAlter patient() {
        return new OnlineAlter(Duration.ofSeconds(45), System::nanoTime, Thread::sleep);
    }

    /** Makes the session wait for locks no longer than a second, and quote names as we do. */
    static void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(SESSION);
        }
    }

    /** Whether a statement failed for another transaction's sake. */
    static boolean isBusy(SQLException failure) {
        return failure.getErrorCode() == LOCK_WAIT_TIMEOUT || failure.getErrorCode() == LOCK_DEADLOCK;
    }

    /** The statement that prepares the session, for those who want to see it. */
    static String sessionSql() {
        return SESSION;
    }

    /**
     * Runs the statements, one after the other, on a connection that was {@link #prepare prepared}. An attempt begins
     * with the first and leaves no table locked behind.
     *
     * @return at which attempt it succeeded
     * @throws UnfitSchemaException if the tables were never free, or the user lacks the privilege: nothing has changed
     */
    int run(Connection connection, List<String> statements) throws SQLException {
        String sql = String.join("; ", statements);
        long end = nanos.getAsLong() + giveUpAfter.toNanos();
        for (int attempt = 1; ; attempt++) {
            try {
                execute(connection, statements);
                return attempt;
            } catch (SQLException e) {
                if (DENIED.contains(e.getErrorCode())) {
                    throw new UnfitSchemaException("the database's user may not do that: " + e.getMessage()
                            + ". Grant it, or run the command as a user that may: " + sql);
                }
                if (!isBusy(e)) {
                    throw e;
                }
                long pause = ThreadLocalRandom.current().nextLong(MIN_PAUSE_MILLIS, MAX_PAUSE_MILLIS + 1);
                if (end - nanos.getAsLong() < TimeUnit.MILLISECONDS.toNanos(pause)) {
                    throw new UnfitSchemaException(givenUp(connection, sql, attempt), true);
                }
                if (attempt == 1) {
                    log.info("Other transactions hold the tables; trying again for {} s", giveUpAfter.toSeconds());
                }
                pause(pause);
            }
        }
    }

    private static void execute(Connection connection, List<String> statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try {
                for (String each : statements) {
                    statement.execute(each);
                }
            } finally {
                statement.execute("UNLOCK TABLES");
            }
        }
    }

    /** Pauses for a part of a second, at random, so that those who met do not meet again. */
    void pauseBriefly() {
        pause(ThreadLocalRandom.current().nextLong(50, 500));
    }

    private void pause(long millis) {
        try {
            sleep.millis(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnfitSchemaException("interrupted while waiting for the tables; nothing has changed");
        }
    }

    private String givenUp(Connection connection, String sql, int attempts) {
        return "other transactions held the tables at each of " + attempts + " attempts within "
                + giveUpAfter.toSeconds() + " s; nothing has changed. " + longest(connection)
                + " End what is open for long (KILL its connection), or wait for a quieter hour, and try again: " + sql;
    }

    private static String longest(Connection connection) {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT trx_mysql_thread_id,"
                        + " TIMESTAMPDIFF(SECOND, trx_started, NOW()) FROM information_schema.INNODB_TRX"
                        + " WHERE trx_mysql_thread_id NOT IN (0, CONNECTION_ID()) ORDER BY trx_started LIMIT 3")) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add("connection " + rows.getLong(1) + " (" + rows.getLong(2) + " s)");
            }
            return found.isEmpty() ? "" : "The oldest transactions open now: " + String.join(", ", found) + ".";
        } catch (SQLException e) {
            return "See SHOW PROCESSLIST and information_schema.INNODB_TRX for them.";
        }
    }
}
