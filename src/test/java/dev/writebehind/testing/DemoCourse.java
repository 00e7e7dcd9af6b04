package dev.writebehind.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** The leaf blocks of Open edX's demo course, from the resource {@code demo-course-blocks.csv}; stateless. */
public final class DemoCourse {
    private static final String RESOURCE = "/demo-course-blocks.csv";
    private static final String HEADER = "course_key,chapter,sequential,vertical,block_type,block_key";
    /** An aggregator, and what is excluded from completion upstream. */
    private static final Set<String> SILENT_TYPES = Set.of("library_content", "discussion");

    private DemoCourse() {}

    /**
     * A leaf of the course.
     *
     * @param lesson the sequential that it is in
     */
    public record Block(String courseKey, String lesson, String type, String key) {
        /** Whether it reports completion of its own. */
        public boolean reports() {
            return !SILENT_TYPES.contains(type);
        }
    }

    /** Returns every leaf in course order, including those that never report. */
    public static List<Block> blocks() {
        try (InputStream in = DemoCourse.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("Missing resource " + RESOURCE);
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            if (!HEADER.equals(lines.readLine())) {
                throw new IllegalStateException(RESOURCE + " does not start with " + HEADER);
            }
            return lines.lines()
                    .map(line -> line.split(",", -1))
                    .map(cells -> new Block(cells[0], cells[2], cells[4], cells[5]))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
