package dev.writebehind.loadtest.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writebehind.loadtest.LoadTestDatabase;
import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The ceiling of the database side, in a process of its own, against a real database. */
class BareUpsertIT {
    private static final String WRITTEN =
            "SELECT COUNT(*) FROM completion_blockcompletion WHERE completion = 1 AND modified >= created";

    private final TestDatabase database = LoadTestDatabase.create();

    @BeforeEach
    void createTables() {
        OpenedxTables.createUsers(database, 50);
        OpenedxTables.createCompletions(database, OpenedxTables.Vintage.NEW);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void run_allRowsInTime_countsThoseInTheTable() throws Exception {
        JsonNode figures = run("--rows", "3050", "--seconds", "60", "--lanes", "3", "--batch", "100");

        assertThat(figures.get("rows").asLong()).isEqualTo(3_050);
        assertThat(figures.get("lanes").asInt()).isEqualTo(3);
        assertThat(figures.get("batch").asInt()).isEqualTo(100);
        assertThat(figures.get("seconds").asDouble()).isBetween(0.001, 60.0);
        assertThat(figures.get("rowsPerSecond").asDouble())
                .isEqualTo(figures.get("rows").asLong() / figures.get("seconds").asDouble());
        assertThat(database.value(WRITTEN)).isEqualTo("3050");
        assertThat(database.value("SELECT COUNT(*) FROM completion_blockcompletion WHERE modified > created"))
                .isEqualTo("610");
    }

    @Test
    void run_timeOver_countsThoseInTheTable() throws Exception {
        JsonNode figures = run("--rows", "100000", "--seconds", "1", "--batch", "20", "--new-share", "0.99");

        assertThat(figures.get("seconds").asDouble()).isBetween(1.0, 30.0);
        assertThat(database.value(WRITTEN)).isEqualTo(figures.get("rows").asText());
    }

    @Test
    void run_rowsThereAlready_failsInsteadOfCountingThem() throws Exception {
        run("--rows", "200", "--batch", "100");

        try (MeasuredProcess again = start("--rows", "200", "--batch", "100")) {
            assertThat(again.exitCode()).isOne();
            assertThat(String.join("\n", again.output())).contains("was the table empty before?");
        }
    }

    private JsonNode run(String... arguments) throws Exception {
        try (MeasuredProcess process = start(arguments)) {
            assertThat(process.exitCode())
                    .as(String.join("\n", process.output()))
                    .isZero();
            assertThat(process.output()).hasSize(1);
            return new ObjectMapper().readTree(process.output().get(0));
        }
    }

    private MeasuredProcess start(String... arguments) {
        String[] all = new String[arguments.length + 4];
        System.arraycopy(arguments, 0, all, 4, arguments.length);
        all[0] = "--database";
        all[1] = database.uri();
        all[2] = "--learners";
        all[3] = "50";
        return MeasuredProcess.start(BareUpsert.class, all);
    }
}
