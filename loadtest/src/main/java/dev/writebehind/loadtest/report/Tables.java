package dev.writebehind.loadtest.report;

import dev.writebehind.loadtest.report.Rounds.Cell;
import dev.writebehind.loadtest.result.DatabaseUse.Digest;
import dev.writebehind.loadtest.result.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The tables of a scenario, one row for each variant; stateless, safe from any thread. */
final class Tables {
    private static final List<Column> ANSWERS = List.of(
            number("accepted writes/s", run -> run.recording().throughput()),
            number("due writes/s", run -> run.recording().duePerSecond()),
            latency("p50 ms", run -> run.recording().answers().p50()),
            latency("p95 ms", run -> run.recording().answers().p95()),
            latency("p99 ms", run -> run.recording().answers().p99()),
            latency("p99.9 ms", run -> run.recording().answers().p999()),
            latency("max ms", run -> run.recording().answers().max()),
            whole("refused or failed requests", run -> run.recording().failedRequests()),
            new Column(
                    "of these",
                    rounds -> Cell.of(kinds(rounds.median().recording().failures()))),
            whole("not answered at the end", run -> run.recording().unansweredRequests()));

    private static final List<Column> DATABASE = List.of(
            number("statements per accepted write", Charts::statementsPerWrite),
            whole("statements", run -> run.database().statements()),
            new Column(
                    "of these",
                    rounds -> Cell.of(kinds(rounds.median().database().byKind()))),
            whole("rows read", run -> run.database().rowsRead()),
            whole("rows inserted", run -> run.database().rowsInserted()),
            whole("rows updated", run -> run.database().rowsUpdated()),
            whole("lock waits", run -> run.database().lockWaits()),
            number("lock wait s", run -> run.database().lockWaitSeconds()));

    private static final List<Column> MACHINE = List.of(
            number("target, cores", run -> run.cpu().target()),
            number("client, cores", run -> run.cpu().client()),
            number("database, cores", run -> run.cpu().database()),
            number("machine, cores", run -> run.cpu().machine()),
            number("drain s", Run::drainSeconds),
            new Column("user rows held", Tables::held),
            new Column("rows that differ", rounds -> Cell.of(Outcome.differing(rounds))),
            new Column("unknown outcomes", rounds -> Cell.of(Outcome.unknown(rounds))));

    private Tables() {}

    /** One column: what stands in it for all rounds of a variant. */
    private record Column(String head, Function<Rounds, Cell> cell) {}

    /** Returns what callers felt. */
    static String answers(List<Rounds> variants) {
        return table(ANSWERS, variants);
    }

    /** Returns what the database did. */
    static String database(List<Rounds> variants) {
        return table(DATABASE, variants);
    }

    /** Returns what it cost, and whether the rows were right. */
    static String machine(List<Rounds> variants) {
        return table(MACHINE, variants);
    }

    /** Returns the costliest statements of a variant's median run. */
    static String digests(Rounds rounds) {
        List<List<String>> rows = new ArrayList<>();
        for (Digest digest : rounds.median().database().digests()) {
            rows.add(List.of(
                    "<code>" + Html.escape(digest.text()) + "</code>",
                    Figures.whole(digest.count()),
                    Figures.number(digest.seconds()),
                    Figures.number(digest.lockSeconds())));
        }
        return Html.table(List.of("statement", "times", "s in all", "of these waiting for locks"), rows);
    }

    /** Returns a variant's name with its colour. */
    static String name(Rounds rounds) {
        return Html.chip(Look.css(Look.of(rounds.variant())), rounds.variant().title());
    }

    private static String table(List<Column> columns, List<Rounds> variants) {
        List<String> heads = new ArrayList<>(List.of("variant"));
        columns.forEach(column -> heads.add(column.head()));
        List<List<String>> rows = new ArrayList<>();
        for (Rounds rounds : variants) {
            List<String> row = new ArrayList<>(List.of(name(rounds)));
            for (Column column : columns) {
                Cell cell = column.cell().apply(rounds);
                String range = cell.range().isEmpty() ? "" : "<small>" + Html.escape(cell.range()) + "</small>";
                row.add(Html.escape(cell.value()) + range);
            }
            rows.add(row);
        }
        return Html.table(heads, rows);
    }

    private static Column number(String head, ToDoubleFunction<Run> figure) {
        return column(head, figure, Figures::number);
    }

    private static Column latency(String head, ToDoubleFunction<Run> figure) {
        return number(head, run -> Charts.answered(run, figure.applyAsDouble(run)));
    }

    private static Column whole(String head, ToDoubleFunction<Run> figure) {
        return column(head, figure, Figures::whole);
    }

    private static Column column(String head, ToDoubleFunction<Run> figure, DoubleFunction<String> print) {
        return new Column(head, rounds -> rounds.cell(figure, print));
    }

    private static Cell held(Rounds rounds) {
        boolean any = rounds.runs().stream().anyMatch(run -> run.heldShare() > 0);
        return any ? rounds.cell(Run::heldShare, Figures::percent) : Cell.of("none");
    }

    private static String kinds(Map<String, Long> counts) {
        List<String> kinds = new ArrayList<>();
        new TreeMap<>(counts).forEach((kind, count) -> {
            if (count != 0) {
                kinds.add(kind + " " + Figures.whole(count));
            }
        });
        return kinds.isEmpty() ? Figures.NONE : String.join(", ", kinds);
    }
}
