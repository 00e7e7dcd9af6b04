package dev.writebehind.journal.kafka;

import dev.writebehind.config.KafkaSettings;
import dev.writebehind.journal.Election;
import dev.writebehind.testing.ChildProcess;
import dev.writebehind.testing.Command;
import dev.writebehind.testing.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A process that stands for election and prints what it hears, with the time, until its standard input ends. Safe for
 * any thread.
 */
final class ElectionProcess implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("standing");
    private static final String NEWS = "news ";

    private final ChildProcess process;

    private ElectionProcess(ChildProcess process) {
        this.process = process;
    }

    /** What was heard, and when, milliseconds since the epoch. */
    record News(boolean elected, long at) {}

    /** Stands for election there. */
    public static void main(String[] args) throws IOException {
        KafkaSettings settings = new KafkaSettings(
                args[0], args[1], null, Duration.ZERO, Duration.ofMillis(Long.parseLong(args[2])), 1_000, null);
        KafkaElection election = KafkaElection.of(settings, Clients.of(settings), args[1]);
        election.begin(new Election.Candidate() {
            @Override
            public void elected() {
                System.out.println(NEWS + true + " " + System.currentTimeMillis());
            }

            @Override
            public void dismissed() {
                System.out.println(NEWS + false + " " + System.currentTimeMillis());
            }
        });
        System.out.println("standing");
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (input.readLine() != null) {
            System.out.println("nothing is to be told to it");
        }
        Runtime.getRuntime().halt(0);
    }

    static ElectionProcess start(String bootstrapServers, String topic, Duration session) {
        return new ElectionProcess(JavaCommand.of(
                        ElectionProcess.class,
                        List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                        bootstrapServers,
                        topic,
                        String.valueOf(session.toMillis()))
                .readyAt(READY)
                .start());
    }

    /** Returns what it has heard so far. */
    List<News> news() {
        return process.output().stream()
                .filter(line -> line.startsWith(NEWS))
                .map(line -> line.split(" ", -1))
                .map(words -> new News(Boolean.parseBoolean(words[1]), Long.parseLong(words[2])))
                .toList();
    }

    boolean isElected() {
        List<News> news = news();
        return !news.isEmpty() && news.get(news.size() - 1).elected();
    }

    void kill() {
        process.close();
    }

    void pause() {
        signal("-STOP");
    }

    void resume() {
        signal("-CONT");
    }

    private void signal(String signal) {
        if (!Command.run("kill", signal, String.valueOf(process.pid()))) {
            throw new IllegalStateException("the process got no " + signal);
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
