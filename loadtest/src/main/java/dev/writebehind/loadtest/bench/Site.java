package dev.writebehind.loadtest.bench;

import dev.writebehind.loadtest.comparison.Processes;
import dev.writebehind.loadtest.comparison.RowComparison;
import dev.writebehind.loadtest.comparison.RunSchema;
import dev.writebehind.loadtest.raw.Keyspace;
import dev.writebehind.loadtest.result.RowCheck;
import dev.writebehind.loadtest.result.Variant;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * A schema of its own, and the processes that are started around it, for one benchmark; all of them are gone when this
 * is closed. Clients get learners of their own, so that each row has one writer. Not for concurrent use.
 */
final class Site implements AutoCloseable {
    private static final int USERS_EACH = 1_000_000;

    private final Processes processes;
    private final Path directory;
    private final RunSchema schema;
    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private final List<Path> outcomes = new ArrayList<>();
    private final List<Worker> clients = new ArrayList<>();

    private Site(Processes processes, Path directory, RunSchema schema) {
        this.processes = processes;
        this.directory = directory;
        this.schema = schema;
    }

    /** Opens one with an empty table. */
    static Site open(Processes processes, String serverUri, Path files, String name) {
        Path directory = Processes.directory(files, name + "-" + System.nanoTime());
        return new Site(processes, directory, RunSchema.create(serverUri, Variant.BEFORE_DROPPED, 1));
    }

    String databaseUri() {
        return schema.targetUri(0);
    }

    RunSchema schema() {
        return schema;
    }

    int databasePort() {
        return schema.port();
    }

    /** Makes a directory for one process. */
    Path directory(String name) {
        return Processes.directory(directory, started.size() + "-" + name);
    }

    RunningTarget service(String heap, Map<String, String> settings) throws InterruptedException {
        Path place = directory("service");
        return keep(RunningTarget.of(keep(processes.service(databaseUri(), heap, settings, place))));
    }

    RunningTarget bareServer() throws InterruptedException {
        return keep(RunningTarget.of(keep(processes.bareServer(directory("bare")))));
    }

    RunningTarget bareJournalServer() throws InterruptedException {
        return keep(RunningTarget.of(keep(processes.bareJournalServer(directory("bare-journal")))));
    }

    /** Starts the server that hands what it takes to a topic. */
    RunningTarget bareLogServer(String... settings) throws InterruptedException {
        return keep(RunningTarget.of(keep(processes.bareLogServer(directory("bridge"), settings))));
    }

    /** Starts a worker of Kafka Connect. */
    ConnectWorker connect(String bootstrapServers) throws InterruptedException, IOException {
        return keep(ConnectWorker.start(processes, bootstrapServers, directory("connect")));
    }

    /** Starts a process that is none of the clients. */
    Worker worker(String name, String... settings) throws InterruptedException {
        return keep(Worker.of(keep(processes.worker(name, directory(name), settings))));
    }

    /**
     * Starts a client.
     *
     * @param isStored whether what it writes comes into the table
     */
    Worker client(RunningTarget target, String path, Load load, boolean isStored) throws InterruptedException {
        Path place = directory("client");
        Worker client = keep(Worker.of(keep(processes.rawClient(
                place,
                "--port",
                String.valueOf(target.port()),
                "--path",
                path,
                "--connections",
                String.valueOf(load.connections()),
                "--array",
                String.valueOf(load.array()),
                "--keys",
                String.valueOf(load.keys()),
                "--blocks",
                String.valueOf(load.blocks()),
                "--first-user",
                String.valueOf(nextUsers()),
                "--outcomes",
                place.resolve("outcomes.tsv").toString()))));
        remember(client, place, isStored);
        return client;
    }

    /** What a client sends, on how many connections. */
    record Load(int connections, int array, int keys, int blocks) {}

    /** Starts a client that sends the work that peers are given. */
    Worker drawnClient(RunningTarget target, int connections, int writes, int learners) throws InterruptedException {
        Path place = directory("client");
        Worker client = keep(Worker.of(keep(processes.rawClient(
                place,
                "--port",
                String.valueOf(target.port()),
                "--path",
                "/v1/completions",
                "--connections",
                String.valueOf(connections),
                "--drawn",
                String.valueOf(writes),
                "--learners",
                String.valueOf(learners),
                "--outcomes",
                place.resolve("outcomes.tsv").toString()))));
        remember(client, place, true);
        return client;
    }

    /** Starts the client that writes to the database itself. */
    Worker directClient(int connections, int keys) throws InterruptedException {
        Path place = directory("direct");
        Worker client = keep(Worker.of(keep(processes.worker(
                "DirectUpsert",
                place,
                "--database",
                databaseUri(),
                "--connections",
                String.valueOf(connections),
                "--keys",
                String.valueOf(keys),
                "--first-user",
                String.valueOf(nextUsers()),
                "--outcomes",
                place.resolve("outcomes.tsv").toString()))));
        remember(client, place, true);
        return client;
    }

    private void remember(Worker client, Path place, boolean isStored) {
        if (isStored) {
            clients.add(client);
            outcomes.add(place.resolve("outcomes.tsv"));
        }
    }

    /** Compares the table with what all clients were told. */
    RowCheck compareRows() throws InterruptedException, IOException, SQLException {
        for (Worker client : clients) {
            client.end();
        }
        return RowComparison.compare(schema.database(), outcomes, true);
    }

    private int nextUsers() {
        return Keyspace.FIRST_USER + clients.size() * USERS_EACH;
    }

    private <T extends AutoCloseable> T keep(T child) {
        started.push(child);
        return child;
    }

    @Override
    public void close() {
        for (AutoCloseable child : started) {
            try {
                child.close();
            } catch (Exception e) {
                throw new IllegalStateException("a process is left running", e);
            }
        }
        schema.close();
    }
}
