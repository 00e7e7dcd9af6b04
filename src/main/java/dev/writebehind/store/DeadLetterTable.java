package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The table of dead letters that several instances share, as whoever looks after them sees it; what the one that
 * flushes does with them is {@link DeadLetterWriter}'s. Safe for any thread; every call blocks on the database. Why:
 * {@code docs/decisions/0024-kafka.md}.
 */
public final class DeadLetterTable {
    static final String NAME = "completion_writebehind_dead_letters";

    static final OwnTable TABLE = new OwnTable(
            NAME,
            "schema/letters/create_" + NAME + ".sql",
            "journal.kind: kafka",
            "by which dead letters would not go with the resets that undo them",
            OwnTable.pairs(
                    "id", "bigint",
                    "user_id", "int",
                    "course_key", "varchar",
                    "body", "longtext",
                    "buried", "datetime(6)"),
            OwnTable.pairs(
                    "SELECT",
                    "SELECT * FROM " + NAME + " WHERE FALSE",
                    "INSERT",
                    "INSERT INTO " + NAME + " (id, user_id, course_key, body, buried) VALUES (1, 1, '', '', NOW())",
                    "DELETE",
                    "DELETE FROM " + NAME + " WHERE id = 0"));

    private final JdbcAddress address;
    private final Duration timeout;

    private DeadLetterTable(JdbcAddress address, Duration timeout) {
        this.address = address;
        this.timeout = timeout;
    }

    /** Returns the table of the configured database; connects to nothing yet. */
    public static DeadLetterTable of(DatabaseSettings settings) {
        return new DeadLetterTable(JdbcAddress.of(settings), settings.timeout());
    }

    /** Returns how many there are. */
    public long count() throws SQLException {
        return with("SELECT COUNT(*) FROM " + NAME, statement -> {
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    /** Returns the bodies of those of greater ids than that, oldest first, at most that many. */
    public List<String> bodies(long after, int most) throws SQLException {
        return with("SELECT body FROM " + NAME + " WHERE id > ? ORDER BY id LIMIT ?", statement -> {
            statement.setLong(1, after);
            statement.setInt(2, most);
            List<String> bodies = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    bodies.add(rows.getString(1));
                }
            }
            return bodies;
        });
    }

    /**
     * Removes that of an id; returns whether there was one. It waits for whoever brings it into the table at the same
     * time, or is waited for: one of both finds none.
     */
    public boolean remove(long id) throws SQLException {
        return with("DELETE FROM " + NAME + " WHERE id = ?", statement -> {
            statement.setLong(1, id);
            return statement.executeUpdate() > 0;
        });
    }

    private interface Use<T> {
        T with(PreparedStatement statement) throws SQLException;
    }

    private <T> T with(String sql, Use<T> use) throws SQLException {
        try (Connection connection = address.connect()) {
            connection.setNetworkTimeout(Runnable::run, Math.toIntExact(timeout.toMillis()));
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                return use.with(statement);
            }
        }
    }
}
