package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.writebehind.config.ConfigFile;
import dev.writebehind.progress.Progress;
import dev.writebehind.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class StageWatchIT {
    @Test
    void statementThatTakesLong_isTold_untilTheWatchIsClosed() throws Exception {
        try (TestDatabase database = TestDatabase.create();
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            List<String> told = new CopyOnWriteArrayList<>();
            Progress progress = (done, total, what) -> told.add(what);
            JdbcAddress address = address(database);
            for (double seconds = 2.5; told.isEmpty() && seconds < 60; seconds *= 2) {
                String sleep = "SELECT SLEEP(" + seconds + ")";
                StageWatch.during(connection, address, progress, () -> statement.execute(sleep));
            }
            int before = told.size();
            assertThat(told).contains("User sleep");
            statement.execute("SELECT SLEEP(1.5)");
            assertThat(told).hasSize(before);
        }
    }

    /** MariaDB tells the part that is done; MySQL has its stages off unless somebody turns them on. */
    @Test
    void copyOfATable_isToldWithItsPart_whereTheServerTellsIt() throws Exception {
        try (TestDatabase database = TestDatabase.create();
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            assumeThat(database.isMariaDb()).isTrue();
            statement.execute("CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, c CHAR(200) NOT NULL)");
            statement.execute("INSERT INTO t (c) VALUES ('x')");
            List<Long> parts = new CopyOnWriteArrayList<>();
            Progress progress = (done, total, what) -> {
                if (total > 0) {
                    parts.add(100 * done / total);
                }
            };
            for (int doublings = 0; doublings < 21 && parts.isEmpty(); doublings++) {
                statement.execute("INSERT INTO t (c) SELECT c FROM t");
                if (doublings >= 17) {
                    String copy = "ALTER TABLE t FORCE, ALGORITHM=COPY";
                    StageWatch.during(connection, address(database), progress, () -> statement.execute(copy));
                }
            }
            assertThat(parts).isNotEmpty().allMatch(part -> part >= 0 && part <= 100);
        }
    }

    private static JdbcAddress address(TestDatabase database) {
        ConfigFile source = new ConfigFile(null, Map.of("WRITEBEHIND_DATABASE_URI", database.uri()));
        return JdbcAddress.of(source.load().settings().database());
    }
}
