package dev.writebehind.testing;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * How much heap of this process is still needed after garbage collections, sample by sample. Not for concurrent use.
 */
public final class UsedHeap {
    private static final double MEBI = 1 << 20;

    private final long start = System.nanoTime();
    private final List<double[]> samples = new ArrayList<>();

    /** Collects garbage and returns what is left, in MiB. */
    public static double mebibytes() {
        // Twice: the first leaves what is only reachable through references that it clears.
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / MEBI;
    }

    /** Takes a sample. */
    public void sample() {
        double used = mebibytes();
        samples.add(new double[] {(System.nanoTime() - start) / 60e9, used});
    }

    /** Returns how many samples were taken. */
    public int samples() {
        return samples.size();
    }

    /** Returns the minutes between the first and the last sample. */
    public double minutes() {
        return samples.get(samples.size() - 1)[0] - samples.get(0)[0];
    }

    /** Returns by how many MiB a minute the heap grows: the slope of the straight line that fits the samples best. */
    public double slope() {
        double meanTime = samples.stream().mapToDouble(s -> s[0]).average().orElseThrow();
        double meanUsed = samples.stream().mapToDouble(s -> s[1]).average().orElseThrow();
        double products = 0;
        double squares = 0;
        for (double[] sample : samples) {
            products += (sample[0] - meanTime) * (sample[1] - meanUsed);
            squares += (sample[0] - meanTime) * (sample[0] - meanTime);
        }
        return products / squares;
    }
}
