package dev.writebehind.loadtest.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writebehind.loadtest.comparison.Child;
import dev.writebehind.loadtest.comparison.DatabaseServer;
import dev.writebehind.loadtest.comparison.Processes;
import dev.writebehind.loadtest.comparison.Progress;
import dev.writebehind.loadtest.result.PeerResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The same work for the service's core and other write-behinds, each in fresh processes. Not for concurrent use. */
public final class Peers {
    private static final Duration END = Duration.ofMinutes(10);
    private static final String PACKAGE = "dev.writebehind.loadtest.peers.";

    /**
     * An engine.
     *
     * @param className in the package of engines
     * @param isService whether it runs on the service's jar, not on the peers' libraries
     */
    private record Candidate(String name, String className, boolean isService) {}

    private static final List<Candidate> CANDIDATES = List.of(
            new Candidate("the service's core, ack=memory", "ServiceEngine$Memory", true),
            new Candidate("the service's core, ack=journal", "ServiceEngine$Journaled", true),
            new Candidate("Caffeine and a timer", "CaffeineEngine", false),
            new Candidate("Hazelcast", "HazelcastEngine", false),
            new Candidate("Ehcache", "EhcacheEngine", false),
            new Candidate("Infinispan", "InfinispanEngine", false));

    private final Progress progress;

    public Peers(Progress progress) {
        this.progress = progress;
    }

    /**
     * The results, and where they are from; immutable.
     *
     * @param database what the server calls itself
     */
    public record Outcome(String database, List<PeerResult> results) {
        public Outcome {
            results = List.copyOf(results);
        }
    }

    /**
     * What is to be measured.
     *
     * @param database a server's address; empty starts one
     * @param engines parts of their names; none: all
     * @param warmUp seconds of the same work for other learners before
     */
    public record Plan(String database, List<String> engines, int rounds, int writes, int learners, int warmUp) {
        public Plan {
            engines = List.copyOf(engines);
        }

        private List<Candidate> candidates() {
            return CANDIDATES.stream()
                    .filter(candidate -> engines.isEmpty()
                            || engines.stream()
                                    .anyMatch(name -> candidate.name().contains(name)))
                    .toList();
        }
    }

    /** Measures, the engines taking turns. */
    public Outcome run(Plan plan, Path loadtest, Path files) throws InterruptedException, IOException {
        Processes processes = Processes.built(loadtest);
        List<PeerResult> results = new ArrayList<>();
        try (DatabaseServer server = DatabaseServer.open(plan.database(), files.resolve("mariadb"))) {
            progress.say(server.description());
            for (int round = 1; round <= plan.rounds(); round++) {
                List<Candidate> candidates = plan.candidates();
                for (int i = 0; i < candidates.size(); i++) {
                    Candidate candidate = candidates.get((i + round - 1) % candidates.size());
                    progress.begin(candidate.name());
                    PeerResult result = run(processes, server, files, plan, candidate, round);
                    progress.end(
                            String.format(
                                    Locale.ROOT,
                                    "%,.0f/s, exact after %.1f s, %,d rows, CPU %.1f + %.1f s",
                                    result.acceptedPerSecond(),
                                    result.exactAfter(),
                                    result.rowsSent(),
                                    result.cpu(),
                                    result.databaseCpu()),
                            result.lost() + " lost, " + result.wrong() + " wrong");
                    results.add(result);
                }
            }
            return new Outcome(server.description(), results);
        }
    }

    private static PeerResult run(
            Processes processes, DatabaseServer server, Path files, Plan plan, Candidate candidate, int round)
            throws InterruptedException, IOException {
        try (Site site = Site.open(processes, server.uri(), files, "peer");
                Child child = processes.peer(
                        candidate.isService(),
                        site.directory("engine"),
                        "--engine",
                        PACKAGE + candidate.className(),
                        "--database",
                        site.databaseUri(),
                        "--writes",
                        String.valueOf(plan.writes()),
                        "--learners",
                        String.valueOf(plan.learners()),
                        "--warm-up",
                        String.valueOf(plan.warmUp()))) {
            JsonNode figures = new ObjectMapper().readTree(child.awaitReady(END).group(1));
            return new PeerResult(
                    candidate.name(),
                    round,
                    figures.get("acceptedPerSecond").asDouble(),
                    figures.get("exactAfter").asDouble(),
                    figures.get("rowsSent").asLong(),
                    figures.get("statements").asLong(),
                    figures.get("cpu").asDouble(),
                    figures.get("databaseCpu").asDouble(),
                    figures.get("keys").asLong(),
                    figures.get("lost").asLong(),
                    figures.get("wrong").asLong());
        }
    }
}
