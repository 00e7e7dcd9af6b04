package dev.writebehind.loadtest;

import dev.writebehind.loadtest.comparison.Comparison;
import dev.writebehind.loadtest.comparison.Options;
import dev.writebehind.loadtest.comparison.Progress;
import dev.writebehind.loadtest.comparison.RunFailedException;
import dev.writebehind.loadtest.report.Report;
import dev.writebehind.loadtest.result.Results;
import dev.writebehind.loadtest.result.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The one command: compares direct writes with the service and writes the report. Ctrl-C interrupts the main thread,
 * which then ends what it has started, on the same way as after a failure.
 */
@Command(
        name = "loadtest/run",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        subcommands = ScenarioCommand.class,
        description = "Compares direct writes with the service, on one machine and against one database, and writes a"
                + " report. Exit code 0 if all that must be so is so, 3 if not, 1 if a run failed, 130 after Ctrl-C.")
public final class Main implements Callable<Integer> {
    private static final int NOT_MET = 3;
    private static final int FAILED = 1;
    private static final int INTERRUPTED = 130;
    private static final int CLEAN_UP_SECONDS = 60;

    @Mixin
    private Options options = new Options();

    private final String command;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Progress progress = new Progress(System.out);

    private Main(String command) {
        this.command = command;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new Main(withoutPasswords(args))).execute(args));
    }

    /** Returns the command as it may be shown to others. */
    static String withoutPasswords(String... args) {
        return String.join(" ", "loadtest/run", String.join(" ", args))
                .trim()
                .replaceAll("(://[^:@/ ]*):[^@ ]*@", "$1:…@");
    }

    @Override
    public Integer call() throws Exception {
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> interrupt(main), "interrupt"));
        try {
            return compare();
        } catch (RunFailedException e) {
            progress.say("FAILED during " + progress.current() + ": " + e.getMessage());
            progress.say("Nothing is left running.");
            return FAILED;
        } catch (InterruptedException e) {
            return INTERRUPTED;
        } finally {
            ended.countDown();
        }
    }

    private int compare() throws Exception {
        Path directory = Files.createDirectories(options.directory());
        Results results = new Comparison(options, Path.of("."), directory.resolve("runs"), progress).execute(command);
        Report.write(results, directory);
        boolean met = true;
        for (Verdict verdict : results.verdicts()) {
            progress.say((verdict.met() ? "met      " : "NOT MET  ") + verdict.claim() + ": " + verdict.measured());
            met &= verdict.met();
        }
        progress.say("The report is " + directory.resolve("index.html"));
        return met ? 0 : NOT_MET;
    }

    private void interrupt(Thread main) {
        if (ended.getCount() == 0) {
            return;
        }
        progress.say("Interrupted during " + progress.current() + ": ending what was started");
        main.interrupt();
        try {
            boolean clean = ended.await(CLEAN_UP_SECONDS, TimeUnit.SECONDS);
            progress.say(clean ? "Nothing is left running. There is no report." : "It did not end in time.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
