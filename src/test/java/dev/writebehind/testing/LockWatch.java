package dev.writebehind.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Looks again and again for locks on the user table, or on other tables of the LMS, row or table, granted or waited
 * for, that are not the holder's. MariaDB has no table of all locks: there it looks for waits. One thread runs it, any
 * may ask.
 */
public final class LockWatch implements Runnable {
    private final TestDatabase database;
    private final long holder;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicLong looks = new AtomicLong();
    private final AtomicLong others = new AtomicLong();
    private volatile Throwable failure;

    private final List<String> tables;

    private LockWatch(TestDatabase database, long holder, List<String> tables) {
        this.database = database;
        this.tables = List.copyOf(tables);
        this.holder = holder;
    }

    /** Returns a watch that leaves out the locks of that connection. */
    public static LockWatch beside(Connection holder, TestDatabase database) throws SQLException {
        return beside(holder, database, List.of("auth_user"));
    }

    /** Returns a watch of those tables. */
    public static LockWatch beside(Connection holder, TestDatabase database, List<String> tables) throws SQLException {
        return new LockWatch(database, connectionId(database, holder), tables);
    }

    @Override
    public void run() {
        String onUserTable = database.isMariaDb()
                ? "SELECT COUNT(*) FROM information_schema.INNODB_LOCKS WHERE lock_table REGEXP '"
                        + String.join("|", tables) + "'"
                        + " AND lock_trx_id NOT IN (SELECT trx_id FROM information_schema.INNODB_TRX"
                        + " WHERE trx_mysql_thread_id = " + holder + ")"
                : "SELECT COUNT(*) FROM performance_schema.data_locks WHERE OBJECT_NAME IN ('"
                        + String.join("','", tables) + "')"
                        + " AND OBJECT_SCHEMA = DATABASE() AND THREAD_ID <> " + holder;
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            while (!stopped.get()) {
                try (var rows = statement.executeQuery(onUserTable)) {
                    rows.next();
                    others.addAndGet(rows.getLong(1));
                    looks.incrementAndGet();
                }
            }
        } catch (SQLException e) {
            failure = e;
        }
    }

    /** Makes {@link #run} return. */
    public void stop() {
        stopped.set(true);
    }

    /** Returns how often it has looked. */
    public long looks() {
        return looks.get();
    }

    /** Whether it has not looked more often than that yet, and goes on looking. */
    public boolean isStillToLook(long times) {
        return looks.get() <= times && failure == null;
    }

    /** Returns how many locks of others it has seen. */
    public long othersOnUserTable() {
        return others.get();
    }

    /** Returns what stopped it early, or null. */
    public Throwable failure() {
        return failure;
    }

    private static long connectionId(TestDatabase database, Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            String sql = database.isMariaDb()
                    ? "SELECT CONNECTION_ID()"
                    : "SELECT THREAD_ID FROM performance_schema.threads WHERE PROCESSLIST_ID = CONNECTION_ID()";
            try (var rows = statement.executeQuery(sql)) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }
}
