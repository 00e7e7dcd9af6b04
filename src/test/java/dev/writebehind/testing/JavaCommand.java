package dev.writebehind.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** How a Java process is started, on the Java that runs this one. Not for concurrent use. */
public final class JavaCommand {
    private static final List<String> QUIET = List.of(
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    private final String name;
    private final List<String> starter = new ArrayList<>();
    private final List<String> arguments = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private Pattern readyLine = Pattern.compile("(?!)");
    private Path directory = Path.of("").toAbsolutePath();
    private Path log;

    private JavaCommand(String name, String... arguments) {
        this.name = name;
        this.arguments.addAll(List.of(arguments));
    }

    /** Runs a jar, a class, or whatever these arguments of {@code java} say, and calls it so in messages. */
    public static JavaCommand of(String name, String... arguments) {
        return new JavaCommand(name, arguments);
    }

    /** Runs a class of this process's class path. */
    public static JavaCommand of(Class<?> main, List<String> jvmOptions, String... arguments) {
        return of(main.getSimpleName(), jvmOptions.toArray(String[]::new))
                .with("-cp", System.getProperty("java.class.path"), main.getName())
                .with(arguments);
    }

    /** Returns what it is called in messages. */
    public String name() {
        return name;
    }

    /** Appends arguments. */
    public JavaCommand with(String... more) {
        arguments.addAll(Arrays.asList(more));
        return this;
    }

    /** Has it started by a program that takes a command line as its last arguments. */
    public JavaCommand by(String... program) {
        starter.addAll(List.of(program));
        return this;
    }

    /** Sets variables on top of this process's, of which those that would configure the service are left out. */
    public JavaCommand in(Map<String, String> variables) {
        environment.putAll(variables);
        return this;
    }

    /** Runs it in that directory. */
    public JavaCommand at(Path workingDirectory) {
        directory = workingDirectory;
        return this;
    }

    /** Names what it prints when it is ready. */
    public JavaCommand readyAt(Pattern line) {
        readyLine = line;
        return this;
    }

    /** Writes what it prints to a file as well. */
    public JavaCommand logTo(Path file) {
        log = file;
        return this;
    }

    /** Starts it. */
    public ChildProcess start() {
        List<String> command = new ArrayList<>(starter);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(QUIET);
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(variable -> variable.startsWith("WRITEBEHIND_"));
        builder.environment().putAll(environment);
        try {
            return new ChildProcess(name, builder.start(), readyLine, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
