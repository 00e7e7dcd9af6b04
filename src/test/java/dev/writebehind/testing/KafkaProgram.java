package dev.writebehind.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;

/**
 * How the JVM of a {@link KafkaBroker} is started: from libraries that the build has listed, and from an archive of
 * their classes, made once, which saves half of the start. Stateless.
 */
final class KafkaProgram {
    private static final Path HOME = Path.of("target", "kafka").toAbsolutePath();
    private static final Path LIBRARIES = HOME.resolve("classpath");
    private static final Path MAIN = HOME.resolve("main.jar");
    private static final Path ARCHIVE = HOME.resolve("classes-" + Runtime.version() + ".jsa");
    private static final List<String> JVM_OPTIONS =
            List.of("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private KafkaProgram() {}

    /** Returns the arguments of {@code java}, up to those of the program. */
    static List<String> arguments() {
        try {
            if (!Files.exists(LIBRARIES)) {
                throw new IllegalStateException(
                        LIBRARIES + " is missing: run mvn antrun:run@kafka-broker, which makes it");
            }
            SharedFiles.make(MAIN, KafkaProgram::makeMain);
            List<String> arguments = new ArrayList<>(JVM_OPTIONS);
            arguments.add(Files.exists(ARCHIVE) ? "-XX:SharedArchiveFile=" + ARCHIVE : "-XX:+RecordDynamicDumpInfo");
            arguments.addAll(List.of("-cp", Files.readString(LIBRARIES) + ":" + MAIN));
            arguments.add(KafkaBrokerMain.class.getName());
            return arguments;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes the archive of what a running broker has loaded, unless there is one; without it all works too. */
    static void archive(long pid) {
        if (Files.exists(ARCHIVE)) {
            return;
        }
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Path made = HOME.resolve("made-by-" + pid + ".jsa");
        Command.run(jcmd.toString(), String.valueOf(pid), "VM.cds", "dynamic_dump", made.toString());
        if (Files.exists(made)) {
            move(made, ARCHIVE);
        }
    }

    /** An archive takes no classes from directories, and none from a jar that has been written anew. */
    private static void makeMain() throws IOException {
        byte[] main = bytes(KafkaBrokerMain.class);
        Path copy = HOME.resolve("main.class");
        if (Files.exists(MAIN) && Files.exists(copy) && Arrays.equals(main, Files.readAllBytes(copy))) {
            return;
        }
        Path made = Files.createTempFile(HOME, "main", ".jar");
        try (OutputStream file = Files.newOutputStream(made);
                JarOutputStream jar = new JarOutputStream(file)) {
            jar.putNextEntry(new ZipEntry(resource(KafkaBrokerMain.class).substring(1)));
            jar.write(main);
        }
        move(made, MAIN);
        Files.write(copy, main);
    }

    private static byte[] bytes(Class<?> type) throws IOException {
        try (InputStream in = type.getResourceAsStream(resource(type))) {
            return in.readAllBytes();
        }
    }

    private static String resource(Class<?> type) {
        return "/" + type.getName().replace('.', '/') + ".class";
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
