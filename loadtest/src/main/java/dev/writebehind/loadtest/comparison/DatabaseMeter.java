package dev.writebehind.loadtest.comparison;

import dev.writebehind.loadtest.result.DatabaseUse;
import dev.writebehind.loadtest.result.DatabaseUse.Digest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The meter of what a server does for the target of a run: its statements from {@code performance_schema}, by the
 * schema they are sent to; rows and lock waits, which are not counted by schema, from the status counters. Not for
 * concurrent use.
 */
public final class DatabaseMeter {
    private static final double PICOS = 1e12;
    private static final int MAX_DIGESTS = 6;
    /** So MySQL calls the execution of what was prepared; MariaDB does not tell these apart. */
    private static final String PREPARED = "EXECUTE ";

    private static final String EXECUTED = "Com_stmt_execute";

    private static final String PREPARE = "prepare";
    private static final String SUMMARY = "performance_schema.events_statements_summary_by_digest";
    private static final String DIGESTS = "SELECT DIGEST_TEXT, SUM(COUNT_STAR), SUM(SUM_TIMER_WAIT), SUM(SUM_LOCK_TIME)"
            + " FROM " + SUMMARY + " WHERE SCHEMA_NAME = '%s' GROUP BY DIGEST_TEXT";
    private static final String UNKNOWN =
            "SELECT COALESCE(SUM(COUNT_STAR), 0) FROM " + SUMMARY + " WHERE DIGEST IS NULL";

    private final RunSchema schema;
    private final Sample begin;

    private record Sample(
            long unknown, Map<String, Long> status, Map<String, Digest> digests, boolean countsPrepared) {}

    /** Begins to count now. */
    public DatabaseMeter(RunSchema schema) throws SQLException {
        this.schema = schema;
        makeRoom();
        this.begin = sample();
    }

    /** Returns what has happened since. */
    public DatabaseUse end() throws SQLException {
        Sample end = sample();
        if (end.unknown > begin.unknown) {
            throw new RunFailedException("the server does not tell all statements apart, since the table " + SUMMARY
                    + " is full: empty it, or raise performance_schema_digests_size");
        }
        List<Digest> digests = new ArrayList<>();
        Map<String, Long> byKind = new TreeMap<>();
        // Nobody but the target prepares statements.
        long statements = end.countsPrepared ? 0 : status(end, EXECUTED);
        if (statements > 0) {
            byKind.put("prepared", statements);
        }
        for (Digest digest : end.digests.values()) {
            Digest before = begin.digests.getOrDefault(digest.text(), new Digest(digest.text(), 0, 0, 0));
            Digest since = new Digest(
                    digest.text(),
                    digest.count() - before.count(),
                    digest.seconds() - before.seconds(),
                    digest.lockSeconds() - before.lockSeconds());
            if (since.count() > 0 && !kind(since.text()).equals(PREPARE)) {
                digests.add(since);
                byKind.merge(kind(since.text()), since.count(), Long::sum);
                statements += since.count();
            }
        }
        digests.sort(Comparator.comparingDouble(Digest::seconds).reversed());
        return new DatabaseUse(
                statements,
                byKind,
                status(end, "Innodb_rows_read"),
                status(end, "Innodb_rows_inserted"),
                status(end, "Innodb_rows_updated"),
                status(end, "Innodb_row_lock_waits"),
                status(end, "Innodb_row_lock_time") / 1_000.0,
                digests.subList(0, Math.min(MAX_DIGESTS, digests.size())));
    }

    private long status(Sample end, String name) {
        return end.status.getOrDefault(name, 0L) - begin.status.getOrDefault(name, 0L);
    }

    /** Who may not do that finds out at the end whether it mattered. */
    private void makeRoom() throws SQLException {
        try (Connection connection = schema.connectBeside();
                Statement statement = connection.createStatement()) {
            statement.execute("TRUNCATE TABLE " + SUMMARY);
        } catch (SQLException e) {
            if (e.getErrorCode() == 0) {
                throw e; // not refused, but not heard
            }
        }
    }

    private Sample sample() throws SQLException {
        try (Connection connection = schema.connectBeside();
                Statement statement = connection.createStatement()) {
            return digests(statement);
        }
    }

    private static long unknown(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(UNKNOWN)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static Map<String, Long> status(Statement statement) throws SQLException {
        Map<String, Long> status = new HashMap<>();
        try (ResultSet rows = statement.executeQuery("SHOW GLOBAL STATUS")) {
            while (rows.next()) {
                if (rows.getString(1).startsWith("Innodb_row")
                        || rows.getString(1).equals(EXECUTED)) {
                    status.put(rows.getString(1), rows.getLong(2));
                }
            }
        }
        return status;
    }

    private Sample digests(Statement statement) throws SQLException {
        long unknown = unknown(statement);
        Map<String, Long> status = status(statement);
        Map<String, Digest> digests = new HashMap<>();
        boolean countsPrepared = false;
        try (ResultSet rows = statement.executeQuery(DIGESTS.formatted(schema.name()))) {
            while (rows.next()) {
                String text = rows.getString(1);
                if (text != null) {
                    countsPrepared |= text.startsWith(PREPARED);
                    text = text.startsWith(PREPARED) ? text.substring(PREPARED.length()) : text;
                    digests.put(
                            text,
                            new Digest(text, rows.getLong(2), rows.getDouble(3) / PICOS, rows.getDouble(4) / PICOS));
                }
            }
        }
        return new Sample(unknown, status, digests, countsPrepared);
    }

    private static String kind(String text) {
        String first = text.split("[ (]", 2)[0].toLowerCase(Locale.ROOT);
        return first.equals("start") ? "begin" : first;
    }
}
