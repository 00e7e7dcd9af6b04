package dev.writebehind.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * For how long tests wait for what is to come: only one that fails takes as long, so it is far more than a busy machine
 * needs. JUnit finds it by itself, and Awaitility then waits so for all who say nothing else. Stateless.
 */
public final class Patience implements BeforeAllCallback {
    /** More than any answer takes. */
    public static final Duration LONG = Duration.ofSeconds(60);

    /** More than any work of a test takes. */
    public static final Duration VERY_LONG = Duration.ofMinutes(5);

    @Override
    public void beforeAll(ExtensionContext suite) {
        Awaitility.setDefaultTimeout(LONG);
    }
}
