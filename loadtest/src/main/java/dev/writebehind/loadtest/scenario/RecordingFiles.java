package dev.writebehind.loadtest.scenario;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writebehind.loadtest.result.Recording;
import dev.writebehind.loadtest.scenario.Outcomes.Outcome;
import dev.writebehind.loadtest.traffic.Traffic;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The files that a scenario leaves behind: {@code recording.json}, and {@code outcomes.tsv} with a line for each row
 * that there must or may be: user, course, block, the acknowledged value or {@code -}, and the values whose writes may
 * have happened before and after that one, separated by blanks. Its last line is {@code end} and the number of the
 * others. Both appear under their names only when they are whole. Stateless.
 */
public final class RecordingFiles {
    /** The last line of the outcomes begins with it. */
    public static final String END = "end";

    private static final ObjectMapper JSON = new ObjectMapper();

    private RecordingFiles() {}

    static void write(Path directory, Recording recording, Traffic traffic, Outcomes[] outcomes) {
        try {
            Files.createDirectories(directory);
            Path outcomesPart = directory.resolve("outcomes.part");
            try (BufferedWriter out = Files.newBufferedWriter(outcomesPart)) {
                long lines = 0;
                for (int learner = 0; learner < outcomes.length; learner++) {
                    if (outcomes[learner] != null) {
                        lines += write(out, 1 + learner, outcomes[learner], traffic);
                    }
                }
                out.write(END + "\t" + lines + "\n");
            }
            Files.move(outcomesPart, outcomes(directory), StandardCopyOption.ATOMIC_MOVE);
            Path recordingPart = directory.resolve("recording.part");
            Files.write(recordingPart, JSON.writeValueAsBytes(recording));
            Files.move(recordingPart, recording(directory), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the recording in a directory. */
    public static Recording read(Path directory) throws IOException {
        return JSON.readValue(recording(directory).toFile(), Recording.class);
    }

    /** Returns the file of outcomes in a directory. */
    public static Path outcomes(Path directory) {
        return directory.resolve("outcomes.tsv");
    }

    private static Path recording(Path directory) {
        return directory.resolve("recording.json");
    }

    private static long write(BufferedWriter out, int userId, Outcomes outcomes, Traffic traffic) throws IOException {
        for (var entry : outcomes.byPlace().entrySet()) {
            Outcome outcome = entry.getValue();
            int run = entry.getKey().run();
            out.write(String.join(
                    "\t",
                    String.valueOf(userId),
                    traffic.course().courseKey(run),
                    traffic.course().blockKey(run, entry.getKey().block()),
                    outcome.acknowledged() == null
                            ? "-"
                            : outcome.acknowledged().toString(),
                    joined(outcome.earlier()),
                    joined(outcome.later()) + "\n"));
        }
        return outcomes.byPlace().size();
    }

    private static String joined(List<Double> values) {
        return values.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }
}
