package dev.writebehind.loadtest.result;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/**
 * One piece of the service beside what limits it, in interleaved slices; immutable.
 *
 * @param name short
 * @param what was done on either side, in a sentence or two
 * @param unit writes or rows
 * @param limit the side that the others are divided by
 * @param slices in the order in which they were measured
 */
public record Benchmark(String name, String what, String unit, String limit, List<Slice> slices) {
    public Benchmark {
        slices = List.copyOf(slices);
    }

    /** Returns the sides in the order in which they were first measured. */
    public List<String> sides() {
        Set<String> sides = new LinkedHashSet<>();
        slices.forEach(slice -> sides.add(slice.side()));
        return List.copyOf(sides);
    }

    /** Returns the processes whose time was measured. */
    public Set<String> processes() {
        Set<String> processes = new TreeSet<>();
        slices.forEach(slice -> processes.addAll(slice.cpuMicros().keySet()));
        return processes;
    }

    /** Returns the median of a figure of a side; not a number where there is none. */
    public double median(String side, ToDoubleFunction<Slice> figure) {
        return median(of(side).stream().mapToDouble(figure).toArray());
    }

    /** Returns the median over all rounds of the figure of a side divided by that of the limit in the same round. */
    public double ratio(String side, ToDoubleFunction<Slice> figure) {
        return median(of(side).stream()
                .mapToDouble(slice -> of(limit).stream()
                        .filter(other -> other.round() == slice.round())
                        .mapToDouble(other -> figure.applyAsDouble(slice) / figure.applyAsDouble(other))
                        .findFirst()
                        .orElse(Double.NaN))
                .toArray());
    }

    /** Returns how many requests were not acknowledged. */
    public long failed() {
        return slices.stream().mapToLong(Slice::failed).sum();
    }

    private List<Slice> of(String side) {
        return slices.stream().filter(slice -> slice.side().equals(side)).toList();
    }

    private static double median(double... values) {
        double[] sorted =
                Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
        if (sorted.length == 0) {
            return Double.NaN;
        }
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
