package dev.writebehind.log;

import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The encoder of the log's lines, as text or as JSON, which may change while it runs: {@code logback.xml} gives the
 * form of the lines before the settings are read, {@code log.format} that of all others. Safe for any thread.
 */
public final class LogEncoder extends EncoderBase<ILoggingEvent> {
    private static final byte[] NOTHING = {};

    private final PatternLayout text = new PatternLayout();
    private volatile boolean isJson;

    /** Sets whether lines are JSON from now on. */
    public void setJson(boolean json) {
        isJson = json;
    }

    /** Sets the form by its name, as a variable has it; any other than {@code json} is text. */
    public void setFormat(String format) {
        isJson = format.strip().toLowerCase(Locale.ROOT).equals("json");
    }

    /** Sets the pattern of lines that are text. */
    public void setPattern(String pattern) {
        text.setPattern(pattern);
    }

    @Override
    public void start() {
        text.setContext(getContext());
        text.start();
        super.start();
    }

    @Override
    public void stop() {
        super.stop();
        text.stop();
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        String line = isJson ? JsonLine.of(event) : text.doLayout(event);
        return line.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }
}
