package dev.writebehind.testing;

import dev.writebehind.config.DatabaseUri;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.mysql.MySQLContainer;

/**
 * A schema of its own on a real server, dropped when closed. The server is the one that
 * {@code WRITEBEHIND_TEST_DATABASE_URI} names; else a container, where a Docker engine answers; else the embedded
 * MariaDB. Never a fake. Safe for any thread.
 */
public final class TestDatabase implements AutoCloseable {
    private static final AtomicInteger SCHEMAS = new AtomicInteger();

    private final DatabaseUri server;
    private final String schema;
    private volatile boolean hasUser;

    private TestDatabase(DatabaseUri server, String schema) {
        this.server = server;
        this.schema = schema;
    }

    /** Creates an empty schema. */
    public static TestDatabase create() {
        return createOn(Server.URI);
    }

    /** Creates an empty schema on that server. */
    public static TestDatabase createOn(String serverUri) {
        DatabaseUri server = DatabaseUri.parse(serverUri);
        String schema = "wbtest_" + ProcessHandle.current().pid() + "_" + SCHEMAS.incrementAndGet();
        TestDatabase database = new TestDatabase(server, schema);
        try (Connection connection = database.connectTo(server.schema());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + schema + " CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
        } catch (SQLException e) {
            throw new IllegalStateException("the test database can't be used", e);
        }
        return database;
    }

    /** Returns the address of the schema, with user and password. */
    public String uri() {
        return uri(server.host(), server.port());
    }

    /** Returns the address by way of another port on loopback, as a proxy listens on. */
    public String uriThrough(int port) {
        return uri("127.0.0.1", port);
    }

    /** Returns the address for a user whose name is also the password. */
    public String uriAs(String user) {
        return "mysql://" + user + ":" + user + "@" + server.host() + ":" + server.port() + "/" + schema;
    }

    /** Returns the schema's name. */
    public String schema() {
        return schema;
    }

    /** Returns the server's port. */
    public int port() {
        return server.port();
    }

    /** Whether it can create users who may do something. */
    public boolean mayGrant() {
        return query("SHOW GRANTS").toString().contains("WITH GRANT OPTION");
    }

    /**
     * Creates a user who may do everything within this schema and nothing outside, as a service should be one. Returns
     * the name, which is also the password.
     */
    public String createOrdinaryUser() {
        return createUser("ALL ON *");
    }

    /** Creates a user who may do just that, as {@code SELECT ON a_table}; the name is also the password. */
    public String createUser(String... grants) {
        execute("CREATE USER " + schema + " IDENTIFIED BY '" + schema + "'");
        hasUser = true;
        for (String grant : grants) {
            execute("GRANT " + grant.replace(" ON ", " ON " + schema + ".") + " TO " + schema);
        }
        return schema;
    }

    /** Opens a connection that reads and writes times in UTC. */
    public Connection connect() throws SQLException {
        return connectTo(schema);
    }

    /** Runs statements that return nothing. */
    public void execute(String... statements) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the rows of a query, each as the texts of its columns. */
    public List<List<String>> query(String sql) {
        try (Connection connection = connect()) {
            return query(connection, sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the rows of a query over that connection, likewise. */
    public static List<List<String>> query(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<List<String>> result = new ArrayList<>();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.add(rows.getString(i));
                }
                result.add(row);
            }
            return result;
        }
    }

    /** Returns the first column of the first row, as a user is told whose name is also the password. */
    public String valueAs(String user, String sql) {
        try (Connection connection = connectTo(schema, user, user)) {
            return query(connection, sql).get(0).get(0);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the first column of the first row. */
    public String value(String sql) {
        return query(sql).get(0).get(0);
    }

    /** Returns how many completions the table holds. */
    public int rows() {
        return Integer.parseInt(value("SELECT COUNT(*) FROM completion_blockcompletion"));
    }

    /** Returns the server's counters by name. */
    public Map<String, Long> globalStatus() {
        Map<String, Long> status = new TreeMap<>();
        for (List<String> row : query("SHOW GLOBAL STATUS")) {
            if (row.get(1).matches("\\d{1,18}")) {
                status.put(row.get(0), Long.parseLong(row.get(1)));
            }
        }
        return status;
    }

    /** Whether the server is MariaDB, not MySQL. */
    public boolean isMariaDb() {
        return version().contains("MariaDB");
    }

    /** Returns what the server calls itself. */
    public String version() {
        return value("SELECT VERSION()");
    }

    @Override
    public void close() {
        if (hasUser) {
            execute("DROP USER " + schema);
        }
        execute("DROP DATABASE " + schema);
    }

    private String uri(String host, int port) {
        return "mysql://" + server.user() + ":" + server.password() + "@" + host + ":" + port + "/" + schema;
    }

    private Connection connectTo(String name) throws SQLException {
        return connectTo(name, server.user(), server.password());
    }

    private Connection connectTo(String name, String user, String password) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:mariadb://" + server.host() + ":" + server.port() + "/" + name
                        + "?allowPublicKeyRetrieval=true&connectionTimeZone=UTC&forceConnectionTimeZoneToSession=true",
                user,
                password);
    }

    /** The server that all schemas of this process share; started when first asked for. */
    private static final class Server {
        static final String URI = start();

        private static String start() {
            String given = System.getenv("WRITEBEHIND_TEST_DATABASE_URI");
            if (given != null && !given.isBlank()) {
                return given;
            }
            return DockerClientFactory.instance().isDockerAvailable() ? startContainer() : startEmbedded();
        }

        @SuppressWarnings("resource") // it lives as long as the process; its library removes it then
        private static String startContainer() {
            MySQLContainer container = new MySQLContainer("mysql:8.4")
                    .withUsername("root")
                    .withPassword("writebehind")
                    .withDatabaseName("completion");
            container.start();
            return "mysql://root:writebehind@" + container.getHost() + ":" + container.getMappedPort(3306)
                    + "/completion";
        }

        private static String startEmbedded() {
            Path home = Path.of("target", "mariadb");
            EmbeddedMariaDb database = EmbeddedMariaDb.start(
                    home.resolve("server"),
                    home.resolve("home-" + ProcessHandle.current().pid()),
                    0);
            Runtime.getRuntime().addShutdownHook(new Thread(database::close, "stop MariaDB"));
            return database.uri();
        }
    }
}
