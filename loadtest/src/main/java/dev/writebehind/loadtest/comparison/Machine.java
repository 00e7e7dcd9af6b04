package dev.writebehind.loadtest.comparison;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The description of the machine; stateless. */
public final class Machine {
    private Machine() {}

    /** Returns it in a line. */
    public static String description() {
        return String.format(
                Locale.ROOT,
                "%d cores (%s), %s of memory, %s %s, Java %s",
                Runtime.getRuntime().availableProcessors(),
                line("/proc/cpuinfo", "model name"),
                memory(),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                System.getProperty("java.version"));
    }

    private static String memory() {
        String kib = line("/proc/meminfo", "MemTotal").replaceAll("[^0-9]", "");
        return kib.isEmpty() ? "?" : Math.round(Long.parseLong(kib) / 1024.0 / 1024.0) + " GiB";
    }

    private static String line(String file, String name) {
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse("?");
        } catch (IOException e) {
            return "?";
        }
    }
}
