package dev.writebehind.store;

import dev.writebehind.config.DatabaseSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * The table of claims, of which each log's last one is in force. Safe for any thread; every call blocks on the
 * database. Why: {@code docs/decisions/0015-two-ways-to-be-durable.md}.
 */
public final class FenceTable {
    static final String NAME = "completion_writebehind_fence";

    private static final int MIN_WAIT_SECONDS = 15;
    private static final int WAIT_MARGIN_SECONDS = 5;

    private static final int MAX_CONFLICTS = 10;

    /** 1213 deadlock, 1020 changed since last read: passes by trying again. */
    private static final Set<Integer> CONFLICTS = Set.of(1213, 1020);

    static final OwnTable TABLE = new OwnTable(
            NAME,
            "schema/fence/create_" + NAME + ".sql",
            "journal.kind: kafka",
            "by which nothing would keep an earlier flusher from writing",
            OwnTable.pairs("name", "varchar", "epoch", "bigint", "nonce", "char", "claimed_at", "datetime(6)"),
            OwnTable.pairs(
                    "SELECT",
                    "SELECT * FROM " + NAME + " WHERE FALSE",
                    "INSERT",
                    "INSERT INTO " + NAME + " (name, epoch, nonce, claimed_at) VALUES ('', 1, '', NOW())",
                    "UPDATE",
                    "UPDATE " + NAME + " SET epoch = 1 WHERE name = ''"));

    /** Locks the claim while the transaction lasts. Both servers understand it so. */
    static final String CHECK =
            "SELECT 1 FROM " + NAME + " WHERE name = ? AND epoch = ? AND nonce = ? LOCK IN SHARE MODE";

    private static final String CLAIM = "INSERT INTO " + NAME + " (name, epoch, nonce, claimed_at)"
            + " VALUES (?, LAST_INSERT_ID(1), ?, UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE"
            + " epoch = LAST_INSERT_ID(epoch + 1), nonce = ?, claimed_at = UTC_TIMESTAMP(6)";

    private final JdbcAddress address;
    private final int idleSeconds;
    /** Longer than sessions of a lost instance live, so that a claim keeps its place before the writes of others. */
    private final int waitSeconds;

    private final int answerMillis;

    private FenceTable(JdbcAddress address, Duration timeout) {
        this.address = address;
        idleSeconds = SessionSettings.idleSeconds(timeout);
        waitSeconds = Math.max(MIN_WAIT_SECONDS, idleSeconds + WAIT_MARGIN_SECONDS);
        answerMillis = Math.toIntExact(timeout.plusSeconds(waitSeconds).toMillis());
    }

    /** Returns the table of the configured database; connects to nothing yet. */
    public static FenceTable of(DatabaseSettings settings) {
        return new FenceTable(JdbcAddress.of(settings), settings.timeout());
    }

    /**
     * Claims a log: returns once every transaction under an earlier claim has ended, and no other can commit any more.
     * Where it fails, the claim may be in force all the same, and nobody's; claim it again.
     *
     * @param nonce one that was never used before
     */
    public Fence claim(String name, UUID nonce) throws SQLException {
        try (Connection connection = address.connect()) {
            connection.setNetworkTimeout(Runnable::run, answerMillis);
            try (Statement statement = connection.createStatement()) {
                statement.execute(
                        "SET SESSION innodb_lock_wait_timeout = " + waitSeconds + ", wait_timeout = " + idleSeconds);
                claim(connection, name, nonce);
                try (ResultSet row = statement.executeQuery("SELECT LAST_INSERT_ID()")) {
                    row.next();
                    return new Fence(name, row.getLong(1), nonce);
                }
            }
        }
    }

    /** One statement and a transaction by itself, so that a claimant that is lost on the way holds no lock. */
    private static void claim(Connection connection, String name, UUID nonce) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try (PreparedStatement statement = connection.prepareStatement(CLAIM)) {
                statement.setString(1, name);
                statement.setString(2, nonce.toString());
                statement.setString(3, nonce.toString());
                statement.executeUpdate();
                return;
            } catch (SQLException e) {
                if (attempt == MAX_CONFLICTS || !CONFLICTS.contains(e.getErrorCode())) {
                    throw e;
                }
            }
        }
    }

    /** Returns what was found of it, and of the server's other writers, on a session of {@link JdbcSession}. */
    static List<Finding> findings(Connection connection) throws SQLException {
        List<Finding> findings = new ArrayList<>(TABLE.findings(connection));
        findings.addAll(writers(
                ServerCheck.variables(connection, List.of("group_replication_single_primary_mode", "wsrep_on"))));
        return findings;
    }

    /** Returns what is to be said about the server's variables, by name in lower case: locks hold at one node alone. */
    static List<Finding> writers(Map<String, String> settings) {
        List<Finding> findings = new ArrayList<>();
        String reason = ", so that several nodes take writes, which do not see each other's locks: an earlier flusher"
                + " could write past a later one's claim. ";
        if (ServerCheck.isOn(settings, "wsrep_on")) {
            findings.add(Finding.unfit("wsrep_on is ON (Galera)" + reason
                    + "journal.kind: kafka needs a server without Galera; journal.kind: file works with it"));
        }
        if (settings.containsKey("group_replication_single_primary_mode")
                && !ServerCheck.isOn(settings, "group_replication_single_primary_mode")) {
            findings.add(Finding.unfit("group_replication_single_primary_mode is OFF" + reason
                    + "SELECT group_replication_switch_to_single_primary_mode(), or journal.kind: file"));
        }
        return findings;
    }
}
