package dev.writebehind.loadtest.report;

import dev.writebehind.loadtest.result.PeerResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The report of the engines at the common work: {@code peers.md}. Stateless, safe from any thread. */
public final class PeersReport {
    private static final String HEAD = """
            | | accepted/s | table exact after, s | rows sent | statements | CPU s | database's CPU s | lost | wrong |
            |---|--:|--:|--:|--:|--:|--:|--:|--:|
            """;

    private PeersReport() {}

    /**
     * Writes it into that directory.
     *
     * @param where machine, database and command
     */
    public static void write(List<PeerResult> results, String where, Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("peers.md"), markdown(results) + "\n" + where + "\n");
    }

    /** Returns a line for each engine: medians over the rounds, and the sum of what was lost or wrong. */
    public static String markdown(List<PeerResult> results) {
        StringBuilder text = new StringBuilder(HEAD);
        for (String engine :
                new LinkedHashSet<>(results.stream().map(PeerResult::engine).toList())) {
            List<PeerResult> own = results.stream()
                    .filter(result -> result.engine().equals(engine))
                    .toList();
            List<String> cells = new ArrayList<>(List.of(engine));
            cells.add(Figures.whole(median(own, PeerResult::acceptedPerSecond)));
            cells.add(Figures.number(median(own, PeerResult::exactAfter)));
            cells.add(Figures.whole(median(own, PeerResult::rowsSent)));
            cells.add(Figures.whole(median(own, PeerResult::statements)));
            cells.add(Figures.number(median(own, PeerResult::cpu)));
            cells.add(Figures.number(median(own, PeerResult::databaseCpu)));
            cells.add(Figures.whole(own.stream().mapToLong(PeerResult::lost).sum()));
            cells.add(Figures.whole(own.stream().mapToLong(PeerResult::wrong).sum()));
            text.append("| ").append(String.join(" | ", cells)).append(" |\n");
        }
        return text.toString();
    }

    /** Returns the median of a figure. */
    static <T> double median(List<T> results, ToDoubleFunction<T> figure) {
        double[] sorted = results.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
