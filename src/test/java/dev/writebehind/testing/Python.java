package dev.writebehind.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The distribution's Python, which what is written in it is tested with; stateless. */
public final class Python {
    private static final String PROGRAM = "/usr/bin/python3";
    private static final Pattern NO_LINE = Pattern.compile("(?!)");

    private Python() {}

    /** Whether those modules, parted by commas, can be imported. */
    public static boolean has(String modules) {
        return Command.run(PROGRAM, "-c", "import " + modules);
    }

    /** Runs it in that directory to its end and returns what it printed; fails with that if it fails. */
    public static String run(Path directory, Map<String, String> variables, Duration within, String... arguments)
            throws InterruptedException {
        ProcessBuilder program = new ProcessBuilder(PROGRAM).directory(directory.toFile());
        program.command().addAll(List.of(arguments));
        Map<String, String> environment = program.environment();
        environment.keySet().removeIf(name -> name.contains("WRITEBEHIND_"));
        environment.putAll(variables);
        environment.put("PYTHONDONTWRITEBYTECODE", "1");
        try (ChildProcess process = ChildProcess.start("Python", program, NO_LINE)) {
            int exitCode = process.exitCode(within);
            String output = String.join("\n", process.output());
            assertThat(exitCode).as(failures(output)).isZero();
            return output;
        }
    }

    /** What unittest tells of each test that failed, without the lines of dots before that. */
    private static String failures(String output) {
        int first = output.indexOf("======");
        return first < 0 ? output : output.substring(first);
    }
}
