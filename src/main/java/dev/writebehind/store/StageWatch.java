package dev.writebehind.store;

import dev.writebehind.progress.Progress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The watch over a connection's statements, which tells each second, by another connection, what the server says of
 * them: MariaDB a percentage of some, MySQL the work of some where {@code performance_schema} has its stages on, both
 * what they are at. Statements that take less than a second cost nothing. Its thread ends with them.
 */
final class StageWatch {
    private static final Logger log = LoggerFactory.getLogger(StageWatch.class);
    private static final long PERIOD_MILLIS = 1_000;
    private static final long MAX_CLOSING_MILLIS = 2_000;
    /** MariaDB's percentages have three decimals. */
    private static final long WHOLE = 100_000;

    private static final String STAGE = "SELECT s.WORK_COMPLETED, s.WORK_ESTIMATED FROM"
            + " performance_schema.events_stages_current s JOIN performance_schema.threads t USING (THREAD_ID)"
            + " WHERE t.PROCESSLIST_ID = ? AND s.WORK_ESTIMATED > 0";

    private final JdbcAddress address;
    private final long watched;
    private final Progress progress;
    private final Thread thread = new Thread(this::work, "progress");
    private volatile boolean closed;
    private boolean hasStages = true;

    private StageWatch(JdbcAddress address, long watched, Progress progress) {
        this.address = address;
        this.watched = watched;
        this.progress = progress;
    }

    /** Something that is done over a connection. */
    interface Work<T> {
        T run() throws SQLException;
    }

    /** Does it, while the connection that it goes over, to that address, is watched. */
    static <T> T during(Connection connection, JdbcAddress address, Progress progress, Work<T> work)
            throws SQLException {
        if (progress == Progress.NONE) {
            return work.run();
        }
        StageWatch watch = new StageWatch(address, id(connection), progress);
        watch.thread.setDaemon(true);
        watch.thread.start();
        try {
            return work.run();
        } finally {
            watch.end();
        }
    }

    private static long id(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT CONNECTION_ID()")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private void end() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(MAX_CLOSING_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        try {
            Thread.sleep(PERIOD_MILLIS);
            try (Connection own = address.connect()) {
                while (!closed) {
                    look(own);
                    Thread.sleep(PERIOD_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            log.trace("The watch is closed", e);
        } catch (SQLException | RuntimeException e) {
            log.debug("How far a statement is can't be told", e);
        }
    }

    private void look(Connection own) throws SQLException {
        try (Statement statement = own.createStatement();
                ResultSet rows = statement.executeQuery("SHOW PROCESSLIST")) {
            boolean tellsProgress = has(rows.getMetaData(), "Progress");
            while (rows.next()) {
                String doing = rows.getString("State");
                if (rows.getLong("Id") != watched || doing == null || doing.isEmpty()) {
                    continue;
                }
                double percent = tellsProgress ? rows.getDouble("Progress") : 0;
                if (percent > 0) {
                    tell(Math.round(percent / 100 * WHOLE), WHOLE, doing);
                } else {
                    lookAtStages(own, doing);
                }
            }
        }
    }

    private void lookAtStages(Connection own, String doing) {
        if (hasStages) {
            try (PreparedStatement statement = own.prepareStatement(STAGE)) {
                statement.setLong(1, watched);
                try (ResultSet rows = statement.executeQuery()) {
                    if (rows.next()) {
                        tell(rows.getLong(1), rows.getLong(2), doing);
                        return;
                    }
                }
            } catch (SQLException e) {
                log.debug("This account may not see the server's stages", e);
                hasStages = false;
            }
        }
        tell(0, 0, doing);
    }

    private void tell(long done, long total, String doing) {
        if (!closed) {
            progress.at(done, total, doing);
        }
    }

    private static boolean has(ResultSetMetaData columns, String name) throws SQLException {
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            if (columns.getColumnLabel(i).equals(name)) {
                return true;
            }
        }
        return false;
    }
}
