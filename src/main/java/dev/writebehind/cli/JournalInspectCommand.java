package dev.writebehind.cli;

import dev.writebehind.Inspection;
import dev.writebehind.journal.file.JournalInspection;
import dev.writebehind.journal.file.JournalInspection.Damage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command that tells what a journal's directory holds, by reading alone. Blocks the calling thread. */
@Command(
        name = "inspect",
        description = "Tell what a journal's directory holds, by reading alone: nothing is created, locked, cut off or"
                + " mended. Exit code 0 if a start could go on with it, 1 if it is damaged.")
final class JournalInspectCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(JournalInspectCommand.class);

    private final SettingsSource source;
    private final PrintStream out;
    private final PrintStream err;

    @Parameters(paramLabel = "DIR", arity = "0..1", description = "The directory; else journal.dir of the settings.")
    private @Nullable Path directory;

    @Option(names = "--json", description = "Print it as a JSON object; times in microseconds since the epoch.")
    private boolean json;

    JournalInspectCommand(SettingsSource source, PrintStream out, PrintStream err) {
        this.source = source;
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() {
        Path looked = directory == null ? source.loaded().settings().journal().dir() : directory;
        Inspection found;
        try {
            found = Inspection.of(looked);
        } catch (IOException e) {
            log.debug("The journal can't be read", e);
            err.println(reason(looked, e));
            return ExitStatus.NOT_DONE;
        }
        if (json) {
            out.println(json(found).encodePrettily());
        } else {
            table(found).lines().forEach(out::println);
        }
        return found.journal().isSound() ? ExitStatus.DONE : ExitStatus.NOT_DONE;
    }

    private static String reason(Path directory, IOException cause) {
        Path absolute = directory.toAbsolutePath();
        if (cause instanceof NoSuchFileException) {
            return "There is no directory " + absolute + ": is its volume mounted?";
        }
        if (cause instanceof NotDirectoryException) {
            return absolute + " is no directory: name the one that journal.dir names";
        }
        return "The journal in " + absolute + " can't be read: " + cause + ". Run this as the service's user";
    }

    private static Table table(Inspection found) {
        JournalInspection journal = found.journal();
        boolean any = journal.keys() + journal.resets() > 0;
        Table table = new Table()
                .row("directory", journal.directory().toAbsolutePath())
                .row(
                        "in use",
                        journal.user().isPresent()
                                ? "by process " + journal.user().getAsLong() + ": what follows is of a moment ago"
                                : "by no process that can be seen from here")
                .row("segments", Words.number(journal.segments()) + ", " + Words.bytes(journal.bytes()))
                .row("records", Words.number(journal.records()) + ", superseded ones included")
                .row(
                        "next start",
                        "takes over " + Words.number(journal.keys()) + " keys and " + Words.number(journal.resets())
                                + " resets"
                                + (any
                                        ? ", received from " + Words.micros(journal.oldestReceipt()) + " to "
                                                + Words.micros(journal.newestReceipt())
                                        : ""))
                .row("torn end", torn(journal))
                .row("dead letters", deadLetters(found.deadLetters()));
        if (journal.keptTails() > 0) {
            table.row("kept aside", journal.keptTails() + " ends that earlier starts cut off (*.torn-tail)");
        }
        journal.unneeded().forEach(each -> table.row("unreadable", place(each) + "; nothing there was needed"));
        if (journal.isSound()) {
            table.row("damage", "none");
        }
        journal.damage().forEach(each -> table.row("DAMAGE", place(each)));
        if (!journal.isSound()) {
            table.row(
                    "",
                    "→ a start would refuse this. Copy the directory away; then restore the files, or move them"
                            + " out of it to start with what the others hold");
        }
        return table;
    }

    private static String torn(JournalInspection journal) {
        if (journal.tornBytes() == 0) {
            return "none";
        }
        return Words.number(journal.tornBytes()) + " bytes, half written"
                + (journal.user().isPresent()
                        ? ", perhaps just now"
                        : " in a crash and never acknowledged: the next start leaves them out");
    }

    private static String deadLetters(List<Long> ids) {
        return ids.isEmpty()
                ? "0"
                : Words.number(ids.size()) + ", received from " + Words.micros(ids.get(0)) + " to "
                        + Words.micros(ids.get(ids.size() - 1));
    }

    private static String place(Damage damage) {
        return damage.file() + " at byte " + Words.number(damage.offset()) + ": " + damage.what();
    }

    private static JsonObject json(Inspection found) {
        JournalInspection journal = found.journal();
        return new JsonObject()
                .put("directory", journal.directory().toAbsolutePath().toString())
                .put("in_use_by", journal.user().isPresent() ? journal.user().getAsLong() : null)
                .put("segments", journal.segments())
                .put("bytes", journal.bytes())
                .put("records", journal.records())
                .put("keys", journal.keys())
                .put("resets", journal.resets())
                .put("oldest_receipt_micros", journal.oldestReceipt() == 0 ? null : journal.oldestReceipt())
                .put("newest_receipt_micros", journal.newestReceipt() == 0 ? null : journal.newestReceipt())
                .put("torn_bytes", journal.tornBytes())
                .put("kept_tails", journal.keptTails())
                .put("damage", json(journal.damage()))
                .put("unneeded", json(journal.unneeded()))
                .put(
                        "dead_letters",
                        new JsonArray(found.deadLetters().stream()
                                .map(String::valueOf)
                                .toList()));
    }

    private static JsonArray json(List<Damage> places) {
        JsonArray array = new JsonArray();
        places.forEach(each -> array.add(new JsonObject()
                .put("file", each.file().toString())
                .put("offset", each.offset())
                .put("what", each.what())));
        return array;
    }
}
