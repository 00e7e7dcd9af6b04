package dev.writebehind;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.learnerday.ReferenceModel.ActualRow;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.ShowsEffectOf;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A journal that an earlier version has left behind when it was killed, recorded with its database away: 73 writes,
 * some of them of one key in other letter case, and five resets, with the rows that must come of them.
 */
class JournalOfEarlierVersionIT {
    private static final String RECORDED = "/journal-55ca073/";
    private static final String SEGMENT = "segment-000000000001.journal";

    @Test
    @ShowsEffectOf("journal.dir")
    void start_onTheJournalOfAnEarlierVersion_bringsEveryAcknowledgedWrite() throws Exception {
        Path journal = TemporaryDirectory.create("journal");
        Files.write(journal.resolve(SEGMENT), recorded(SEGMENT));
        Map<String, Double> expected = new String(recorded("rows.tsv"), StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.split("\t", -1))
                .collect(toMap(row -> row[0] + "\t" + row[1] + "\t" + row[2], row -> Double.parseDouble(row[3])));
        try (TestDatabase database = TestDatabase.create();
                ChildService service = ChildService.start(database.uri(), "journal.dir=" + journal)) {
            assertThat(service.manage("POST", "/admin/flush").statusCode()).isEqualTo(200);
            assertThat(service.output()).noneMatch(line -> line.contains("No journal is in"));
            Map<String, Double> found = LearnerDayIT.rows(database).stream()
                    .collect(toMap(
                            row -> row.userId() + "\t" + row.courseKey() + "\t" + row.blockKey(),
                            ActualRow::completion));
            assertThat(found).isEqualTo(expected);
            service.terminate();
            assertThat(service.exitCode(Duration.ofMinutes(3))).isZero();
        }
    }

    private static byte[] recorded(String name) throws IOException {
        try (InputStream file = JournalOfEarlierVersionIT.class.getResourceAsStream(RECORDED + name)) {
            return requireNonNull(file, name).readAllBytes();
        }
    }
}
