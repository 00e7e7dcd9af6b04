package dev.writebehind.loadtest.report;

import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import dev.writebehind.loadtest.result.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.knowm.xchart.XYChart;

/**
 * The report of what a comparison measured, as files to read: {@code index.html}, {@code summary.md}, charts, and
 * {@code results.json}, of which all of them can be made again. Stateless, safe from any thread.
 */
public final class Report {
    private static final int WIDTH = 920;
    private static final int HEIGHT = 440;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new SimpleModule()
                    .addSerializer(Instant.class, ToStringSerializer.instance)
                    .addDeserializer(Instant.class, new InstantReader()))
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private Report() {}

    /** Writes all files into that directory, which is made where it is missing. */
    public static void write(Results results, Path directory) throws IOException {
        System.setProperty("java.awt.headless", System.getProperty("java.awt.headless", "true"));
        Files.createDirectories(directory);
        JSON.writeValue(directory.resolve("results.json").toFile(), results);
        Files.writeString(directory.resolve("summary.md"), Markdown.summary(results));
        Files.writeString(directory.resolve("index.html"), HtmlPage.of(results));
        drawBusy(Rounds.of("UserTableBusy", results.runs()), directory);
        List<Rounds> day = Rounds.of("LearnerDay", results.runs());
        if (!day.isEmpty()) {
            Drawing.write(
                    Charts.statements("MySQL statements for each accepted write, LearnerDay", WIDTH, HEIGHT, day),
                    directory,
                    "statements-per-write");
        }
    }

    /** Returns what a {@code results.json} holds. */
    public static Results read(Path json) throws IOException {
        return JSON.readValue(json.toFile(), Results.class);
    }

    private static void drawBusy(List<Rounds> busy, Path directory) throws IOException {
        if (busy.isEmpty()) {
            return;
        }
        Drawing.write(
                Charts.throughput("Accepted writes while user rows are held, UserTableBusy", WIDTH, HEIGHT, busy),
                directory,
                "before-after-throughput");
        Drawing.write(
                Charts.p99("Latency (p99) while user rows are held, UserTableBusy", WIDTH, HEIGHT, busy),
                directory,
                "before-after-latency");
        XYChart overTime = Charts.throughputOverTime("Accepted writes over time, UserTableBusy", WIDTH, HEIGHT, busy);
        Look.legendBeside(overTime);
        Drawing.write(overTime, directory, "before-after-over-time");
    }

    private static final class InstantReader extends FromStringDeserializer<Instant> {
        private static final long serialVersionUID = 1;

        private InstantReader() {
            super(Instant.class);
        }

        @Override
        protected Instant _deserialize(String text, DeserializationContext context) throws IOException {
            try {
                return Instant.parse(text);
            } catch (DateTimeParseException e) {
                return (Instant)
                        context.handleWeirdStringValue(Instant.class, text, "not a time such as 2026-01-31T12:00:00Z");
            }
        }
    }
}
