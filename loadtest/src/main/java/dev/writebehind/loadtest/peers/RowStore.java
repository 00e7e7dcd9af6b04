package dev.writebehind.loadtest.peers;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The rows that peers' stores write: sorted by the unique key, in upserts of many rows, each a transaction of its own.
 * The last writer wins, so that an engine that mixes up the order of a key shows. Safe for any thread.
 */
public final class RowStore implements AutoCloseable {
    /** Rows of a statement at the most. */
    public static final int BATCH = 500;

    private static final int CONNECTIONS = 2;
    private static final int DEADLOCK = 1213;

    private final BlockingQueue<Connection> pool = new LinkedBlockingQueue<>();
    private final AtomicLong rows = new AtomicLong();
    private final AtomicLong statements = new AtomicLong();

    /** Connects twice, as the service does. */
    public RowStore(String jdbcUrl) throws SQLException {
        for (int i = 0; i < CONNECTIONS; i++) {
            Connection connection = DriverManager.getConnection(jdbcUrl);
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
            }
            pool.add(connection);
        }
    }

    /** Writes all of them; fails if any could not be written. */
    public void write(Collection<PeerRow> all) throws SQLException {
        List<PeerRow> sorted = new ArrayList<>(all);
        sorted.sort(Comparator.comparing(PeerRow::course)
                .thenComparing(PeerRow::block)
                .thenComparingInt(PeerRow::user));
        Connection connection = borrow();
        try {
            for (int from = 0; from < sorted.size(); from += BATCH) {
                upsert(connection, sorted.subList(from, Math.min(sorted.size(), from + BATCH)));
            }
        } finally {
            pool.add(connection);
        }
    }

    private void upsert(Connection connection, List<PeerRow> batch) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql(batch.size()))) {
            int at = 1;
            for (PeerRow row : batch) {
                Timestamp now = new Timestamp(row.receivedMillis());
                statement.setInt(at++, row.user());
                statement.setString(at++, row.course());
                statement.setString(at++, row.block());
                statement.setString(at++, type(row.block()));
                statement.setDouble(at++, row.completion());
                statement.setTimestamp(at++, now);
                statement.setTimestamp(at++, now);
            }
            rows.addAndGet(batch.size());
            statements.incrementAndGet();
            statement.executeUpdate();
        } catch (SQLException e) {
            if (e.getErrorCode() != DEADLOCK) {
                throw e;
            }
            upsert(connection, batch);
        }
    }

    private static String sql(int rows) {
        return "INSERT INTO completion_blockcompletion"
                + " (user_id, course_key, block_key, block_type, completion, created, modified) VALUES "
                + IntStream.range(0, rows).mapToObj(i -> "(?,?,?,?,?,?,?)").collect(Collectors.joining(","))
                + " ON DUPLICATE KEY UPDATE completion = VALUES(completion), modified = VALUES(modified)";
    }

    private static String type(String block) {
        int begin = block.indexOf("+type@") + "+type@".length();
        return block.substring(begin, block.indexOf('+', begin));
    }

    private Connection borrow() throws SQLException {
        try {
            return pool.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted", e);
        }
    }

    public long rows() {
        return rows.get();
    }

    public long statements() {
        return statements.get();
    }

    @Override
    public void close() throws SQLException {
        for (Connection connection : pool) {
            connection.close();
        }
    }
}
