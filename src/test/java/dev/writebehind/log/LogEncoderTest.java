package dev.writebehind.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.KeyValuePair;

class LogEncoderTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LoggerContext context = new LoggerContext();
    private final LogEncoder encoder = new LogEncoder();

    LogEncoderTest() {
        encoder.setContext(context);
        encoder.setPattern("%level %msg%n");
        encoder.start();
    }

    @Test
    void json_holdsTheFormattedMessageAndWhereItComesFrom() throws Exception {
        encoder.setJson(true);
        LoggingEvent event = event("{} keys of {}", null, 42, "course-v1:Ö");
        event.setInstant(Instant.parse("2026-11-26T10:00:00.5Z"));
        event.addKeyValuePair(new KeyValuePair("lane", 3));

        JsonNode line = JSON.readTree(encode(event));

        assertThat(line.properties().stream().map(java.util.Map.Entry::getKey))
                .containsExactly("timestamp", "level", "logger", "thread", "message", "values");
        assertThat(line.get("timestamp").textValue()).isEqualTo("2026-11-26T10:00:00.500Z");
        assertThat(line.get("level").textValue()).isEqualTo("WARN");
        assertThat(line.get("logger").textValue()).isEqualTo("dev.writebehind.Thing");
        assertThat(line.get("thread").textValue()).isEqualTo("lane-1");
        assertThat(line.get("message").textValue()).isEqualTo("42 keys of course-v1:Ö");
        assertThat(line.get("values").get("lane").textValue()).isEqualTo("3");
    }

    @Test
    void json_ofAnyText_isOneLine() throws Exception {
        encoder.setJson(true);
        String text = "a\nb\r\n\"c\"\\\t\u0000\u001b[31m \uD83D\uDE00";

        String line = encode(event("{}", null, text));

        assertThat(line).endsWith("}\n");
        assertThat(line.strip()).doesNotContain("\n", "\r", "\u001b");
        assertThat(JSON.readTree(line).get("message").textValue()).isEqualTo(text);
    }

    @Test
    void json_ofHalfACharacter_isStillUtf8() throws Exception {
        encoder.setJson(true);
        byte[] line = encoder.encode(event("{}", null, "half \uD83D of it"));
        assertThat(JSON.readTree(line).get("message").textValue()).isEqualTo("half ? of it");
    }

    @Test
    void json_ofAFailure_holdsItsStackTraceWithTheCause() throws Exception {
        encoder.setJson(true);
        Throwable failure = new IllegalStateException("outer", new java.io.IOException("inner\nline"));

        String line = encode(event("it failed", failure));

        assertThat(line.strip()).doesNotContain("\n");
        assertThat(JSON.readTree(line).get("stack_trace").textValue())
                .startsWith("java.lang.IllegalStateException: outer\n")
                .contains("Caused by: java.io.IOException: inner\nline", "LogEncoderTest");
    }

    @ParameterizedTest
    @CsvSource({"json, true", "JSON, true", "' json ', true", "text, false", "'', false", "xml, false"})
    void format_asAVariableHasIt_isJsonOrText(String format, boolean json) {
        encoder.setJson(!json);
        encoder.setFormat(format);
        assertThat(encode(event("a", null)).startsWith("{")).isEqualTo(json);
    }

    @Test
    void text_isByThePattern() {
        assertThat(encode(event("{} of it", null, "all"))).isEqualTo("WARN all of it" + System.lineSeparator());
    }

    private String encode(LoggingEvent event) {
        return new String(encoder.encode(event), StandardCharsets.UTF_8);
    }

    private LoggingEvent event(String message, Throwable failure, Object... arguments) {
        Logger logger = context.getLogger("dev.writebehind.Thing");
        LoggingEvent event = new LoggingEvent("fqcn", logger, Level.WARN, message, failure, arguments);
        event.setThreadName("lane-1");
        assertThat(List.of(arguments)).doesNotContainNull();
        return event;
    }
}
