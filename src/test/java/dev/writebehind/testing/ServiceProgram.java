package dev.writebehind.testing;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * How the JVM of a {@link ChildService} is started: from this one's class path with its directories packed, for an
 * archive of classes takes none from directories, and from such an archive, made once for a build by a service that
 * {@link ServiceTraining} starts. A start takes three fifths of the processor time then. The long runs have the JVM and
 * the class path as they are. Safe for any thread.
 */
public final class ServiceProgram {
    private static final List<String> QUICK = List.of("-XX:TieredStopAtLevel=1");
    private static final Path HOME = Path.of("target", "service").toAbsolutePath();
    private static final Path STATE = HOME.resolve("state");
    private static final Path ARCHIVE = HOME.resolve("classes.jsa");

    /** Made when the first service of this process is started. */
    private static final class Made {
        static final List<String> ARGUMENTS = make();
    }

    private ServiceProgram() {}

    /** Returns the arguments of {@code java}, up to the main class. */
    public static List<String> arguments() {
        return Boolean.getBoolean("writebehind.full")
                ? List.of("-cp", System.getProperty("java.class.path"))
                : Made.ARGUMENTS;
    }

    private static List<String> make() {
        try {
            List<Path> parts = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                    .map(part -> Path.of(part).toAbsolutePath())
                    .toList();
            List<Path> packed = new ArrayList<>();
            for (Path part : parts) {
                packed.add(Files.isDirectory(part) ? HOME.resolve(part.getFileName() + ".jar") : part);
            }
            String classPath = packed.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
            SharedFiles.make(HOME, () -> {
                String state = Runtime.version() + "\n" + describe(parts);
                if (!Files.exists(STATE) || !Files.readString(STATE).equals(state)) {
                    Files.createDirectories(HOME);
                    Files.deleteIfExists(STATE);
                    for (int i = 0; i < parts.size(); i++) {
                        if (!parts.get(i).equals(packed.get(i))) {
                            pack(parts.get(i), packed.get(i));
                        }
                    }
                    Files.deleteIfExists(ARCHIVE);
                    ServiceTraining.run(start(classPath, "-XX:ArchiveClassesAtExit=" + ARCHIVE));
                    Files.writeString(STATE, state);
                }
            });
            return start(classPath, "-XX:SharedArchiveFile=" + ARCHIVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> start(String classPath, String archive) {
        List<String> arguments = new ArrayList<>(QUICK);
        arguments.addAll(List.of(archive, "-Xlog:cds=off", "-Xlog:cds+dynamic=off", "-cp", classPath));
        return arguments;
    }

    /** Returns what changes when anything on the class path does. */
    private static String describe(List<Path> parts) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Path part : parts) {
            if (Files.exists(part)) {
                for (Path file : allIn(part)) {
                    text.append(file).append(' ').append(Files.size(file)).append(' ');
                    text.append(Files.getLastModifiedTime(file).toMillis()).append('\n');
                }
            }
        }
        return text.toString();
    }

    private static List<Path> allIn(Path part) throws IOException {
        try (Stream<Path> all = Files.walk(part)) {
            return all.sorted().toList();
        }
    }

    private static void pack(Path directory, Path jar) throws IOException {
        Path made = Files.createTempFile(HOME, "made", ".jar");
        try (OutputStream file = Files.newOutputStream(made);
                JarOutputStream out = new JarOutputStream(file)) {
            out.setLevel(0);
            for (Path each : allIn(directory)) {
                String name = directory.relativize(each).toString().replace(File.separatorChar, '/');
                if (Files.isRegularFile(each)) {
                    out.putNextEntry(new ZipEntry(name));
                    Files.copy(each, out);
                } else if (!name.isEmpty()) {
                    out.putNextEntry(new ZipEntry(name + "/")); // Flyway looks for its migrations' directory
                }
            }
        }
        Files.move(made, jar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
