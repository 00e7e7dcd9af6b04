package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.flush.FlushStats;
import dev.writebehind.learnerday.LearnerDay;
import dev.writebehind.learnerday.LearnerDayDriver;
import dev.writebehind.learnerday.ReferenceModel;
import dev.writebehind.learnerday.ReferenceModel.ActualRow;
import dev.writebehind.testing.Alone;
import dev.writebehind.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A day of learners through the HTTP port, compared row by row with a model of direct writes. */
@Alone
class LearnerDayIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final int CONNECTIONS = 16;
    private static final int LEARNERS = FULL ? 2_500 : 500;
    private static final int MAX_DIFFERENCES = 10;

    @Test
    void learnerDay_leavesEveryRowAsDirectWritesWould() {
        LearnerDay day = LearnerDay.generate(42, LEARNERS);
        ReferenceModel model = new ReferenceModel();
        try (TestDatabase database = TestDatabase.create()) {
            Map<String, Long> before;
            Map<String, Long> after;
            FlushStats flushed;
            try (RunningService service = RunningService.start(database.uri())) {
                before = database.globalStatus();
                new LearnerDayDriver(day, model, CONNECTIONS).send(List.of(service.uri("/v1/completions")));
                service.flush();
                after = database.globalStatus();
                flushed = service.service().flushStats();
            }
            assertThat(day.counts().writes()).isGreaterThanOrEqualTo(LEARNERS * 40);
            assertThat(flushed.batches()).isGreaterThan(20);
            assertThat(model.differences(rows(database), MAX_DIFFERENCES)).isEmpty();
            report(database, day, flushed.rowsChanged(), before, after);
        }
    }

    @Test
    void learnerDay_sentToTwoInstances_leavesTheNewestValueOfEachKey() {
        LearnerDay day = LearnerDay.generate(43, FULL ? 800 : 200);
        ReferenceModel model = new ReferenceModel();
        try (TestDatabase database = TestDatabase.create()) {
            try (RunningService one = RunningService.start(database.uri());
                    RunningService other = RunningService.start(database.uri())) {
                new LearnerDayDriver(day, model, CONNECTIONS)
                        .send(List.of(one.uri("/v1/completions"), other.uri("/v1/completions")));
            }
            assertThat(model.differencesNewestValue(rows(database), MAX_DIFFERENCES))
                    .isEmpty();
        }
    }

    private static void report(
            TestDatabase database, LearnerDay day, long rows, Map<String, Long> before, Map<String, Long> after) {
        long statements = delta("Com_update_multi", before, after) + delta("Com_insert_select", before, after);
        long transactions = delta("Com_commit", before, after);
        System.out.printf(
                Locale.ROOT,
                "Learner day on %s: %,d writes came in, %,d rows were written with %,d statements in %,d transactions:"
                        + " %.0f writes for each statement%n",
                database.version(),
                day.counts().writes(),
                rows,
                statements,
                transactions,
                (double) day.counts().writes() / statements);
    }

    private static long delta(String name, Map<String, Long> before, Map<String, Long> after) {
        return after.get(name) - before.get(name);
    }

    static List<ActualRow> rows(TestDatabase database) {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT course_key, block_key, block_type, user_id, completion, created, modified"
                                + " FROM completion_blockcompletion")) {
            List<ActualRow> result = new ArrayList<>();
            while (rows.next()) {
                result.add(new ActualRow(
                        rows.getString(1),
                        rows.getString(2),
                        rows.getString(3),
                        rows.getInt(4),
                        rows.getDouble(5),
                        instant(rows.getString(6)),
                        instant(rows.getString(7))));
            }
            return result;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Instant instant(String datetime) {
        return Instant.parse(datetime.replace(' ', 'T') + "Z");
    }
}
