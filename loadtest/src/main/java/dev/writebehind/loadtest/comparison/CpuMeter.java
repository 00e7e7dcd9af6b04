package dev.writebehind.loadtest.comparison;

import dev.writebehind.loadtest.result.CpuUse;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Processor time of the processes of a run, as Linux counts it; 0 for what it does not tell. Not for concurrent use.
 */
public final class CpuMeter {
    private static final Path PROC = Path.of("/proc");
    /** Linux counts in hundredths of a second for everybody outside the kernel. */
    private static final double TICKS = 100;

    private final long target;
    private final long client;
    private final OptionalLong database;
    private Sample begin;
    private Sample end;

    private record Sample(long nanos, double target, double client, double database, double machine) {}

    CpuMeter(long target, long client, int databasePort) {
        this.target = target;
        this.client = client;
        this.database = listenerOn(databasePort);
        this.begin = sample();
        this.end = begin;
    }

    void begin() {
        begin = sample();
    }

    /** Notes what was used until now, for as long as all processes are there. */
    void look() {
        Sample now = sample();
        if (now.client >= end.client && now.target >= end.target) {
            end = now; // a process that has just ended tells nothing any more
        }
    }

    /** Returns cores in use from {@link #begin} to the last look. */
    CpuUse use() {
        double seconds = (end.nanos - begin.nanos) / 1e9;
        return new CpuUse(
                Math.max(0, end.target - begin.target) / seconds,
                Math.max(0, end.client - begin.client) / seconds,
                Math.max(0, end.database - begin.database) / seconds,
                Math.max(0, end.machine - begin.machine) / seconds);
    }

    private Sample sample() {
        return new Sample(
                System.nanoTime(),
                seconds(target),
                seconds(client),
                database.isPresent() ? seconds(database.getAsLong()) : 0,
                machine());
    }

    /** Returns the processor time that a process has used. */
    public static double seconds(long pid) {
        return ProcessHandle.of(pid)
                        .flatMap(process -> process.info().totalCpuDuration())
                        .orElse(Duration.ZERO)
                        .toMillis()
                / 1_000.0;
    }

    /** Everything but idle and waiting for disks. */
    private static double machine() {
        try {
            String[] ticks = Files.readAllLines(PROC.resolve("stat")).get(0).split(" +", -1);
            double busy = 0;
            for (int column : new int[] {1, 2, 3, 6, 7}) {
                busy += Long.parseLong(ticks[column]);
            }
            return busy / TICKS;
        } catch (IOException e) {
            return 0;
        }
    }

    /** Returns the process that listens on that port of this machine. */
    public static OptionalLong listenerOn(int port) {
        try {
            String suffix = String.format(Locale.ROOT, ":%04X", port);
            List<String> listening = new ArrayList<>(Files.readAllLines(PROC.resolve("net/tcp")));
            // Java listens there for both kinds of addresses.
            listening.addAll(Files.readAllLines(PROC.resolve("net/tcp6")));
            List<String> sockets = listening.stream()
                    .map(line -> line.trim().split(" +", -1))
                    .filter(cells -> cells[1].endsWith(suffix) && cells[3].equals("0A"))
                    .map(cells -> "socket:[" + cells[9] + "]")
                    .toList();
            try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
                for (Path process : processes) {
                    if (holds(process.resolve("fd"), sockets)) {
                        return OptionalLong.of(
                                Long.parseLong(process.getFileName().toString()));
                    }
                }
            }
        } catch (IOException e) {
            return OptionalLong.empty();
        }
        return OptionalLong.empty();
    }

    private static boolean holds(Path files, List<String> sockets) {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(files)) {
            for (Path file : open) {
                if (sockets.contains(Files.readSymbolicLink(file).toString())) {
                    return true;
                }
            }
        } catch (IOException e) {
            return false; // gone meanwhile, or somebody else's
        }
        return false;
    }
}
