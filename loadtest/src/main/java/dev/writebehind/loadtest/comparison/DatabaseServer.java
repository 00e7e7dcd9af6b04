package dev.writebehind.loadtest.comparison;

import dev.writebehind.testing.EmbeddedMariaDb;
import dev.writebehind.testing.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The database server of a comparison: one that somebody else runs, or one started here. Not for concurrent use. */
public final class DatabaseServer implements AutoCloseable {
    private static final List<String> SETTINGS = List.of(
            "innodb_flush_log_at_trx_commit", "sync_binlog", "log_bin", "innodb_buffer_pool_size", "max_connections");

    private final String uri;
    private final @Nullable EmbeddedMariaDb embedded;

    private DatabaseServer(String uri, @Nullable EmbeddedMariaDb embedded) {
        this.uri = uri;
        this.embedded = embedded;
    }

    /**
     * Takes the server at that address, or starts the embedded MariaDB.
     *
     * @param uri with a user who may create schemas and users; empty starts one
     * @param home where the embedded server is unpacked and keeps its data
     */
    public static DatabaseServer open(String uri, Path home) {
        if (!uri.isEmpty()) {
            return new DatabaseServer(uri, null);
        }
        EmbeddedMariaDb started = EmbeddedMariaDb.start(
                home.resolve("server"),
                home.resolve("data-" + ProcessHandle.current().pid()),
                0);
        return new DatabaseServer(started.uri(), started);
    }

    /** Returns its address. */
    public String uri() {
        return uri;
    }

    /** Returns what it is, and how durable a commit is there. */
    public String description() {
        try (TestDatabase any = TestDatabase.createOn(uri)) {
            StringBuilder text = new StringBuilder(any.isMariaDb() ? "MariaDB " : "MySQL ").append(any.version());
            for (String setting : SETTINGS) {
                text.append(", ").append(setting).append(" = ").append(any.value("SELECT @@" + setting));
            }
            return text.toString();
        }
    }

    @Override
    public void close() {
        if (embedded != null) {
            embedded.close();
        }
    }
}
