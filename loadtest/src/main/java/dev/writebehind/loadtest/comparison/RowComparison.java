package dev.writebehind.loadtest.comparison;

import dev.writebehind.loadtest.result.RowCheck;
import dev.writebehind.loadtest.scenario.RecordingFiles;
import dev.writebehind.testing.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The comparison of the table with what a scenario's client was told of each row. Not for concurrent use.
 *
 * <p>A row must hold the value of its last acknowledged write. A write whose outcome the client does not know may have
 * happened instead: with direct writes one sent earlier as well, since a transaction goes on when its caller has given
 * up and may commit after a later one; with the service only one sent later.
 */
public final class RowComparison {
    private static final int MAX_EXAMPLES = 5;

    private final boolean ordered;
    private final Map<Key, Expected> expected = new HashMap<>();
    private final List<String> examples = new ArrayList<>();
    private long different;
    private long rows;

    private record Key(int userId, String course, String block) {}

    private record Expected(boolean mustBe, Set<Double> values) {}

    private RowComparison(boolean ordered) {
        this.ordered = ordered;
    }

    /**
     * Compares.
     *
     * @param ordered whether a write whose outcome is unknown can't take effect after a later, acknowledged one
     */
    static RowCheck compare(TestDatabase database, Path directory, boolean ordered) throws IOException, SQLException {
        return compare(database, List.of(RecordingFiles.outcomes(directory)), ordered);
    }

    /** Compares with what several clients were told, each of keys of its own. */
    public static RowCheck compare(TestDatabase database, List<Path> outcomes, boolean ordered)
            throws IOException, SQLException {
        RowComparison comparison = new RowComparison(ordered);
        for (Path file : outcomes) {
            comparison.readOutcomes(file);
        }
        long keys = comparison.expected.size();
        long unknown = comparison.expected.values().stream()
                .filter(row -> row.values().size() > 1 || !row.mustBe())
                .count();
        comparison.readTable(database);
        comparison.expected.forEach((key, row) -> {
            if (row.mustBe()) {
                comparison.differs(key + " is missing");
            }
        });
        return new RowCheck(keys, unknown, comparison.rows, comparison.different, comparison.examples);
    }

    private void readOutcomes(Path file) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            int before = expected.size();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] cells = line.split("\t", -1);
                if (cells[0].equals(RecordingFiles.END)) {
                    if (Long.parseLong(cells[1]) != expected.size() - before) {
                        throw new IOException(file + " has not as many lines as it says");
                    }
                    return;
                }
                Set<Double> values = new HashSet<>(values(cells[5]));
                if (!ordered) {
                    values.addAll(values(cells[4]));
                }
                boolean acknowledged = !cells[3].equals("-");
                if (acknowledged) {
                    values.add(Double.valueOf(cells[3]));
                }
                expected.put(
                        new Key(Integer.parseInt(cells[0]), cells[1], cells[2]), new Expected(acknowledged, values));
            }
        }
        throw new IOException(file + " has no end");
    }

    private void readTable(TestDatabase database) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet table =
                        statement.executeQuery("SELECT user_id, course_key, block_key, completion, block_type,"
                                + " created <= modified FROM completion_blockcompletion")) {
            while (table.next()) {
                rows++;
                Key key = new Key(table.getInt(1), table.getString(2), table.getString(3));
                Expected row = expected.remove(key);
                double value = table.getDouble(4);
                if (row == null) {
                    differs(key + " is too many");
                } else if (!row.values().contains(value)) {
                    differs(key + " holds " + value + " and not one of " + row.values());
                } else if (!key.block().contains("+type@" + table.getString(5) + "+") || !table.getBoolean(6)) {
                    differs(key + " has the wrong type, or was modified before it was created");
                }
            }
        }
    }

    private void differs(String what) {
        different++;
        if (examples.size() < MAX_EXAMPLES) {
            examples.add(what);
        }
    }

    private static List<Double> values(String cell) {
        return cell.isEmpty()
                ? List.of()
                : Arrays.stream(cell.split(" ", -1)).map(Double::valueOf).toList();
    }
}
