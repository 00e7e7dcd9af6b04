package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive's {@code bin/writebehind}, with a Java that tells how it was called. */
class DistributionScriptTest {
    @TempDir
    private Path directory;

    private Path home;
    private Path script;
    private Path javaHome;

    @BeforeEach
    void unpack() throws IOException {
        home = Files.createDirectories(directory.resolve("of the archive")).toRealPath();
        javaHome = directory.resolve("a java");
        script = executable(
                home.resolve("bin/writebehind"),
                Files.readString(Path.of("src", "main", "dist", "bin", "writebehind")));
        executable(
                javaHome.resolve("bin/java"),
                "#!/bin/sh\necho $$\necho \"$WRITEBEHIND_CONFIG\"\nprintf '%s\\n' \"$@\"\n");
    }

    @Test
    void script_byALinkAndFromElsewhere_findsItsJarAndSettings() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("a link"), Path.of("of the archive/bin/writebehind"));

        Result result = run(link, Map.of("JAVA_HOME", javaHome.toString()), "check", "--config", "a b");

        assertThat(result.exitCode()).isZero();
        assertThat(result.lines()).contains(home + "/conf/writebehind.yaml");
        assertThat(result.lines())
                .containsSubsequence(
                        "-XX:+ExitOnOutOfMemoryError",
                        "-jar",
                        home + "/lib/completion-writebehind.jar",
                        "check",
                        "--config",
                        "a b");
    }

    @Test
    void script_becomesJava_soThatSignalsReachIt() throws Exception {
        Result result = run(script, Map.of("JAVA_HOME", javaHome.toString()));

        assertThat(result.lines().get(0)).isEqualTo(String.valueOf(result.pid()));
    }

    @Test
    void script_passesOptionsOn_andKeepsAGivenFile() throws Exception {
        Result result = run(
                script,
                Map.of(
                        "JAVA_HOME", javaHome.toString(),
                        "JAVA_OPTS", "-Xmx1g -Da=b",
                        "WRITEBEHIND_CONFIG", "/elsewhere.yaml"));

        assertThat(result.lines()).contains("/elsewhere.yaml").containsSubsequence("-Xmx1g", "-Da=b", "-jar");
    }

    @Test
    void script_withoutJava_saysWhatToDo() throws Exception {
        Result result = run(script, Map.of("JAVA_HOME", "/nowhere"));

        assertThat(result.exitCode()).isEqualTo(127);
        assertThat(result.lines()).singleElement().asString().contains("/nowhere/bin/java", "JAVA_HOME");
    }

    private record Result(long pid, int exitCode, List<String> lines) {}

    private Result run(Path program, Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(Path.of("/").toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("WRITEBEHIND_") || name.startsWith("JAVA_"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        return new Result(process.pid(), process.exitValue(), output.lines().toList());
    }

    private static Path executable(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
