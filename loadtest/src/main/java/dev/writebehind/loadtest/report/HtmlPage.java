package dev.writebehind.loadtest.report;

import dev.writebehind.loadtest.result.Results;
import dev.writebehind.loadtest.result.Variant;
import dev.writebehind.loadtest.result.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The page that is read from top to bottom, one file that needs no other; stateless, safe from any thread. */
final class HtmlPage {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "d MMMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    private static final String TITLE = "Completion write-behind: before and after";

    private HtmlPage() {}

    static String of(Results results) throws IOException {
        StringBuilder html = new StringBuilder(compared(results)).append(verdicts(results.verdicts()));
        for (String scenario : Rounds.scenarios(results.runs())) {
            html.append(ScenarioSection.of(scenario, results));
        }
        html.append("<section>\n")
                .append(Limits.ceilings(results.ceilings()))
                .append("</section>\n<section>\n")
                .append(Limits.pool(results))
                .append("</section>\n<section>\n")
                .append(Honesty.section(results))
                .append("</section>\n<section>\n")
                .append(resource("method.html"))
                .append("</section>\n");
        return of(TITLE, html.toString());
    }

    /** Returns a page with that content, which is html. */
    static String of(String title, String content) throws IOException {
        return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
                + Html.escape(title)
                + "</title>\n<style>\n"
                + resource("page.css")
                + "</style>\n</head>\n<body>\n<main>\n"
                + Html.heading(1, title)
                + content
                + "</main>\n</body>\n</html>\n";
    }

    private static String compared(Results results) {
        Set<String> variants = new LinkedHashSet<>();
        for (Variant variant : Variant.values()) {
            if (results.runs().stream().anyMatch(run -> run.variant() == variant)) {
                variants.add(Html.chip(Look.css(Look.of(variant)), variant.title()) + " "
                        + Html.escape(variant.explanation()));
            }
        }
        StringBuilder html = new StringBuilder(Html.paragraph("""
                Who should take learners' completions: the LMS, which writes each of them to MySQL before it answers, or a \
                service in front of MySQL, which answers at once and writes them behind in batches? Both were given the \
                same requests on the same machine and the same database server, one after the other in turns, and after \
                every run the table was compared row by row with what the client had been told."""));
        html.append("<ul class=\"variants\">\n");
        variants.forEach(variant -> html.append("<li>").append(variant).append("</li>\n"));
        html.append("</ul>\n<dl>\n");
        fact(html, "Machine", Html.escape(results.machine()));
        fact(html, "Database", Html.escape(results.database()));
        fact(html, "Direct writes' pool", results.pool() + " connections");
        fact(html, "Date", Html.escape(TIME.format(results.at())));
        fact(html, "To repeat it", "<code>" + Html.escape(results.command()) + "</code>");
        return html.append("</dl>\n").toString();
    }

    /** Appends a line of a list of facts; the value is html. */
    static void fact(StringBuilder html, String name, String value) {
        html.append("<dt>").append(name).append("</dt><dd>").append(value).append("</dd>\n");
    }

    private static String verdicts(List<Verdict> verdicts) {
        if (verdicts.isEmpty()) {
            return Html.heading(2, "Verdicts") + Html.paragraph("None was asked for.");
        }
        long unmet = verdicts.stream().filter(verdict -> !verdict.met()).count();
        List<List<String>> rows = new ArrayList<>();
        for (Verdict verdict : verdicts) {
            rows.add(List.of(
                    verdict.met() ? "<b class=\"met\">✓ met</b>" : "<b class=\"unmet\">✗ not met</b>",
                    Html.escape(verdict.claim()),
                    Html.escape(verdict.measured())));
        }
        String summary =
                unmet == 0 ? "All " + verdicts.size() + " are met." : unmet + " of " + verdicts.size() + " not met.";
        return Html.heading(2, "Verdicts")
                + Html.paragraph(summary)
                + "<div class=\"verdicts\">"
                + Html.table(List.of("", "what must be so", "measured"), rows)
                + "</div>\n";
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = HtmlPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is missing beside " + HtmlPage.class.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
