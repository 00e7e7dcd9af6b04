package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.FaultyProxy;
import dev.writebehind.testing.FaultyProxy.Mode;
import dev.writebehind.testing.RawHttp;
import dev.writebehind.testing.RawHttp.Answer;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.TestDatabase;
import dev.writebehind.testing.UsedHeap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The database is away for longer than {@code buffer.max-pending} lasts. What is kept, in memory and on disk, is
 * bounded by the keys that wait, whatever is sent.
 */
class BoundIT {
    private static final boolean FULL = Boolean.getBoolean("writebehind.full");
    private static final int MAX_KEYS = FULL ? 20_000 : 2_000;
    private static final int REFUSED = FULL ? 2_000_000 : 60_000;
    private static final int ROUNDS = FULL ? 200 : 40;
    private static final int PIPELINED = 100;
    private static final int SEGMENT_BYTES = 64 * 1024;
    /** A refused request that left 100 bytes behind would show as 6 in the short and 190 in the full run. */
    private static final double MAX_GROWTH_MEBIBYTES = 4;

    @Test
    void bufferIsFull_newKeysAreRefusedAndWhatIsKeptStaysBounded() throws Exception {
        Path journal = TemporaryDirectory.create("journal");
        try (TestDatabase database = TestDatabase.create();
                FaultyProxy proxy = new FaultyProxy(database.port())) {
            double heapBefore;
            double heapAfterRefusals;
            double heapAfterRewrites;
            long journalWhenFull;
            long journalAfterRefusals;
            long journalAtMost = 0;
            try (RunningService service = RunningService.start(
                            database.uriThrough(proxy.port()),
                            "buffer.max-pending=" + MAX_KEYS,
                            "buffer.retain=1h",
                            "database.timeout=30s",
                            "flush.interval=50ms",
                            "flush.max-backoff=100ms",
                            "journal.dir=" + journal,
                            "journal.segment-size=64KiB");
                    RawHttp connection = RawHttp.connect(service.port())) {
                assertThat(states(service, 1)).isEmpty(); // its rows are remembered from now on
                proxy.set(Mode.REFUSE);
                for (int key = 1; key <= MAX_KEYS; key += 500) {
                    assertThat(service.post("", writes(key, 500, 0)).statusCode())
                            .isEqualTo(202);
                }
                journalWhenFull = bytes(journal);

                pipelined(connection, 20 * PIPELINED, BoundIT::ofANewKey, 503);
                heapBefore = UsedHeap.mebibytes();
                pipelined(connection, REFUSED, BoundIT::ofANewKey, 503);
                heapAfterRefusals = UsedHeap.mebibytes();
                journalAfterRefusals = bytes(journal);

                for (int round = 1; round <= ROUNDS; round++) {
                    for (int key = 1; key <= MAX_KEYS; key += 500) {
                        assertThat(service.post("", writes(key, 500, round)).statusCode())
                                .isEqualTo(202);
                    }
                    journalAtMost = Math.max(journalAtMost, bytes(journal));
                }
                heapAfterRewrites = UsedHeap.mebibytes();

                assertThat(service.post("", writes(MAX_KEYS, 2, ROUNDS)).statusCode())
                        .as("one pending key and one new one, all or nothing")
                        .isEqualTo(503);
                assertThat(states(service, 1)).containsExactly("pending " + value(ROUNDS));
                try (RawHttp reader = RawHttp.connect(service.port())) {
                    Answer unread =
                            reader.send(RawHttp.request("GET", read(2), "")).answer();
                    assertThat(unread.status())
                            .as("a read that needs the table")
                            .isEqualTo(503);
                    assertThat(unread.header("retry-after")).isNotEmpty();
                }
                assertThat(service.service().buffer().pendingKeys()).isEqualTo(MAX_KEYS);

                proxy.set(Mode.PASS);
                service.flush();
                assertThat(states(service, 1)).containsExactly("stored " + value(ROUNDS));
                assertThat(service.post("", writes(MAX_KEYS + 1, 1, 0)).statusCode())
                        .isEqualTo(202);
            }
            System.out.printf(
                    Locale.ROOT,
                    "Bound of %,d keys: %,d requests refused, heap %.1f MiB before, %.1f after; %,d further writes to"
                            + " these keys, heap %.1f MiB; journal %,d KiB when full, %,d after the refusals, %,d at"
                            + " the"
                            + " most%n",
                    MAX_KEYS,
                    REFUSED,
                    heapBefore,
                    heapAfterRefusals,
                    (long) ROUNDS * MAX_KEYS,
                    heapAfterRewrites,
                    journalWhenFull >> 10,
                    journalAfterRefusals >> 10,
                    journalAtMost >> 10);
            assertThat(heapAfterRefusals).isLessThan(heapBefore + MAX_GROWTH_MEBIBYTES);
            assertThat(heapAfterRewrites).isLessThan(heapBefore + MAX_GROWTH_MEBIBYTES);
            assertThat(journalAfterRefusals).isLessThan(2 * journalWhenFull + 4 * SEGMENT_BYTES);
            // Twice what is alive, what comes in until the next attempt to flush drops it, and the segments it may
            // keep.
            assertThat(journalAtMost).isLessThan(8 * journalWhenFull + 8 * SEGMENT_BYTES);
            assertThat(database.rows()).isEqualTo(MAX_KEYS + 1);
            assertThat(database.value(
                            "SELECT COUNT(*) FROM completion_blockcompletion WHERE completion = " + value(ROUNDS)))
                    .isEqualTo(String.valueOf(MAX_KEYS));
        }
    }

    /** Sends so many requests, many at a time, each of which must be answered with that status. */
    private static void pipelined(RawHttp connection, int count, IntFunction<byte[]> request, int status) {
        for (int from = 0; from < count; from += PIPELINED) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int i = from; i < from + PIPELINED; i++) {
                bytes.writeBytes(request.apply(i));
            }
            connection.send(bytes.toByteArray());
            for (int i = 0; i < PIPELINED; i++) {
                Answer answer = connection.answer();
                if (answer.status() != status || answer.header("retry-after").isEmpty()) {
                    throw new AssertionError(answer.toString());
                }
            }
        }
    }

    private static byte[] ofANewKey(int number) {
        return RawHttp.request(
                "POST", "/v1/completions", writes(1_000_000 + number, 1, 0), "content-type: application/json");
    }

    /** Each user has one key. */
    private static String writes(int firstUser, int count, int round) {
        return Bodies.array(
                IntStream.range(firstUser, firstUser + count).mapToObj(user -> Bodies.write(user, value(round))));
    }

    private static double value(int round) {
        return round / 256.0;
    }

    private static String read(int user) {
        return "/v1/users/" + user + "/completions?course_key=c";
    }

    private static List<String> states(RunningService service, int user) {
        JsonArray completions = service.read(user, "c").getJsonArray("completions");
        return completions.stream()
                .map(JsonObject.class::cast)
                .map(each -> each.getString("state") + " " + each.getDouble("completion"))
                .toList();
    }

    private static long bytes(Path directory) throws IOException {
        long sum = 0;
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                try {
                    sum += Files.size(file);
                } catch (NoSuchFileException e) {
                    // deleted meanwhile
                }
            }
        }
        return sum;
    }
}
