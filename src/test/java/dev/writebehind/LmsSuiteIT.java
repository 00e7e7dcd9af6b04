package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.testing.Python;
import dev.writebehind.testing.ServiceProgram;
import dev.writebehind.testing.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The tests of {@code src/lms}, which are in Python, with a service and a database. */
class LmsSuiteIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final Path SOURCES = Path.of("src", "lms");

    @RegisterExtension
    static final ServiceExtension SUITE = ServiceExtension.with("openedx.announce=true");

    @BeforeAll
    static void needsDjango() {
        assumeThat(Python.has("django, pymysql"))
                .as("Python has Django and PyMySQL (Debian: python3-django, python3-pymysql)")
                .isTrue();
    }

    @Test
    void suite_passes_againstThisServiceAndDatabase() throws Exception {
        String output = python(
                Map.of(
                        "WRITEBEHIND_LMS_DATABASE", SUITE.database().uri(),
                        "WRITEBEHIND_LMS_URL", SUITE.service().uri("").toString(),
                        "WRITEBEHIND_LMS_MANAGEMENT", SUITE.service().managementAddress()),
                Duration.ofMinutes(20),
                "-m",
                "unittest",
                "discover",
                "-s",
                "tests",
                "-t",
                ".",
                "-v");

        assertThat(output).containsPattern("Ran \\d{2,} tests in").doesNotContain("skipped 'needs a service");
    }

    @Test
    void storms_failNoCallerWhileOneIsThere_andLeaveNoKeyWrong() throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            List<String> arguments = new ArrayList<>(List.of("-m", "tests.storms", "--rounds", FULL ? "20" : "1"));
            if (!FULL) {
                arguments.addAll(List.of("--mode", "announced")); // which has the worker as well
            }
            arguments.addAll(service());
            String output = python(
                    Map.of("WRITEBEHIND_LMS_STORM_DATABASE", database.uri()),
                    Duration.ofMinutes(FULL ? 60 : 20),
                    arguments.toArray(String[]::new));

            System.out.println(output);
            assertThat(output).contains("0 keys wrong");
        }
    }

    @Test
    void rehearsal_takesASiteThroughEveryModeAndBack_andFindsNothingWrong() throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            List<String> arguments = new ArrayList<>(
                    List.of("-m", "tests.rehearsal", "--seconds", FULL ? "10" : "2", "--web", FULL ? "4" : "2"));
            arguments.addAll(service());
            String output = python(
                    Map.of("WRITEBEHIND_LMS_DATABASE", database.uri()),
                    Duration.ofMinutes(20),
                    arguments.toArray(String[]::new));

            System.out.println(output);
            assertThat(output).contains("nothing wrong");
        }
    }

    /** Returns the end of a command line that says how the service is started. */
    private static List<String> service() {
        List<String> command = new ArrayList<>(List.of(
                "--", Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(ServiceProgram.arguments());
        command.add("dev.writebehind.cli.Main");
        return command;
    }

    private static String python(Map<String, String> variables, Duration within, String... arguments)
            throws InterruptedException {
        return Python.run(SOURCES, variables, within, arguments);
    }
}
