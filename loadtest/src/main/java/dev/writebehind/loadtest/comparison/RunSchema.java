package dev.writebehind.loadtest.comparison;

import dev.writebehind.loadtest.result.Variant;
import dev.writebehind.loadtest.traffic.Course;
import dev.writebehind.testing.OpenedxTables;
import dev.writebehind.testing.OpenedxTables.Vintage;
import dev.writebehind.testing.TestDatabase;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The schema of one run, with the LMS's tables; dropped when closed. While the run goes on, the target alone uses it as
 * its connections' default: the server counts statements by that. Not for concurrent use.
 */
public final class RunSchema implements AutoCloseable {
    private static final String KEY = "completion_blockcompletion_user_id_20994c23_fk_auth_user_id";
    private static final String SOCKET_TIMEOUT = "60000";

    private final TestDatabase database;
    private final URI uri;

    private RunSchema(TestDatabase database) {
        this.database = database;
        this.uri = URI.create(database.uri());
    }

    /**
     * Creates the completion table as Django does, with its foreign key or with the key dropped. The service drops it
     * by itself.
     */
    public static RunSchema create(String serverUri, Variant variant, int learners) {
        RunSchema schema = new RunSchema(TestDatabase.createOn(serverUri));
        OpenedxTables.createUsers(schema.database, learners);
        OpenedxTables.createCompletions(schema.database, Vintage.NEW);
        if (variant == Variant.BEFORE_DROPPED) {
            schema.database.execute("ALTER TABLE completion_blockcompletion DROP FOREIGN KEY " + KEY);
        }
        return schema;
    }

    /** Creates what the LMS's batch endpoint reads, and enrols everybody in the first runs of the course. */
    void enrol(Course course, int runs) {
        OpenedxTables.createEnrolments(database);
        for (int run = 0; run < runs; run++) {
            database.execute("INSERT INTO student_courseenrollment (course_id, is_active, user_id) SELECT '"
                    + course.courseKey(run) + "', 1, id FROM auth_user");
        }
    }

    /** Returns it. */
    public TestDatabase database() {
        return database;
    }

    /** Returns its name. */
    String name() {
        return uri.getPath().substring(1);
    }

    /** Returns the server's port. */
    public int port() {
        return uri.getPort();
    }

    /**
     * Connects to the server with another default schema, so that what is done there is not counted as the target's.
     */
    Connection connectBeside() throws SQLException {
        String[] account = uri.getUserInfo().split(":", 2);
        return DriverManager.getConnection(
                "jdbc:mariadb://" + uri.getHost() + ":" + uri.getPort()
                        + "/information_schema?allowPublicKeyRetrieval=true&socketTimeout=" + SOCKET_TIMEOUT,
                account[0],
                account[1]);
    }

    /** Returns the address for the target, by way of another port on loopback where one is given. */
    public String targetUri(int port) {
        return port == 0 ? database.uri() : database.uriThrough(port);
    }

    @Override
    public void close() {
        try (Connection connection = connectBeside();
                Statement statement = connection.createStatement()) {
            List<String> sessions = database
                    .query("SELECT id FROM information_schema.PROCESSLIST WHERE db = '" + name()
                            + "' AND id <> CONNECTION_ID()")
                    .stream()
                    .map(row -> row.get(0))
                    .toList();
            for (String session : sessions) {
                kill(statement, session);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("drop the schema " + name() + " by hand", e);
        }
        database.close();
    }

    private static void kill(Statement statement, String session) {
        try {
            statement.execute("KILL " + session);
        } catch (SQLException e) {
            // it has ended by itself
        }
    }
}
