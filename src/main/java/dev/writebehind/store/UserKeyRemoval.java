package dev.writebehind.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The removal of the foreign key that ties a completion to its user, and of nothing else; how it was is written down
 * first, for {@link Undo}. It looks at what is there each time, so that it can be interrupted anywhere, run twice, and
 * by several instances at once. Safe for any thread; blocks.
 */
record UserKeyRemoval(OnlineAlter alter) {
    private static final int NO_SUCH_KEY = 1091;
    private static final int LOOKS = 5;
    private static final String ALTER = "ALTER TABLE " + UpsertStatements.TABLE;
    private static final String ONLINE = ", ALGORITHM=INPLACE, LOCK=NONE";
    private static final String RECORD = "INSERT INTO writebehind_dropped_keys (undo_sql) VALUES (?)";

    /**
     * The result of a removal; immutable.
     *
     * @param keys the keys, as people read them; empty where none was there
     * @param attempts at which attempt the tables were free
     */
    record Removed(List<String> keys, int attempts, long millis) {}

    /** Drops the key if it is there; needs {@code writebehind_dropped_keys}. */
    Removed run(Connection connection) throws SQLException {
        OnlineAlter.prepare(connection);
        long started = alter.nanos().getAsLong();
        for (int look = 1; look <= LOOKS; look++) {
            List<ForeignKey> keys = ForeignKey.toUser(connection);
            if (keys.isEmpty()) {
                return new Removed(List.of(), 0, 0);
            }
            String undo = undo(connection, keys);
            if (undo != null) {
                record(connection, undo);
                try {
                    int attempts = alter.run(connection, drop(keys));
                    long millis = (alter.nanos().getAsLong() - started) / 1_000_000;
                    return new Removed(keys.stream().map(ForeignKey::text).toList(), attempts, millis);
                } catch (SQLException e) {
                    if (e.getErrorCode() != NO_SUCH_KEY) {
                        throw e;
                    }
                }
            }
            // Another instance was faster.
        }
        throw new UnfitSchemaException("the foreign key to " + ForeignKey.USER_TABLE
                + " comes and goes: is another program changing the table? Try again when it has ended");
    }

    /** Returns the statements that {@link #run} would execute now. */
    static List<String> plan(Connection connection) throws SQLException {
        OnlineAlter.prepare(connection);
        List<ForeignKey> keys = ForeignKey.toUser(connection);
        String undo = keys.isEmpty() ? null : undo(connection, keys);
        if (undo == null) {
            return List.of();
        }
        List<String> sql = new ArrayList<>();
        sql.add(OnlineAlter.sessionSql());
        sql.add(RECORD.replace("?", "'" + undo.replace("'", "''") + "'"));
        sql.addAll(drop(keys));
        sql.add("UNLOCK TABLES");
        return sql;
    }

    private static void record(Connection connection, String undo) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(RECORD)) {
            statement.setString(1, undo);
            statement.executeUpdate();
        }
    }

    /**
     * Alone, the ALTER would take the completion table first, then (MySQL) wait for the user table. A request of the
     * LMS has read its user when it comes to its completion: it would close the circle, and be the one to fail. Taken
     * in the requests' own order, none does.
     */
    private static List<String> drop(List<ForeignKey> keys) {
        return List.of(
                "LOCK TABLES " + ForeignKey.USER_TABLE + " WRITE, " + UpsertStatements.TABLE + " WRITE",
                ALTER
                        + keys.stream()
                                .map(key -> " DROP FOREIGN KEY " + key.quotedName())
                                .collect(Collectors.joining(","))
                        + ONLINE);
    }

    /**
     * As SHOW CREATE TABLE has it: information_schema does not tell whether a rule was declared or is the default.
     * Null: a key is not there any more.
     */
    private static @Nullable String undo(Connection connection, List<ForeignKey> keys) throws SQLException {
        String table;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW CREATE TABLE " + UpsertStatements.TABLE)) {
            rows.next();
            table = rows.getString(2);
        }
        List<String> clauses = new ArrayList<>();
        for (ForeignKey key : keys) {
            String start = "CONSTRAINT " + key.quotedName() + " FOREIGN KEY ";
            table.lines()
                    .map(String::strip)
                    .filter(line -> line.startsWith(start))
                    .map(line -> " ADD " + (line.endsWith(",") ? line.substring(0, line.length() - 1) : line))
                    .forEach(clauses::add);
        }
        if (clauses.size() < keys.size()) {
            return null;
        }
        return ALTER + String.join(",", clauses) + ONLINE;
    }
}
