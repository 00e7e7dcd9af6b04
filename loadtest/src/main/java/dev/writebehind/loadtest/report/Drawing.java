package dev.writebehind.loadtest.report;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.internal.chartpart.IChart;

/**
 * The drawing of charts as SVG and PNG, texts as outlines: they look the same everywhere; stateless, safe from any
 * thread.
 */
final class Drawing {
    /** Twice what browsers take for one point, so that it is sharp on fine screens. */
    private static final int DOTS_PER_INCH = 144;

    private static final Pattern PROLOGUE = Pattern.compile("^.*?(?=<svg)", Pattern.DOTALL);
    /** Some XML writers on the class path put the elements out of SVG's namespace, in which nothing would be seen. */
    private static final Pattern NO_NAMESPACE = Pattern.compile("\\s+xmlns=\"\"");

    private static final Pattern BLANKS = Pattern.compile("\\s*\\R\\s*");
    private static final Pattern LONG_FRACTION = Pattern.compile("(\\d\\.\\d\\d)\\d+");
    private static final Pattern SIZE = Pattern.compile("<svg [^>]*>");

    private Drawing() {}

    /** Writes {@code name.svg} and {@code name.png}. */
    static void write(IChart chart, Path directory, String name) throws IOException {
        Files.writeString(directory.resolve(name + ".svg"), svg(chart));
        BitmapEncoder.saveBitmapWithDPI(
                chart, directory.resolve(name + ".png").toString(), BitmapFormat.PNG, DOTS_PER_INCH);
    }

    /** Returns a document of its own. */
    static String svg(IChart chart) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ChartEncoder.saveChart(chart, out, "svg");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String svg = PROLOGUE.matcher(out.toString(StandardCharsets.UTF_8)).replaceFirst("");
        svg = NO_NAMESPACE.matcher(svg).replaceAll("");
        svg = BLANKS.matcher(svg).replaceAll(" ");
        return LONG_FRACTION.matcher(svg).replaceAll("$1").replace("> <", "><") + "\n";
    }

    /**
     * Returns an element for a page: as wide as its place, for those who do not see it a text instead.
     *
     * @param id told apart from all others in the page, as what an element names inside is common to the whole page
     */
    static String element(IChart chart, String id, String text) {
        String root = "<svg viewBox=\"0 0 " + chart.getWidth() + " " + chart.getHeight()
                + "\" role=\"img\" aria-label=\"" + Html.escape(text) + "\">";
        return SIZE.matcher(svg(chart))
                .replaceFirst(Matcher.quoteReplacement(root))
                .replace("id=\"clip", "id=\"" + id + "-clip")
                .replace("url(#clip", "url(#" + id + "-clip");
    }
}
