package dev.writebehind.testing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that write completions straight into the table. Every other one does as a request to the LMS does: one
 * transaction, at READ COMMITTED, that reads the user, looks for the row, then inserts or updates it; the rest write
 * without a transaction. Each has a user of its own. Safe for any thread.
 */
public final class DirectWriters implements AutoCloseable {
    /** The course that they write; nobody else's rows are touched. */
    public static final String COURSE = "course-v1:Org+Live+Run";

    private static final int BLOCKS = 50;
    private static final String FIND =
            "SELECT completion FROM completion_blockcompletion WHERE user_id = ? AND course_key = ? AND block_key = ?";
    private static final String UPDATE = "UPDATE completion_blockcompletion SET completion = ?, modified = NOW(6)"
            + " WHERE user_id = ? AND course_key = ? AND block_key = ?";
    private static final String INSERT = "INSERT INTO completion_blockcompletion (completion, user_id, course_key,"
            + " block_key, block_type, created, modified) VALUES (?, ?, ?, ?, 'html', NOW(6), NOW(6))";

    private final TestDatabase database;
    private final List<Thread> threads = new ArrayList<>();
    private final Map<String, Double> expected = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Exception> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong writes = new AtomicLong();
    private final AtomicLong slowest = new AtomicLong();
    private volatile boolean stopped;

    private DirectWriters(TestDatabase database) {
        this.database = database;
    }

    /** Starts that many, with the users from 1. */
    public static DirectWriters start(TestDatabase database, int clients) {
        DirectWriters writers = new DirectWriters(database);
        for (int user = 1; user <= clients; user++) {
            int own = user;
            Thread thread = new Thread(() -> writers.run(own), "client " + own);
            writers.threads.add(thread);
            thread.start();
        }
        return writers;
    }

    /** Returns how many writes were committed. */
    public long writes() {
        return writes.get();
    }

    /** Returns the longest that a write has taken since the last call. */
    public Duration slowest() {
        return Duration.ofNanos(slowest.getAndSet(0));
    }

    /** Returns what any client was told but success. */
    public List<Exception> failures() {
        return List.copyOf(failures);
    }

    /** Returns the committed value of each row, by user and block. */
    public Map<String, Double> expected() {
        return expected;
    }

    /** Returns what the table holds of it. */
    public Map<String, Double> stored() {
        Map<String, Double> stored = new ConcurrentHashMap<>();
        for (List<String> row : database.query("SELECT user_id, block_key, completion FROM completion_blockcompletion"
                + " WHERE course_key = '" + COURSE + "'")) {
            stored.put(row.get(0) + " " + row.get(1), Double.parseDouble(row.get(2)));
        }
        return stored;
    }

    @Override
    public void close() {
        stopped = true;
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void run(int user) {
        try (Connection connection = database.connect()) {
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            boolean request = user % 2 == 0;
            connection.setAutoCommit(!request);
            try (PreparedStatement find = connection.prepareStatement(FIND);
                    PreparedStatement update = connection.prepareStatement(UPDATE);
                    PreparedStatement insert = connection.prepareStatement(INSERT);
                    PreparedStatement login = connection.prepareStatement("SELECT * FROM auth_user WHERE id = ?")) {
                for (int round = 0; !stopped; round++) {
                    String block = "block-v1:Org+Live+Run+type@html+block@b" + round % BLOCKS;
                    double completion = round % 9 / 8.0;
                    long began = Naps.nanos();
                    if (request) {
                        login.setInt(1, user);
                        login.executeQuery().close();
                    }
                    write(exists(find, user, block) ? update : insert, completion, user, block);
                    if (request) {
                        connection.commit();
                    }
                    slowest.accumulateAndGet(Naps.since(began).toNanos(), Math::max);
                    expected.put(user + " " + block, completion);
                    writes.incrementAndGet();
                }
            }
        } catch (SQLException | RuntimeException e) {
            failures.add(e);
        }
    }

    private static boolean exists(PreparedStatement find, int user, String block) throws SQLException {
        find.setInt(1, user);
        find.setString(2, COURSE);
        find.setString(3, block);
        try (ResultSet rows = find.executeQuery()) {
            return rows.next();
        }
    }

    private static void write(PreparedStatement write, double completion, int user, String block) throws SQLException {
        write.setDouble(1, completion);
        write.setInt(2, user);
        write.setString(3, COURSE);
        write.setString(4, block);
        write.executeUpdate();
    }
}
