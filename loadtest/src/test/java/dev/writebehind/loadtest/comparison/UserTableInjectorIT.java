package dev.writebehind.loadtest.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.loadtest.LoadTestDatabase;
import dev.writebehind.loadtest.result.Variant;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class UserTableInjectorIT {
    private static final int USERS = 1_000;

    @Test
    void injector_holdsTheShareAtAnyTime_andLetsGoOfItInTheEnd() throws Exception {
        try (RunSchema schema = RunSchema.create(LoadTestDatabase.serverUri(), Variant.BEFORE_KEY, USERS)) {
            try (UserTableInjector injector = new UserTableInjector(schema, USERS, 0.2, Duration.ofMillis(600))) {
                injector.start(10);
                double sum = 0;
                double least = 1;
                int looks = 0;
                Thread.sleep(700); // the first round of holds is shorter
                for (long end = System.nanoTime() + 3_000_000_000L; System.nanoTime() < end; looks++) {
                    double share = (double) free(schema) / USERS;
                    sum += 1 - share;
                    least = Math.min(least, 1 - share);
                }
                assertThat((Throwable) injector.failure()).isNull();
                assertThat(looks).isGreaterThan(10);
                assertThat(sum / looks)
                        .as("mean share held, as the server tells")
                        .isBetween(0.185, 0.205);
                assertThat(least).as("at any time").isGreaterThanOrEqualTo(0.14);
            }
            assertThat(free(schema)).isEqualTo(USERS);
        }
    }

    /** Counts the rows that nobody holds. */
    private static int free(RunSchema schema) throws SQLException {
        try (Connection connection = schema.database().connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            int free = 0;
            try (var rows = statement.executeQuery("SELECT id FROM auth_user FOR UPDATE SKIP LOCKED")) {
                while (rows.next()) {
                    free++;
                }
            }
            connection.rollback();
            return free;
        }
    }
}
