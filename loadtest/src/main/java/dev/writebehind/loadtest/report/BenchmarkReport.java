package dev.writebehind.loadtest.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import dev.writebehind.loadtest.report.BarCharts.Bar;
import dev.writebehind.loadtest.result.Benchmark;
import dev.writebehind.loadtest.result.BenchmarkResults;
import dev.writebehind.loadtest.result.RowCheck;
import dev.writebehind.loadtest.result.Slice;
import dev.writebehind.loadtest.result.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The report of the benchmarks, as files to read: {@code index.html}, {@code benchmarks.md}, and {@code
 * benchmarks.json} with every slice. Stateless, safe from any thread.
 */
public final class BenchmarkReport {
    private static final String TITLE = "Completion write-behind: each part beside its limit";
    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new SimpleModule().addSerializer(Instant.class, ToStringSerializer.instance))
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private BenchmarkReport() {}

    /** Writes all files into that directory, which is made where it is missing. */
    public static void write(BenchmarkResults results, Path directory) throws IOException {
        System.setProperty("java.awt.headless", System.getProperty("java.awt.headless", "true"));
        Files.createDirectories(directory);
        JSON.writeValue(directory.resolve("benchmarks.json").toFile(), results);
        Files.writeString(directory.resolve("benchmarks.md"), markdown(results));
        Files.writeString(directory.resolve("index.html"), page(results));
    }

    private static String page(BenchmarkResults results) throws IOException {
        StringBuilder body = new StringBuilder(Html.paragraph("""
                Each part of the service beside what limits it, on the same machine, in turns of some seconds. Figures \
                are medians of the turns; a ratio is the median of the turns' ratios, and tells more than the figures, \
                since what else the machine does meets both sides. Processor time is of each process, for each write or \
                row; client, service and database share the machine."""));
        body.append("<dl>\n");
        HtmlPage.fact(body, "Machine", Html.escape(results.machine()));
        HtmlPage.fact(body, "Database", Html.escape(results.database()));
        HtmlPage.fact(body, "To repeat it", "<code>" + Html.escape(results.command()) + "</code>");
        body.append("</dl>\n");
        int number = 0;
        for (Benchmark benchmark : results.benchmarks()) {
            body.append("<section>\n")
                    .append(Html.heading(2, benchmark.name()))
                    .append(Html.paragraph(benchmark.what()))
                    .append(Html.table(heads(benchmark), escaped(rows(benchmark))))
                    .append("<div class=\"charts\">\n")
                    .append(chart(benchmark, "b" + number++))
                    .append("</div>\n</section>\n");
        }
        body.append("<section>\n")
                .append(Html.heading(2, "Rows"))
                .append(Html.paragraph("What was acknowledged, compared with the tables afterwards."))
                .append(Html.table(
                        List.of("written by", "rows", "of unknown outcome", "differ"), escaped(rowChecks(results))))
                .append("</section>\n");
        return HtmlPage.of(TITLE, body.toString());
    }

    private static String chart(Benchmark benchmark, String id) {
        List<Bar> bars = new ArrayList<>();
        for (String side : benchmark.sides()) {
            bars.add(new Bar(
                    side,
                    benchmark.median(side, Slice::perSecond),
                    side.equals(benchmark.limit()) ? Look.CEILING : Look.of(Variant.AFTER_JOURNAL)));
        }
        String axis = benchmark.unit() + " per second";
        return Html.figure(
                Drawing.element(
                        BarCharts.bars("", axis, Charts.WIDTH, Charts.HEIGHT, bars),
                        id,
                        benchmark.name() + ": " + axis),
                benchmark.name() + ": " + axis);
    }

    static String markdown(BenchmarkResults results) {
        StringBuilder text = new StringBuilder();
        for (Benchmark benchmark : results.benchmarks()) {
            text.append("### ").append(benchmark.name()).append("\n\n");
            text.append(benchmark.what()).append("\n\n");
            List<String> heads = heads(benchmark);
            line(text, heads);
            text.append("|---|").append("--:|".repeat(heads.size() - 1)).append('\n');
            rows(benchmark).forEach(row -> line(text, row));
            text.append('\n');
        }
        line(text, List.of("rows written by", "rows", "of unknown outcome", "differ"));
        text.append("|---|--:|--:|--:|\n");
        rowChecks(results).forEach(row -> line(text, row));
        return text.append('\n')
                .append(results.machine())
                .append("; ")
                .append(results.database())
                .append("; ")
                .append(results.at().toString(), 0, 10)
                .append("; `")
                .append(results.command())
                .append("`\n")
                .toString();
    }

    private static void line(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static List<String> heads(Benchmark benchmark) {
        List<String> heads = new ArrayList<>(
                List.of("", benchmark.unit() + "/s", "÷ limit", "p50 ms", "÷ limit", "p99 ms", "p99.9 ms", "÷ limit"));
        for (String process : benchmark.processes()) {
            heads.add(process + ", µs each");
            heads.add("÷ limit");
        }
        return heads;
    }

    private static List<List<String>> rows(Benchmark benchmark) {
        List<List<String>> rows = new ArrayList<>();
        for (String side : benchmark.sides()) {
            List<String> row = new ArrayList<>(List.of(side));
            figure(row, benchmark, side, Slice::perSecond, true);
            figure(row, benchmark, side, slice -> slice.p50() > 0 ? slice.p50() : Double.NaN, true);
            figure(row, benchmark, side, slice -> slice.p99() > 0 ? slice.p99() : Double.NaN, false);
            figure(row, benchmark, side, slice -> slice.p999() > 0 ? slice.p999() : Double.NaN, true);
            for (String process : benchmark.processes()) {
                figure(row, benchmark, side, slice -> slice.cpuMicros().getOrDefault(process, Double.NaN), true);
            }
            rows.add(row);
        }
        return rows;
    }

    private static void figure(
            List<String> row, Benchmark benchmark, String side, ToDoubleFunction<Slice> figure, boolean withRatio) {
        row.add(Figures.number(benchmark.median(side, figure)));
        if (withRatio) {
            boolean isLimit = side.equals(benchmark.limit());
            row.add(isLimit ? "" : Figures.number(benchmark.ratio(side, figure)));
        }
    }

    private static List<List<String>> rowChecks(BenchmarkResults results) {
        List<List<String>> rows = new ArrayList<>();
        for (Map.Entry<String, RowCheck> entry : results.rows().entrySet()) {
            RowCheck check = entry.getValue();
            rows.add(List.of(
                    entry.getKey(),
                    Figures.whole(check.rows()),
                    Figures.whole(check.unknown()),
                    Figures.whole(check.different())));
        }
        return rows;
    }

    private static List<List<String>> escaped(List<List<String>> rows) {
        return rows.stream().map(row -> row.stream().map(Html::escape).toList()).toList();
    }
}
