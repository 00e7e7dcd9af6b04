package dev.writebehind.loadtest.traffic;

import java.util.ArrayList;
import java.util.List;

/**
 * The change of a schedule's rate with time, as multiples of its nominal rate; immutable. It stretches a steady
 * schedule so that each learner's order stays.
 */
public final class Profile {
    private static final double SLOT = 0.05;

    /** Always the nominal rate. */
    static final Profile STEADY = new Profile(List.of());

    /** By the end of each slot, the seconds that a steady schedule would have taken. */
    private final double[] steady;

    private final double last;

    private Profile(List<Double> multiples) {
        steady = new double[multiples.size()];
        double sum = 0;
        for (int slot = 0; slot < steady.length; slot++) {
            sum += multiples.get(slot) * SLOT;
            steady[slot] = sum;
        }
        last = multiples.isEmpty() ? 1 : multiples.get(multiples.size() - 1);
    }

    /** A ramp from one multiple to another in that many seconds; a rate of 0 is not possible. */
    public record Ramp(double seconds, double from, double to) {
        public Ramp {
            if (from <= 0 || to <= 0 || seconds < 0) {
                throw new IllegalArgumentException("a ramp goes from a positive rate to another");
            }
        }
    }

    /** Returns one ramp after the other; the last multiple lasts for ever. */
    public static Profile of(List<Ramp> ramps) {
        List<Double> multiples = new ArrayList<>();
        for (Ramp ramp : ramps) {
            long slots = Math.round(ramp.seconds() / SLOT);
            for (int slot = 0; slot < slots; slot++) {
                multiples.add(ramp.from() + (ramp.to() - ramp.from()) * (slot + 0.5) / slots);
            }
        }
        return new Profile(multiples);
    }

    /** Returns when that is due which would be due so many seconds after the start of a steady schedule. */
    double stretch(double seconds) {
        int low = 0;
        int high = steady.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (steady[middle] < seconds) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        double before = low == 0 ? 0 : steady[low - 1];
        double multiple = low == steady.length ? last : (steady[low] - before) / SLOT;
        return low * SLOT + (seconds - before) / multiple;
    }
}
