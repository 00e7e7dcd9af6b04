package dev.writebehind.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ScopeType;

/** The program without a command, which serves; its looks are those of all commands. */
@Command(
        name = "writebehind",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        versionProvider = WritebehindCommand.Version.class,
        sortOptions = false,
        usageHelpWidth = 110,
        description = "Takes completions over HTTP and writes them to the database; without a command: serve.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:not done, or what was looked at is not as it should be",
            "2:the command line or the settings are wrong; of compare: it can't be told",
            "3:out of memory",
            "4:the running service can't be reached",
            "5:the running service does not take this caller",
            "6:flushing is paused"
        },
        footer = {
            "",
            "Settings come from FILE (conf/writebehind.yaml if that is there) and from WRITEBEHIND_… variables."
        })
final class WritebehindCommand implements Callable<Integer> {
    private final ServeCommand serve;

    WritebehindCommand(ServeCommand serve) {
        this.serve = serve;
    }

    @Override
    public Integer call() {
        return serve.call();
    }

    /** The version, as the jar states it. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {dev.writebehind.Version.text()};
        }
    }
}
