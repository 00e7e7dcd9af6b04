package dev.writebehind.store;

import dev.writebehind.BenchmarkData;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A sorted batch of 500 rows to the parameter of its statement: for each batch. Confined to JMH's thread. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EncodeBenchmark {
    private static final int BATCH = 500;

    private final ReceiptClock clock = new ReceiptClock();
    private final List<CoalescedWrite> batch = BenchmarkData.writes(new KeyPool(), BATCH, 20, 1.0).stream()
            .map(write -> CoalescedWrite.of(write, clock.reserve(1)))
            .sorted(Comparator.comparing(CoalescedWrite::key))
            .toList();

    @Benchmark
    public String encode_batchOf500() {
        String encoded = UpsertSession.encode(batch);
        BenchmarkData.require(encoded.length() > 100 * BATCH, "rows are missing");
        return encoded;
    }
}
