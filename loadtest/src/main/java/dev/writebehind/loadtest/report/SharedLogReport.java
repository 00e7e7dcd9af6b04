package dev.writebehind.loadtest.report;

import dev.writebehind.loadtest.result.LogTrial;
import dev.writebehind.loadtest.result.SharedLogResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;

/** The report of the service beside a bridge and a sink: {@code shared-log.md}. Stateless, safe from any thread. */
public final class SharedLogReport {
    private static final String HEAD = """
            | | accepted/s | p99, ms | table exact after, s | statements | rows to insert | rows updated | CPU s | brokers' CPU s \
            | database's CPU s | rows that differ |
            |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
            """;

    private static final String TRIALS_HEAD = """
            | trial | | rows missing | rows wrong | what it says |
            |---|---|--:|--:|---|
            """;

    private SharedLogReport() {}

    /**
     * Writes it into that directory.
     *
     * @param where machine, database and command
     */
    public static void write(List<SharedLogResult> results, List<LogTrial> trials, String where, Path directory)
            throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("shared-log.md"), markdown(results, trials) + "\n" + where + "\n");
    }

    /** Returns a line for each side, medians over the rounds and the sum of what differs; then the trials. */
    public static String markdown(List<SharedLogResult> results, List<LogTrial> trials) {
        StringBuilder text = new StringBuilder(HEAD);
        for (String side :
                new LinkedHashSet<>(results.stream().map(SharedLogResult::side).toList())) {
            List<SharedLogResult> own = results.stream()
                    .filter(result -> result.side().equals(side))
                    .toList();
            row(
                    text,
                    List.of(
                            side,
                            Figures.whole(PeersReport.median(own, SharedLogResult::acceptedPerSecond)),
                            Figures.number(PeersReport.median(own, SharedLogResult::p99)),
                            Figures.number(PeersReport.median(own, SharedLogResult::exactAfter)),
                            Figures.whole(PeersReport.median(own, SharedLogResult::statements)),
                            Figures.whole(PeersReport.median(own, SharedLogResult::writes)),
                            Figures.whole(PeersReport.median(own, SharedLogResult::updates)),
                            Figures.number(PeersReport.median(own, SharedLogResult::cpu)),
                            Figures.number(PeersReport.median(own, SharedLogResult::brokersCpu)),
                            Figures.number(PeersReport.median(own, SharedLogResult::databaseCpu)),
                            different(own)));
        }
        if (!trials.isEmpty()) {
            text.append('\n').append(TRIALS_HEAD);
        }
        for (LogTrial trial : trials) {
            row(
                    text,
                    List.of(
                            trial.trial(),
                            trial.side(),
                            trial.missing() + " of " + trial.keys(),
                            String.valueOf(trial.wrong()),
                            trial.told().replace("|", "/")));
        }
        return text.toString();
    }

    private static void row(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static String different(List<SharedLogResult> own) {
        return own.stream().mapToLong(SharedLogResult::different).sum() + " of "
                + own.stream().mapToLong(SharedLogResult::keys).sum();
    }
}
