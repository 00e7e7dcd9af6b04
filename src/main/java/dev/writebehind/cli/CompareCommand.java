package dev.writebehind.cli;

import dev.writebehind.config.DatabaseSettings;
import dev.writebehind.config.DatabaseUri;
import dev.writebehind.config.DurationText;
import dev.writebehind.store.Compared;
import dev.writebehind.store.Comparison;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that tells in which rows the table differs from another one. Blocks the calling thread. */
@Command(
        name = "compare",
        description = "Tell in which rows the service's table differs from another, by reading alone: exit code 0 if in"
                + " none, 1 if in some, 2 if that can't be told.")
final class CompareCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(CompareCommand.class);
    private static final Duration LONGEST = Duration.ofHours(1);

    private final SettingsSource source;
    private final PrintStream out;
    private final PrintStream err;
    private final boolean isTerminal;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @ArgGroup(multiplicity = "1")
    private Other other = new Other();

    @Option(
            names = "--settle",
            paramLabel = "DURATION",
            defaultValue = "10s",
            converter = Settle.class,
            description =
                    "Look at rows that differ again, until that long after they were modified: writes on their way"
                            + " are no difference. 0s: never. Default: ${DEFAULT-VALUE}.")
    private Duration settle = Duration.ZERO;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "List so many differences at most. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Option(
            names = "--times",
            description = "Take other times, created and modified, for a difference; else they are only counted.")
    private boolean times;

    @Option(names = "--json", description = "Print it as a JSON object.")
    private boolean json;

    CompareCommand(SettingsSource source, PrintStream out, PrintStream err, boolean isTerminal) {
        this.source = source;
        this.out = out;
        this.err = err;
        this.isTerminal = isTerminal;
    }

    /** Where the other table is, said in one way. */
    private static final class Other {
        @Option(
                names = "--with",
                paramLabel = "URI",
                description = "The schema of the other table: mysql://user:password@host:port/schema, encrypted as"
                        + " database.tls says; or a schema's name alone, on the same server by the same account.")
        private @Nullable String uri;

        @Option(
                names = "--with-file",
                paramLabel = "FILE",
                description = "A file whose first line is that: the command line is for all to see.")
        private @Nullable Path file;
    }

    /** Durations as the settings have them. */
    static final class Settle implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            Duration duration = DurationText.parse(text);
            if (duration.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("more than an hour");
            }
            return duration;
        }
    }

    @Override
    public Integer call() {
        if (limit < 0 || limit > 1_000_000) {
            throw new ParameterException(spec.commandLine(), "--limit must be between 0 and 1000000");
        }
        DatabaseSettings here = source.load().database();
        DatabaseSettings there = here.with(address(here.requiredUri()));
        try (ProgressBar progress = new ProgressBar("compare", err, isTerminal, System::nanoTime)) {
            Compared compared = Comparison.run(here, there, settle, times, limit, progress);
            progress.clear();
            if (json) {
                out.println(ComparedText.json(compared).encodePrettily());
            } else {
                ComparedText.lines(compared).forEach(out::println);
            }
            return compared.different() == 0 ? ExitStatus.DONE : ExitStatus.NOT_DONE;
        } catch (SQLException | RuntimeException e) {
            log.debug("The tables can't be compared", e);
            err.println("The tables can't be compared: " + Terminal.plain(String.valueOf(e.getMessage())));
            return ExitStatus.NOT_COMPARED;
        }
    }

    private DatabaseUri address(DatabaseUri own) {
        String named = other.uri == null ? firstLine() : other.uri;
        DatabaseUri found;
        try {
            found = named.contains("://")
                    ? DatabaseUri.parse(named)
                    : new DatabaseUri(own.user(), own.password(), own.host(), own.port(), named.strip());
        } catch (IllegalArgumentException e) {
            log.debug("The other table's address is wrong", e);
            throw new ParameterException(spec.commandLine(), "The other table's address is wrong: " + e.getMessage());
        }
        boolean isSame = found.host().equals(own.host())
                && found.port() == own.port()
                && found.schema().equals(own.schema());
        if (isSame || found.schema().isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "--with names the service's own table: name the schema of the other one");
        }
        return found;
    }

    private String firstLine() {
        if (other.file == null) {
            return "";
        }
        try {
            return Files.readString(other.file).lines().findFirst().orElse("");
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), "--with-file can't be read: " + e, e);
        }
    }
}
