package dev.writebehind.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A foreign key of the completion table, as {@code information_schema} has it; immutable.
 *
 * @param columns its columns, separated by commas
 * @param table the table that it points at
 * @param referenced that table's columns, separated by commas
 */
record ForeignKey(String name, String columns, String table, String referenced) {
    /** Where Open edX keeps its users. */
    static final String USER_TABLE = "auth_user";

    /** REFERENTIAL_CONSTRAINTS would be the place, but MariaDB hides its rows from a user who may only read. */
    private static final String ALL = "SELECT CONSTRAINT_NAME,"
            + " GROUP_CONCAT(COLUMN_NAME ORDER BY ORDINAL_POSITION), REFERENCED_TABLE_NAME,"
            + " GROUP_CONCAT(REFERENCED_COLUMN_NAME ORDER BY ORDINAL_POSITION)"
            + " FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?"
            + " AND REFERENCED_TABLE_NAME IS NOT NULL GROUP BY CONSTRAINT_NAME, REFERENCED_TABLE_NAME"
            + " ORDER BY CONSTRAINT_NAME";

    /** Returns every foreign key of the completion table. */
    static List<ForeignKey> all(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ALL)) {
            statement.setString(1, UpsertStatements.TABLE);
            try (ResultSet rows = statement.executeQuery()) {
                List<ForeignKey> keys = new ArrayList<>();
                while (rows.next()) {
                    keys.add(
                            new ForeignKey(rows.getString(1), rows.getString(2), rows.getString(3), rows.getString(4)));
                }
                return List.copyOf(keys);
            }
        }
    }

    /** Returns those that {@link #isToUser() tie a row to its user}: one, on a table of Open edX. */
    static List<ForeignKey> toUser(Connection connection) throws SQLException {
        return all(connection).stream().filter(ForeignKey::isToUser).toList();
    }

    /** Whether this is the key that Open edX puts there, whatever its name: the row's user to the user table's id. */
    boolean isToUser() {
        return columns.equalsIgnoreCase("user_id")
                && table.equalsIgnoreCase(USER_TABLE)
                && referenced.equalsIgnoreCase("id");
    }

    /** Returns the name as SQL takes it. */
    String quotedName() {
        return "`" + name.replace("`", "``") + "`";
    }

    /** Returns what it ties to what, for people. */
    String text() {
        return name + " (" + columns + " → " + table + "." + referenced + ")";
    }
}
