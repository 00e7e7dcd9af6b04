package dev.writebehind.loadtest.bench;

import dev.writebehind.loadtest.raw.Keyspace;
import dev.writebehind.loadtest.result.LogTrial;
import dev.writebehind.testing.TestDatabase;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The keys of a trial, learners with some blocks of one course each, and what the table must hold of them. */
final class TrialRows {
    static final String COURSE = "course-v1:Trial+T1+2026";

    private static final int BLOCKS = 25;
    /** Keys of a request. */
    private static final int ARRAY = 100;

    private final int keys;
    private final Map<String, Double> expected = new HashMap<>();

    TrialRows(int keys) {
        this.keys = keys;
    }

    /** Sends every key with one value, in requests of some. */
    void write(RunningTarget target, double value) throws InterruptedException, IOException {
        write(target, value, key -> true);
    }

    /** Sends those keys with one value, in requests of some; from then on the table must hold that. */
    void write(RunningTarget target, double value, IntPredicate which) throws InterruptedException, IOException {
        int[] chosen = IntStream.range(0, keys).filter(which).toArray();
        for (int from = 0; from < chosen.length; from += ARRAY) {
            target.send("POST", "/v1/completions", body(chosen, from, value));
        }
        IntStream.of(chosen).forEach(key -> expected.put(id(key), value));
    }

    /** Has a bridge append what deletes each row; from then on the table must hold none. */
    void delete(RunningTarget bridge) throws InterruptedException, IOException {
        int[] all = IntStream.range(0, keys).toArray();
        for (int from = 0; from < keys; from += ARRAY) {
            bridge.send("DELETE", "/v1/completions", body(all, from, 0));
        }
        expected.clear();
    }

    /** Says that the table must not hold that key, or any. */
    void forget(IntPredicate which) {
        IntStream.range(0, keys).filter(which).forEach(key -> expected.remove(id(key)));
    }

    /** Returns the learners. */
    IntStream users() {
        return IntStream.range(0, keys).map(TrialRows::user).distinct();
    }

    /** Compares them with the table. */
    LogTrial compare(TestDatabase database, String trial, String side, String told) {
        Map<String, Double> left = new HashMap<>(expected);
        int wrong = 0;
        for (List<String> row :
                database.query("SELECT user_id, block_key, completion FROM completion_blockcompletion")) {
            Double value = left.remove(row.get(0) + " " + row.get(1));
            wrong += value == null || value != Double.parseDouble(row.get(2)) ? 1 : 0;
        }
        return new LogTrial(trial, side, expected.size(), left.size(), wrong, told);
    }

    private String body(int[] chosen, int from, double value) {
        return IntStream.range(from, Math.min(chosen.length, from + ARRAY))
                .mapToObj(i -> "{\"user_id\":" + user(chosen[i]) + ",\"course_key\":\"" + COURSE + "\",\"block_key\":\""
                        + block(chosen[i]) + "\",\"completion\":" + value + "}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String id(int key) {
        return user(key) + " " + block(key);
    }

    private static int user(int key) {
        return Keyspace.FIRST_USER + key / BLOCKS;
    }

    private static String block(int key) {
        return "block-v1:Trial+T1+2026+type@video+block@" + key % BLOCKS;
    }
}
