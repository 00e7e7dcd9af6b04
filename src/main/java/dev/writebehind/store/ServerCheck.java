package dev.writebehind.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The check of what the server is, and how its settings, which no session can change, suit the flusher. Stateless. */
final class ServerCheck {
    /** The largest single change, a key of 255 four-byte letters each way, with room for the statement. */
    private static final long MIN_PACKET_BYTES = 64 * 1024;
    /** Holds a batch of the default size with ordinary keys several times over. */
    private static final long GOOD_PACKET = 1024 * 1024;

    private static final List<String> SETTINGS = List.of(
            "binlog_format", "innodb_read_only", "log_bin", "max_allowed_packet", "read_only", "super_read_only");

    private ServerCheck() {}

    static List<Finding> findings(Connection connection) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        findings.add(product(connection));
        findings.addAll(findings(variables(connection, SETTINGS)));
        return findings;
    }

    /** Returns what is to be said about the server's variables, by name in lower case. */
    static List<Finding> findings(Map<String, String> settings) {
        List<Finding> findings = new ArrayList<>();
        binaryLog(settings, findings);
        readOnly(settings, findings);
        packet(settings, findings);
        return findings;
    }

    private static Finding product(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT VERSION(), @@version_comment")) {
            row.next();
            String version = row.getString(1);
            String comment = String.valueOf(row.getString(2));
            try {
                return Finding.ok("the server is " + Dialect.of(version, comment) + " " + version);
            } catch (UnfitSchemaException e) {
                return Finding.unfit(String.valueOf(e.getMessage()));
            }
        }
    }

    /** InnoDB then refuses every change of a READ COMMITTED transaction (1665). */
    private static void binaryLog(Map<String, String> settings, List<Finding> findings) {
        if (isOn(settings, "log_bin") && "STATEMENT".equalsIgnoreCase(settings.get("binlog_format"))) {
            findings.add(Finding.waits("binlog_format is STATEMENT, with which the server refuses the flusher's"
                    + " transactions (READ COMMITTED, error 1665): SET GLOBAL binlog_format = 'ROW' (or 'MIXED'), and"
                    + " in"
                    + " the server's option file"));
        }
    }

    private static void readOnly(Map<String, String> settings, List<Finding> findings) {
        List<String> on = List.of("read_only", "super_read_only", "innodb_read_only").stream()
                .filter(name -> isOn(settings, name))
                .toList();
        if (!on.isEmpty()) {
            findings.add(Finding.note("the server takes no writes now (" + String.join(", ", on)
                    + "), as a replica does: what is accepted is kept until it does, or until the name in database.uri"
                    + " leads to one that does"));
        }
    }

    private static void packet(Map<String, String> settings, List<Finding> findings) {
        long bytes = Long.parseLong(settings.getOrDefault("max_allowed_packet", String.valueOf(GOOD_PACKET)));
        String found = "max_allowed_packet is " + bytes / 1024 + " KiB";
        if (bytes < MIN_PACKET_BYTES) {
            findings.add(Finding.waits(found + ", too little for a change with long keys: set it to 16 MiB or more"));
        } else if (bytes < GOOD_PACKET) {
            findings.add(Finding.note(found + ", so batches are cut smaller: 16 MiB or more is usual"));
        }
    }

    static boolean isOn(Map<String, String> settings, String name) {
        String value = settings.getOrDefault(name, "OFF");
        return !value.equalsIgnoreCase("OFF") && !value.equals("0");
    }

    /** Returns those of the server's variables that it has, by name in lower case. */
    static Map<String, String> variables(Connection connection, List<String> names) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SHOW VARIABLES WHERE Variable_name IN ('" + String.join("','", names) + "')")) {
            Map<String, String> settings = new TreeMap<>();
            while (rows.next()) {
                settings.put(rows.getString(1).toLowerCase(Locale.ROOT), String.valueOf(rows.getString(2)));
            }
            return settings;
        }
    }
}
