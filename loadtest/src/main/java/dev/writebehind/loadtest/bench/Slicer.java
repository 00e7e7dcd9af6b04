package dev.writebehind.loadtest.bench;

import dev.writebehind.loadtest.comparison.CpuMeter;
import dev.writebehind.loadtest.comparison.Progress;
import dev.writebehind.loadtest.result.Slice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The measuring of several sides in turn, slice by slice, so that whatever changes on the machine in time meets all of
 * them. Not for concurrent use.
 */
final class Slicer {
    private final OptionalLong database;
    private final Turns turns;
    private final Progress progress;

    /**
     * Creates one.
     *
     * @param databasePort whose listener's time is measured, where it is on this machine
     */
    Slicer(int databasePort, Turns turns, Progress progress) {
        this.database = CpuMeter.listenerOn(databasePort);
        this.turns = turns;
        this.progress = progress;
    }

    /**
     * How often and how long.
     *
     * @param rounds slices of each side
     * @param seconds of a slice
     * @param warmUp seconds of each side before the first, for its code to be compiled
     */
    record Turns(int rounds, double seconds, double warmUp) {}

    /**
     * One side.
     *
     * @param processes whose time is measured, by name
     */
    record Side(String name, Work work, Map<String, Long> processes) {
        Side {
            processes = Map.copyOf(processes);
        }
    }

    /** What a side does for so many seconds. */
    interface Work {
        Worker.Done go(double seconds) throws InterruptedException, IOException;
    }

    /** Warms each side up, then measures them in turn. */
    List<Slice> interleave(List<Side> sides) throws InterruptedException, IOException {
        for (Side side : sides) {
            side.work().go(turns.warmUp());
        }
        List<Slice> slices = new ArrayList<>();
        for (int round = 1; round <= turns.rounds(); round++) {
            for (int at = 0; at < sides.size(); at++) {
                slices.add(measure(sides.get((at + round - 1) % sides.size()), round));
            }
        }
        return slices;
    }

    private Slice measure(Side side, int round) throws InterruptedException, IOException {
        Map<String, Double> before = processorSeconds(side);
        Worker.Done done = side.work().go(turns.seconds());
        Map<String, Double> cpu = new HashMap<>();
        processorSeconds(side)
                .forEach((name, used) ->
                        cpu.put(name, Math.max(0, used - before.getOrDefault(name, 0.0)) * 1e6 / done.units()));
        Slice slice = done.slice(side.name(), round, cpu);
        progress.say(String.format(
                Locale.ROOT,
                "  %d %-28s %,12.0f/s  p50 %8.3f ms  p99 %8.3f ms  µs each %s",
                round,
                side.name(),
                slice.perSecond(),
                slice.p50(),
                slice.p99(),
                rounded(slice.cpuMicros())));
        return slice;
    }

    private static String rounded(Map<String, Double> cpu) {
        List<String> texts = new ArrayList<>();
        cpu.forEach((name, micros) -> texts.add(String.format(Locale.ROOT, "%s %.1f", name, micros)));
        return String.join(", ", texts);
    }

    private Map<String, Double> processorSeconds(Side side) {
        Map<String, Double> seconds = new HashMap<>();
        side.processes().forEach((name, pid) -> seconds.put(name, CpuMeter.seconds(pid)));
        database.ifPresent(pid -> seconds.put("database", CpuMeter.seconds(pid)));
        return seconds;
    }
}
