package dev.writebehind.loadtest;

import dev.writebehind.loadtest.comparison.Comparison;
import dev.writebehind.loadtest.comparison.Options;
import dev.writebehind.loadtest.comparison.Progress;
import dev.writebehind.loadtest.report.Report;
import dev.writebehind.loadtest.result.Results;
import dev.writebehind.loadtest.result.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The one command: compares direct writes with the service and writes the report. Used by the main thread. */
@Command(
        name = "loadtest/run",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        subcommands = {
            ScenarioCommand.class,
            BenchCommand.class,
            PeersCommand.class,
            SharedLogCommand.class,
            CurveCommand.class
        },
        description = "Compares direct writes with the service, on one machine and against one database, and writes a"
                + " report. Exit code 0 if all that must be so is so, 3 if not, 1 if a run failed, 130 after Ctrl-C.")
public final class Main implements Callable<Integer> {
    private static final int NOT_MET = 3;

    @Mixin
    private Options options = new Options();

    private final String command;
    private final Progress progress = new Progress(System.out);

    private Main(String command) {
        this.command = command;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new Main(withoutPasswords(args)))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    /** Returns the command as it may be shown to others. */
    static String withoutPasswords(String... args) {
        return String.join(" ", "loadtest/run", String.join(" ", args))
                .trim()
                .replaceAll("(://[^:@/ ]*):[^@ ]*@", "$1:…@");
    }

    @Override
    public Integer call() throws Exception {
        return OrderlyEnd.of(this::compare, progress);
    }

    /** Returns a directory that was given, from where the command was called, or the other. */
    static Path output(String given, Path otherwise) {
        return given.isEmpty()
                ? otherwise
                : Path.of(System.getProperty("loadtest.from", ".")).resolve(given);
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
}
