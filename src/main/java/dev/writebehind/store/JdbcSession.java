package dev.writebehind.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The preparation of the JDBC sessions of migrations and checks. Stateless; blocks. */
final class JdbcSession {
    /** Not READ COMMITTED: migrations would fail where binlog_format=STATEMENT, before the check can say so. */
    private static final SessionVariables VARIABLES = new SessionVariables("REPEATABLE READ", 10, 10);

    private JdbcSession() {}

    /**
     * Prepares a connection; throws {@link UnfitSchemaException} where the server does not keep what was set. What
     * comes later may take any time, which is the driver's own rule for whoever is logged in, however lost the
     * network is.
     *
     * @param timeout within which the server has to answer each statement of this
     */
    static void prepare(Connection connection, Duration timeout) throws SQLException {
        answerWithin(connection, timeout);
        prepare(connection);
        answerWithin(connection, Duration.ZERO);
    }

    private static void answerWithin(Connection connection, Duration timeout) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, Math.toIntExact(timeout.toMillis()));
    }

    private static void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : VARIABLES.statements()) {
                statement.execute(sql);
            }
            try (ResultSet rows = statement.executeQuery(VARIABLES.readBack())) {
                Map<String, String> actual = new HashMap<>();
                while (rows.next()) {
                    actual.put(rows.getString(1).toLowerCase(Locale.ROOT), rows.getString(2));
                }
                VARIABLES.verify(actual);
            }
        }
    }
}
