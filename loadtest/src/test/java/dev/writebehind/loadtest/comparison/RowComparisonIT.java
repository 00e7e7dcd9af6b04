package dev.writebehind.loadtest.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.loadtest.LoadTestDatabase;
import dev.writebehind.loadtest.result.RowCheck;
import dev.writebehind.loadtest.result.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowComparisonIT {
    private static final String BLOCK = "block-v1:O+C+R+type@html+block@";

    @TempDir
    private Path directory;

    private RunSchema schema;

    @BeforeEach
    void createSchema() {
        schema = RunSchema.create(LoadTestDatabase.serverUri(), Variant.BEFORE_KEY, 3);
    }

    @AfterEach
    void dropSchema() {
        schema.close();
    }

    @Test
    void equalRows_areEqual() throws Exception {
        row(1, "a", 1.0);
        row(2, "a", 0.5);
        RowCheck check = compare(true, expected(1, "a", "1.0"), expected(2, "a", "0.5"));
        assertThat(check).isEqualTo(new RowCheck(2, 0, 2, 0, List.of()));
    }

    @Test
    void missingRow_otherValue_rowTooMany_wrongType_areFound() throws Exception {
        row(1, "b", 0.25);
        row(2, "too-many", 1.0);
        row(3, "typed", 1.0);
        schema.database().execute("UPDATE completion_blockcompletion SET block_type = 'video' WHERE user_id = 3");
        RowCheck check =
                compare(true, expected(1, "missing", "1.0"), expected(1, "b", "0.5"), expected(3, "typed", "1.0"));
        assertThat(check.different()).isEqualTo(4);
        assertThat(check.examples()).hasSize(4);
    }

    @Test
    void unknownOutcomes_ofDirectWrites_mayHaveHappenedLateOrNever() throws Exception {
        row(1, "a", 0.1);
        row(1, "b", 0.3);
        row(1, "c", 0.2);
        String[] lines = {
            expected(1, "a", "0.2\t0.1\t0.3"),
            expected(1, "b", "0.2\t0.1\t0.3"),
            expected(1, "c", "0.2\t0.1\t0.3"),
            expected(1, "d", "-\t\t0.3")
        };
        RowCheck direct = compare(false, lines);
        assertThat(direct.different()).isZero();
        assertThat(direct.unknown()).isEqualTo(4);
        assertThat(compare(true, lines).different())
                .as("the service keeps the order")
                .isEqualTo(1);
    }

    @Test
    void outcomesThatAreNotWhole_areRefused() throws Exception {
        Files.writeString(directory.resolve("outcomes.tsv"), expected(1, "a", "1.0"));
        assertThatThrownBy(() -> RowComparison.compare(schema.database(), directory, true))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no end");
        Files.writeString(directory.resolve("outcomes.tsv"), expected(1, "a", "1.0") + "end\t2\n");
        assertThatThrownBy(() -> RowComparison.compare(schema.database(), directory, true))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not as many lines");
    }

    private RowCheck compare(boolean ordered, String... lines) throws Exception {
        Files.writeString(directory.resolve("outcomes.tsv"), String.join("", lines) + "end\t" + lines.length + "\n");
        return RowComparison.compare(schema.database(), directory, ordered);
    }

    private static String expected(int user, String block, String values) {
        String cells = values.contains("\t") ? values : values + "\t\t";
        return user + "\tcourse-v1:O+C+R\t" + BLOCK + block + "\t" + cells + "\n";
    }

    private void row(int user, String block, double value) {
        schema.database()
                .execute("INSERT INTO completion_blockcompletion (user_id, course_key, block_key, block_type,"
                        + " completion, created, modified) VALUES (" + user + ", 'course-v1:O+C+R', '" + BLOCK + block
                        + "', 'html', " + value + ", NOW(6), NOW(6))");
    }
}
