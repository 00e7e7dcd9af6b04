package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.testing.Python;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The tests of {@code src/lms/tutor}, which render the plugin without Tutor. */
class TutorPluginTest {
    @Test
    void plugin_isRenderedInEveryMode_asItsTestsWantIt() throws Exception {
        assumeThat(Python.has("click, jinja2, yaml"))
                .as("Python has Jinja, PyYAML and Click (Debian: python3-jinja2, python3-yaml, python3-click)")
                .isTrue();
        String output = Python.run(
                Path.of("src", "lms", "tutor"),
                Map.of(),
                Duration.ofMinutes(2),
                "-m",
                "unittest",
                "discover",
                "-s",
                "tests",
                "-t",
                ".");
        assertThat(output).containsPattern("Ran \\d{2,} tests in");
    }
}
