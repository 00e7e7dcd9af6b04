package dev.writebehind.api;

import static java.util.Objects.requireNonNull;

import dev.writebehind.BenchmarkData;
import dev.writebehind.config.Acknowledgement;
import dev.writebehind.testing.Bodies;
import dev.writebehind.testing.DemoCourse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * As {@link SingleWriteBenchmark}, of keys that do not wait yet: of as many learners as writes, or twenty blocks of
 * each. Part of what they allocate stays in the buffer.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FirstWriteBenchmark {
    private static final int GROUPS = 400;
    private static final int WRITES = GROUPS * SingleWrites.GROUP;
    private static final int PER_LEARNER = 20;
    private static final int FIRST_LEARNER = 1_000_000_000;

    private final byte[][] bodies = DemoCourse.blocks().stream()
            .filter(DemoCourse.Block::reports)
            .limit(PER_LEARNER)
            .map(block -> Bodies.write(FIRST_LEARNER, block.courseKey(), block.key(), 0.5)
                    .getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
    private final int numberAt = new String(bodies[0], StandardCharsets.UTF_8).indexOf(String.valueOf(FIRST_LEARNER));
    private @Nullable SingleWrites writes;
    private int learner = FIRST_LEARNER;
    private int block;
    private int expected;

    @Setup(Level.Trial)
    public void open() throws Exception {
        writes = new SingleWrites();
    }

    @TearDown(Level.Trial)
    public void close() throws Exception {
        BenchmarkData.require(requireNonNull(writes).buffer.pendingKeys() == expected, "another number of keys waits");
        writes.close();
    }

    @Benchmark
    @OperationsPerInvocation(WRITES)
    public int firstOfLearner_ackMemory() throws InterruptedException {
        return take(Acknowledgement.MEMORY, 1);
    }

    @Benchmark
    @OperationsPerInvocation(WRITES)
    public int firstOfLearner_ackJournal() throws InterruptedException {
        return take(Acknowledgement.JOURNAL, 1);
    }

    @Benchmark
    @OperationsPerInvocation(WRITES)
    public int firstOfBlock_ackMemory() throws InterruptedException {
        return take(Acknowledgement.MEMORY, PER_LEARNER);
    }

    @Benchmark
    @OperationsPerInvocation(WRITES)
    public int firstOfBlock_ackJournal() throws InterruptedException {
        return take(Acknowledgement.JOURNAL, PER_LEARNER);
    }

    private int take(Acknowledgement wanted, int perLearner) throws InterruptedException {
        for (int group = 0; group < GROUPS; group++) {
            requireNonNull(writes).take(wanted, () -> nextBody(perLearner));
        }
        expected += WRITES;
        return learner;
    }

    private byte[] nextBody(int perLearner) {
        block = (block + 1) % perLearner;
        if (block == 0) {
            learner++;
        }
        byte[] body = bodies[block];
        int rest = learner;
        for (int at = numberAt + 9; at >= numberAt; at--) {
            body[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return body;
    }
}
