package dev.writebehind.cli;

import dev.writebehind.OutOfMemory;
import dev.writebehind.config.InvalidSettingException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The process's entry: the commands put together, and what they answer to mistakes. Used by the main thread. */
public final class Main {
    private static final Logger log = LoggerFactory.getLogger(Main.class);

    private Main() {}

    /** Runs a command and, unless it is {@code serve}, ends the process with its exit code. */
    public static void main(String[] args) {
        OutOfMemory.endsTheProcess();
        int status = commands(System.getenv(), System.out, System.err, () -> {}).execute(args);
        if (status != ServeCommand.SERVES) {
            System.exit(status);
        }
    }

    /**
     * Returns all commands, ready to be executed.
     *
     * @param environment where settings may come from
     * @param afterStop is run by the end of {@code serve}, when the service has stopped
     */
    static CommandLine commands(Map<String, String> environment, PrintStream out, PrintStream err, Runnable afterStop) {
        SettingsSource settings = new SettingsSource(environment);
        ServeCommand serve = new ServeCommand(settings, afterStop);
        boolean outIsTerminal = out == System.out && Terminal.isAt(Terminal.OUT);
        boolean errIsTerminal = err == System.err && Terminal.isAt(Terminal.ERR);
        return new CommandLine(new WritebehindCommand(serve))
                .addMixin("settings", settings)
                .addSubcommand(serve)
                .addSubcommand(new StatusCommand(settings, out, err, outIsTerminal))
                .addSubcommand(new FlushCommand(settings, out, err))
                .addSubcommand(new PauseCommand(settings, out, err))
                .addSubcommand(new ResumeCommand(settings, out, err))
                .addSubcommand(new ReloadCommand(settings, out, err))
                .addSubcommand(DeadLettersCommand.of(settings, out, err))
                .addSubcommand(new ConfigCommand(settings, out, err))
                .addSubcommand(new CheckCommand(settings, out, err))
                .addSubcommand(new MigrateCommand(settings, out, err, errIsTerminal))
                .addSubcommand(new UndoCommand(settings, out, err, errIsTerminal))
                .addSubcommand(new PurgeOrphansCommand(settings, out, err, errIsTerminal))
                .addSubcommand(new CompareCommand(settings, out, err, errIsTerminal))
                .addSubcommand(JournalCommand.of(settings, out, err))
                .addSubcommand(TopicCommand.of(settings, out, err))
                .addSubcommand(new CompletionCommand(out))
                .setExpandAtFiles(false)
                .setOverwrittenOptionsAllowed(true)
                .setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF))
                .setOut(writer(out))
                .setErr(writer(err))
                .setParameterExceptionHandler(Main::refuse)
                .setExecutionExceptionHandler(Main::fail);
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, Charset.defaultCharset());
    }

    private static int refuse(ParameterException mistake, String[] args) {
        log.debug("The command line is wrong", mistake);
        PrintWriter err = mistake.getCommandLine().getErr();
        err.println(mistake instanceof UnmatchedArgumentException unmatched ? text(unmatched) : mistake.getMessage());
        UnmatchedArgumentException.printSuggestions(mistake, err);
        mistake.getCommandLine().usage(err);
        return ExitStatus.USAGE;
    }

    private static String text(UnmatchedArgumentException mistake) {
        String first = mistake.getUnmatched().get(0);
        boolean isCommand = mistake.getCommandLine().getParent() == null && !mistake.isUnknownOption();
        return isCommand ? "Unknown command: " + first : String.valueOf(mistake.getMessage());
    }

    private static int fail(Exception failure, CommandLine command, ParseResult parsed) throws Exception {
        if (failure instanceof InvalidSettingException) {
            log.debug("The settings are wrong", failure);
            command.getErr().println("The settings are wrong: " + failure.getMessage());
            return ExitStatus.USAGE;
        }
        if (failure instanceof RemoteFailure remote) {
            log.debug("The service does not do it", failure);
            command.getErr().println(Terminal.plain(String.valueOf(remote.getMessage())));
            return remote.status();
        }
        throw failure;
    }
}
