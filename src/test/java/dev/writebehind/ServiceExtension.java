package dev.writebehind;

import dev.writebehind.testing.TestDatabase;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A database and the service on it for all tests of a suite, started before the first test and closed after the last,
 * with what {@link RunningService#close} requires. For one suite.
 */
public final class ServiceExtension implements BeforeAllCallback, AfterAllCallback {
    private final Preparation preparation;
    private TestDatabase database;
    private RunningService service;

    /** What a suite does before the service starts. */
    public interface Preparation {
        /** Prepares the database, and returns the settings. */
        String[] on(TestDatabase database) throws Exception;
    }

    private ServiceExtension(Preparation preparation) {
        this.preparation = preparation;
    }

    /** Starts the service with default settings but for these, each written {@code flush.interval=50ms}. */
    public static ServiceExtension with(String... settings) {
        return new ServiceExtension(database -> settings);
    }

    /** Starts the service after that. */
    public static ServiceExtension after(Preparation preparation) {
        return new ServiceExtension(preparation);
    }

    @Override
    public void beforeAll(ExtensionContext suite) throws Exception {
        database = TestDatabase.create();
        service = RunningService.start(database.uri(), preparation.on(database));
    }

    @Override
    public void afterAll(ExtensionContext suite) {
        try {
            if (service != null) {
                service.close();
            }
        } finally {
            if (database != null) {
                database.close();
            }
        }
    }

    /** Returns the database, before the suite's tests are made. */
    public TestDatabase database() {
        return database;
    }

    /** Returns the service, likewise. */
    public RunningService service() {
        return service;
    }
}
