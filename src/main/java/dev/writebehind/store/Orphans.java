package dev.writebehind.store;

import dev.writebehind.progress.Progress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The search for completions whose user no longer exists, the price of having no foreign key, and their deletion if
 * asked for. It goes along the primary key, a bounded number of rows at a time: a plain consistent read, which locks
 * nothing in either table, then a transaction that deletes what it found by primary key. Interrupted, it has done what
 * it has done; run again, it finds the rest. Safe for any thread; blocks.
 *
 * @param batch most rows that one statement looks at or deletes
 */
record Orphans(int batch) {
    private static final String TABLE = UpsertStatements.TABLE;
    private static final int CONFLICTS_BORNE = 10;
    private static final int USERS_NAMED = 10;
    private static final String SESSION = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
    private static final String RANGE =
            "SELECT MAX(id), COUNT(*) FROM (SELECT id FROM " + TABLE + " WHERE id > ? ORDER BY id LIMIT ?) r";
    private static final String FIND = "SELECT c.id, c.user_id FROM " + TABLE + " c LEFT JOIN " + ForeignKey.USER_TABLE
            + " u ON u.id = c.user_id WHERE c.id > ? AND c.id <= ? AND u.id IS NULL ORDER BY c.id";

    /** The findings of one walk; a builder of its own lines. Confined to its thread. */
    private static final class Tally {
        private final SortedSet<Long> users = new TreeSet<>();
        private long rows;
        private long orphans;

        void add(long user) {
            orphans++;
            users.add(user);
            if (users.size() > USERS_NAMED) {
                users.remove(users.last());
            }
        }

        String text() {
            return String.format(Locale.ROOT, "%,d rows looked at, %,d without a user", rows, orphans);
        }

        String text(boolean delete) {
            String named = users.stream().map(String::valueOf).collect(Collectors.joining(", "));
            return String.format(Locale.ROOT, "%,d of %,d rows", orphans, rows)
                    + " had no user"
                    + (orphans == 0 ? "" : " (user_id " + named + (orphans > users.size() ? ", …" : "") + ")")
                    + (delete && orphans > 0 ? " and were deleted" : "");
        }
    }

    /**
     * Walks along the whole table.
     *
     * @param delete whether to delete what it finds
     * @param progress told which part of the ids is behind it
     * @return unfit: orphans are left
     */
    Finding walk(Connection connection, boolean delete, Progress progress) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(SESSION);
        }
        refuseWithoutUsers(connection);
        Tally tally = new Tally();
        long[] ids = ids(connection);
        long from = Long.MIN_VALUE;
        try (PreparedStatement range = connection.prepareStatement(RANGE);
                PreparedStatement find = connection.prepareStatement(FIND)) {
            while (true) {
                range.setLong(1, from);
                range.setInt(2, batch);
                long to;
                try (ResultSet bounds = range.executeQuery()) {
                    bounds.next();
                    to = bounds.getLong(1);
                    long rows = bounds.getLong(2);
                    if (rows == 0) {
                        return Finding.of(delete || tally.orphans == 0, tally.text(delete));
                    }
                    tally.rows += rows;
                }
                List<Long> found = find(find, from, to, tally);
                if (delete && !found.isEmpty()) {
                    delete(connection, found);
                }
                progress.at(to - ids[0] + 1, ids[1] - ids[0] + 1, tally.text());
                from = to;
            }
        }
    }

    /** Returns the least id and the greatest; rows that come meanwhile have greater ones. */
    private static long[] ids(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT MIN(id), MAX(id) FROM " + TABLE)) {
            rows.next();
            return new long[] {rows.getLong(1), rows.getLong(2)};
        }
    }

    private static List<Long> find(PreparedStatement find, long from, long to, Tally tally) throws SQLException {
        find.setLong(1, from);
        find.setLong(2, to);
        try (ResultSet rows = find.executeQuery()) {
            List<Long> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getLong(1));
                tally.add(rows.getLong(2));
            }
            return found;
        }
    }

    private static void delete(Connection connection, List<Long> ids) throws SQLException {
        String sql = "DELETE FROM " + TABLE + " WHERE id IN ("
                + ids.stream().map(String::valueOf).collect(Collectors.joining(",")) + ")";
        for (int conflicts = 0; ; conflicts++) {
            try (Statement statement = connection.createStatement()) {
                statement.executeUpdate(sql);
                return;
            } catch (SQLException e) {
                if (!OnlineAlter.isBusy(e) || conflicts >= CONFLICTS_BORNE) {
                    throw e;
                }
            }
        }
    }

    /** Where no user is to be seen, all rows look like orphans: more likely this is the wrong schema. */
    private static void refuseWithoutUsers(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT 1 FROM " + ForeignKey.USER_TABLE + " LIMIT 1")) {
            if (!rows.next()) {
                throw new UnfitSchemaException("the table " + ForeignKey.USER_TABLE
                        + " is empty: every row would be an orphan. Nothing was deleted; is this the LMS's schema?");
            }
        }
    }
}
