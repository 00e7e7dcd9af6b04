package dev.writebehind.loadtest.baseline;

import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseKey;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.store.UpsertSession;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Encoded batches of distinct rows, as the flusher cuts them where it knows which rows are there: some rows are drained
 * at random, new ones apart, sorted by the unique key, and cut into a batch for each lane; immutable.
 *
 * @param before the rows that are to be there already
 * @param measured new rows, and changes of all those that are there
 */
record UpsertBatches(List<Encoded> before, List<Encoded> measured) {
    private static final int BLOCKS_PER_COURSE = 300;
    private static final long SEED = 1;

    UpsertBatches {
        before = List.copyOf(before);
        measured = List.copyOf(measured);
    }

    /**
     * One batch; immutable.
     *
     * @param present whether its rows are there
     */
    record Encoded(String json, int rows, boolean present) {}

    /** Encodes batches for that many rows, of which that share is new. */
    static UpsertBatches encode(int rows, double newShare, int learners, int batch, int lanes) {
        KeyPool keys = new KeyPool();
        List<CompletionKey> shuffled = new ArrayList<>(
                IntStream.range(0, rows).mapToObj(i -> key(i, learners, keys)).toList());
        Collections.shuffle(shuffled, new Random(SEED));
        List<CompletionKey> old = shuffled.subList(0, (int) Math.round(rows * (1 - newShare)));
        ReceiptClock clock = new ReceiptClock();
        List<Encoded> before = new Cutting(clock, batch, lanes).encode(old, 0.5, false);
        Set<CompletionKey> isOld = Set.copyOf(old);
        Collections.shuffle(shuffled, new Random(SEED + 1));
        List<CompletionKey> fresh =
                shuffled.stream().filter(key -> !isOld.contains(key)).toList();
        List<CompletionKey> known = shuffled.stream().filter(isOld::contains).toList();
        Cutting measured = new Cutting(clock, batch, lanes);
        return new UpsertBatches(before, mixed(measured.encode(fresh, 1.0, false), measured.encode(known, 1.0, true)));
    }

    /** Returns the batches of both in their order, spread evenly. */
    private static List<Encoded> mixed(List<Encoded> some, List<Encoded> others) {
        List<Encoded> mixed = new ArrayList<>();
        int taken = 0;
        for (int i = 0; i < some.size(); i++) {
            mixed.add(some.get(i));
            int upTo = others.size() * (i + 1) / some.size();
            mixed.addAll(others.subList(taken, upTo));
            taken = upTo;
        }
        mixed.addAll(others.subList(taken, others.size()));
        return mixed;
    }

    private static CompletionKey key(int index, int learners, KeyPool keys) {
        int block = index / learners;
        String run = "OpenedX+DemoX+Run" + block / BLOCKS_PER_COURSE;
        CourseKey course = keys.course("course-v1:" + run);
        BlockKey blockKey = keys.block(
                "block-v1:%s+type@html+block@%032x".formatted(run, 0x9e3779b97f4a7c15L * (block % BLOCKS_PER_COURSE)));
        return new CompletionKey(index % learners + 1, course, blockKey);
    }

    /** The way that drained rows become batches. */
    private record Cutting(ReceiptClock clock, int batch, int lanes) {
        List<Encoded> encode(List<CompletionKey> keys, double completion, boolean present) {
            List<Encoded> batches = new ArrayList<>();
            for (int drained = 0; drained < keys.size(); drained += batch * lanes) {
                List<CoalescedWrite> writes =
                        keys.subList(drained, Math.min(keys.size(), drained + batch * lanes)).stream()
                                .map(key -> CoalescedWrite.of(new CompletionWrite(key, completion), clock.reserve(1)))
                                .sorted(Comparator.comparing(CoalescedWrite::key))
                                .toList();
                for (int i = 0; i < writes.size(); i += batch) {
                    List<CoalescedWrite> cut = writes.subList(i, Math.min(writes.size(), i + batch));
                    batches.add(new Encoded(UpsertSession.encode(cut), cut.size(), present));
                }
            }
            return batches;
        }
    }
}
