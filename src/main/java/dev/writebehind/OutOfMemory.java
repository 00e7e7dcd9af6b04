package dev.writebehind;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * The watch that ends the process at once when memory has run out anywhere in it, as
 * {@code -XX:+ExitOnOutOfMemoryError} would, which can't be set from within: from then on any part may have missed its
 * turn, and the next start has everything that was acknowledged from the journal. Safe for any thread.
 *
 * <p>Libraries catch what their threads throw, and all of them then log it; so whatever anybody hands to a logger is
 * looked at here, be it of a level that is printed or not. What this service itself turns into an answer is handed to
 * one for the same reason.
 */
public final class OutOfMemory extends TurboFilter {
    /** A cause may have itself for a cause, by others. */
    private static final int MAX_CAUSES = 20;
    /** Let go before the last line is written, which needs some memory too, if no other thread takes it first. */
    private static final int RESERVE = 256 * 1024;

    private static final String LAST_LINE =
            "Out of memory: the process ends at once with exit code " + Exit.OUT_OF_MEMORY
                    + ", and the next start has everything that was acknowledged from the journal. Raise -Xmx, or"
                    + " lower what the"
                    + " settings let in";

    private static final org.slf4j.Logger log = LoggerFactory.getLogger(OutOfMemory.class);

    private final IntConsumer halt;
    private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
    private final byte[] lastLine = (LAST_LINE + System.lineSeparator()).getBytes(StandardCharsets.UTF_8);
    private byte @Nullable [] reserve = new byte[RESERVE];

    OutOfMemory(IntConsumer halt) {
        this.halt = halt;
    }

    /** Watches this process from now on. */
    public static void endsTheProcess() {
        Exit.isReady();
        OutOfMemory watch = new OutOfMemory(Exit::halt);
        Thread.setDefaultUncaughtExceptionHandler((thread, fault) -> {
            watch.see(fault);
            log.error("A thread has ended by a fault: {}", thread.getName(), fault);
        });
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        if (factory instanceof LoggerContext context) {
            context.addTurboFilter(watch);
        }
        LogManager.getLogManager().getLogger("").addHandler(watch.javaLogs());
    }

    /** Does not return if memory has run out. */
    void see(@Nullable Throwable fault) {
        Throwable cause = fault;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (cause instanceof OutOfMemoryError error) {
                end(error.getMessage());
                return;
            }
            cause = cause.getCause();
        }
    }

    /** Loads no class, and allocates nothing that it can't do without; other threads that come here stay. */
    private synchronized void end(@Nullable String what) {
        if (reserve == null) {
            return;
        }
        reserve = null;
        try {
            log.error("{} ({})", LAST_LINE, what);
        } catch (OutOfMemoryError again) {
            printLastLine();
        } finally {
            halt.accept(Exit.OUT_OF_MEMORY);
        }
    }

    private void printLastLine() {
        try {
            out.write(lastLine);
        } catch (IOException e) {
            // then nobody reads it
        }
    }

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] params,
            @Nullable Throwable thrown) {
        see(thrown);
        if (params != null && params.length > 0 && params[params.length - 1] instanceof Throwable last) {
            see(last);
        }
        return FilterReply.NEUTRAL;
    }

    /** What libraries log by Java's own means. */
    private Handler javaLogs() {
        return new Handler() {
            @Override
            public void publish(LogRecord record) {
                see(record.getThrown());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }
}
