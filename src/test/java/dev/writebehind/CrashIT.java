package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.learnerday.ReferenceModel.ActualRow;
import dev.writebehind.testing.Alone;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.ChildService;
import dev.writebehind.testing.Naps;
import dev.writebehind.testing.Patience;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * {@code kill -9} at a random instant under load, then a new start on the same journal: every acknowledged write must
 * be in the table, or a newer one of its key. Each sender writes keys of its own, with rising values, so that what was
 * acknowledged last is known without a clock.
 */
@Alone
class CrashIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final int SENDERS = 4;
    private static final int KEYS = 300;
    private static final int STEPS = 1_000_000;

    @Test
    void killNine_underLoad_losesNothingAcknowledgedByTheJournal() throws Exception {
        int rounds = FULL ? 100 : 3;
        Outcome outcome = crash("?ack=journal", rounds);

        System.out.printf(
                "kill -9, ack=journal: %d rounds, %d writes and %d resets acknowledged, %d missing, %d back, %d"
                        + " replayed"
                        + " at the most%n",
                rounds,
                outcome.acknowledged(),
                outcome.resets(),
                outcome.missing(),
                outcome.undone(),
                outcome.replayed());
        assertThat(outcome.acknowledged()).isGreaterThan(rounds * 50L);
        assertThat(outcome.replayed()).as("some round left something to replay").isPositive();
        assertThat(outcome.missing()).isZero();
        assertThat(outcome.resets()).as("acknowledged resets").isPositive();
        assertThat(outcome.undone())
                .as("rows that an acknowledged reset had deleted")
                .isZero();
    }

    @Test
    void killNine_underLoad_losesAtMostTheLastIntervalOfMemoryAcknowledgements() throws Exception {
        int rounds = FULL ? 20 : 1;
        Outcome outcome = crash("?ack=memory", rounds);

        System.out.printf(
                "kill -9, ack=memory: %d rounds, %d writes acknowledged, %d keys behind, oldest of these by %d ms%n",
                rounds, outcome.acknowledged(), outcome.missing(), outcome.oldestMissingMillis());
        assertThat(outcome.oldestMissingMillis()).isLessThan(5_000);
    }

    /** Each row and its entry are committed together, whenever the end comes. */
    @Test
    void killNine_underLoad_leavesNoRowOfWhichTheLmsIsNotTold() throws Exception {
        int rounds = FULL ? 20 : 2;
        Outcome outcome = crash("?ack=journal", rounds, "openedx.announce=true");

        System.out.printf(
                "kill -9, openedx.announce: %d rounds, %d writes and %d resets acknowledged, %d missing, %d untold%n",
                rounds, outcome.acknowledged(), outcome.resets(), outcome.missing(), outcome.untold());
        assertThat(outcome.replayed()).as("some round left something to replay").isPositive();
        assertThat(outcome.missing()).isZero();
        assertThat(outcome.untold()).isZero();
    }

    private record Outcome(
            long acknowledged,
            long resets,
            long missing,
            long undone,
            long replayed,
            long oldestMissingMillis,
            long untold) {}

    /** What a sender was told: the newest acknowledged write of each key since its last reset, and where that was. */
    private static final class Told {
        final Map<String, Acknowledged> newest = new HashMap<>();
        double resetAt = -1;
        long resets;
    }

    /** What a sender was told last of a key, and when, in {@link Naps}. */
    private record Acknowledged(double value, long atNanos) {}

    private static Outcome crash(String query, int rounds, String... settings) throws Exception {
        Random random = new Random(5);
        Map<Integer, Told> told = new HashMap<>();
        for (int sender = 1; sender <= SENDERS; sender++) {
            told.put(sender, new Told());
        }
        AtomicLong acknowledged = new AtomicLong();
        AtomicLong step = new AtomicLong();
        long missing = 0;
        long undone = 0;
        long replayed = 0;
        long oldestMissing = 0;
        long untold = 0;
        Path journal = TemporaryDirectory.create("journal");
        try (TestDatabase database = TestDatabase.create()) {
            for (int round = 0; round < rounds; round++) {
                long killedAt;
                try (ChildService service = start(database, journal, settings)) {
                    replayed = Math.max(replayed, replayed(service));
                    killedAt = loadAndKill(service, query, random, told, acknowledged, step);
                }
                try (ChildService service = start(database, journal, settings)) {
                    replayed = Math.max(replayed, replayed(service));
                    assertThat(service.manage("POST", "/admin/flush").statusCode())
                            .isEqualTo(200);
                    untold += settings.length == 0 ? 0 : untold(database);
                    Map<String, Double> table = table(database);
                    for (var sender : told.entrySet()) {
                        undone += table.entrySet().stream()
                                .filter(row -> row.getKey().startsWith(sender.getKey() + " "))
                                .filter(row -> row.getValue() <= sender.getValue().resetAt)
                                .count();
                        for (var key : sender.getValue().newest.entrySet()) {
                            Double stored = table.get(sender.getKey() + " " + key.getKey());
                            if (stored == null || stored < key.getValue().value()) {
                                missing++;
                                oldestMissing = Math.max(
                                        oldestMissing, killedAt - key.getValue().atNanos());
                            }
                        }
                    }
                    service.kill();
                }
            }
        }
        long resets = told.values().stream().mapToLong(sender -> sender.resets).sum();
        return new Outcome(acknowledged.get(), resets, missing, undone, replayed, oldestMissing / 1_000_000, untold);
    }

    private static long untold(TestDatabase database) {
        return Long.parseLong(database.value(AnnounceIT.UNTOLD)) + Long.parseLong(database.value(AnnounceIT.NEW_ONES));
    }

    private static ChildService start(TestDatabase database, Path journal, String... settings) {
        List<String> all = new ArrayList<>(
                List.of("journal.dir=" + journal, "journal.segment-size=64KiB", "flush.interval=100ms"));
        all.addAll(List.of(settings));
        return ChildService.start(database.uri(), all.toArray(String[]::new));
    }

    private static long loadAndKill(
            ChildService service,
            String query,
            Random random,
            Map<Integer, Told> told,
            AtomicLong acknowledged,
            AtomicLong step)
            throws InterruptedException {
        CountDownLatch loaded = new CountDownLatch(300 + random.nextInt(700));
        List<Thread> senders = new ArrayList<>();
        for (int sender = 1; sender <= SENDERS; sender++) {
            int user = sender;
            long seed = random.nextLong();
            Thread thread =
                    new Thread(() -> send(service, query, user, seed, told.get(user), acknowledged, step, loaded));
            thread.start();
            senders.add(thread);
        }
        assertThat(loaded.await(Patience.VERY_LONG.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        Thread.sleep(random.nextInt(120)); // a random instant, not a time to wait for something
        long killedAt = Naps.nanos();
        service.kill();
        for (Thread thread : senders) {
            thread.join();
        }
        return killedAt;
    }

    private static void send(
            ChildService service,
            String query,
            int user,
            long seed,
            Told told,
            AtomicLong acknowledged,
            AtomicLong step,
            CountDownLatch loaded) {
        Random random = new Random(seed);
        try {
            while (true) {
                if (random.nextInt(100) == 0) {
                    reset(service, user, told, (double) step.get() / STEPS);
                }
                String block = "b" + random.nextInt(KEYS);
                double value = (double) step.incrementAndGet() / STEPS;
                HttpResponse<String> answer = service.post(query, Bodies.write(user, "course-v1:O+C+R", block, value));
                if (answer.statusCode() == 202) {
                    told.newest.put(block, new Acknowledged(value, Naps.nanos()));
                    acknowledged.incrementAndGet();
                    loaded.countDown();
                }
            }
        } catch (IOException e) {
            // killed: the write under way was not acknowledged
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A reset that is under way when the service is killed may have been carried out or not. */
    private static void reset(ChildService service, int user, Told told, double at)
            throws IOException, InterruptedException {
        told.newest.clear();
        HttpResponse<String> answer = service.delete("/v1/users/" + user + "/completions?course_key=course-v1:O+C+R");
        if (answer.statusCode() == 202) {
            told.resetAt = at;
            told.resets++;
        }
    }

    private static long replayed(ChildService service) {
        service.uri("/");
        return service.output().stream()
                .filter(line -> line.contains("Replayed "))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*Replayed (\\d+) keys.*", "$1")))
                .sum();
    }

    private static Map<String, Double> table(TestDatabase database) {
        Map<String, Double> table = new HashMap<>();
        for (ActualRow row : LearnerDayIT.rows(database)) {
            table.put(row.userId() + " " + row.blockKey(), row.completion());
        }
        return table;
    }
}
