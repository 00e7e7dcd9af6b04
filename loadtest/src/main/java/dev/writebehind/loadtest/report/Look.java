package dev.writebehind.loadtest.report;

import dev.writebehind.loadtest.result.Variant;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.Locale;
import org.knowm.xchart.internal.chartpart.AxesChart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;

/** The look that all charts have in common: colours, fonts, lines; stateless, safe from any thread. */
final class Look {
    static final Color INK = new Color(0x1F2937);
    static final Color MUTED = new Color(0x6B7280);
    static final Color GRID = new Color(0xECEEF2);
    static final Color CEILING = new Color(0x9CA3AF);
    static final Color TARGET = new Color(0x334155);
    static final Color CLIENT = new Color(0x94A3B8);
    static final Color DATABASE = new Color(0x8B5CF6);
    static final Color REST = new Color(0xE2E8F0);

    static final BasicStroke LINE = new BasicStroke(2.2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
    static final BasicStroke DASHED =
            new BasicStroke(1.6f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, new float[] {6, 4}, 0);
    private static final BasicStroke HAIR = new BasicStroke(1);

    private Look() {}

    /** Returns the variant's colour, the same in every chart: warm before, cool after, grey what is only a ceiling. */
    static Color of(Variant variant) {
        return switch (variant) {
            case BEFORE_KEY -> new Color(0xC2410C);
            case BEFORE_DROPPED -> new Color(0xF59E0B);
            case AFTER_MEMORY -> new Color(0x38BDF8);
            case AFTER_JOURNAL -> new Color(0x1D4ED8);
            case AFTER_DATABASE -> new Color(0x0F766E);
            case BARE_HTTP -> CEILING;
        };
    }

    /** Returns the variant's title, shortened for the foot of a chart. */
    static String label(Variant variant) {
        return switch (variant) {
            case BEFORE_KEY -> "before, key";
            case BEFORE_DROPPED -> "before, no key";
            case AFTER_MEMORY -> "after, memory";
            case AFTER_JOURNAL -> "after, journal";
            case AFTER_DATABASE -> "after, database";
            case BARE_HTTP -> "bare HTTP";
        };
    }

    /** Returns a colour as CSS has it. */
    static String css(Color color) {
        return String.format(Locale.ROOT, "#%06x", color.getRGB() & 0xFFFFFF);
    }

    static void apply(AxesChart<?, ?> chart) {
        AxesChartStyler styler = chart.getStyler();
        styler.setChartBackgroundColor(Color.WHITE)
                .setPlotBackgroundColor(Color.WHITE)
                .setPlotBorderVisible(false)
                .setChartFontColor(INK)
                .setChartPadding(12)
                .setChartTitleVisible(!chart.getTitle().isEmpty())
                .setChartTitleFont(font(Font.BOLD, 16))
                .setChartTitlePadding(10)
                .setChartTitleBoxVisible(false)
                .setLegendVisible(false)
                .setLegendFont(font(Font.PLAIN, 13))
                .setLegendBackgroundColor(Color.WHITE)
                .setLegendBorderColor(Color.WHITE)
                .setLegendSeriesLineLength(28)
                .setAnnotationTextFont(font(Font.PLAIN, 13))
                .setAnnotationTextFontColor(INK)
                .setAnnotationLineColor(MUTED)
                .setAnnotationLineStroke(HAIR)
                .setLocale(Locale.ROOT);
        styler.setAxisTitleFont(font(Font.PLAIN, 13))
                .setAxisTickLabelsFont(font(Font.PLAIN, 13))
                .setAxisTickLabelsColor(INK)
                .setAxisTickMarksColor(GRID)
                .setAxisTicksMarksVisible(false)
                .setAxisTicksLineVisible(false)
                .setAxisTitlePadding(8)
                .setPlotGridLinesColor(GRID)
                .setPlotGridLinesStroke(HAIR)
                .setPlotGridVerticalLinesVisible(false)
                .setPlotMargin(4)
                .setYAxisLogarithmicDecadeOnly(true)
                .setYAxisTickLabelsFormattingFunction(Figures::plain);
    }

    /** Puts the names of what is drawn below the plot. */
    static void legendBelow(AxesChart<?, ?> chart) {
        chart.getStyler()
                .setLegendVisible(true)
                .setLegendPosition(LegendPosition.OutsideS)
                .setLegendLayout(LegendLayout.Horizontal);
    }

    /** Puts the names of what is drawn at the right, outside of the plot. */
    static void legendBeside(AxesChart<?, ?> chart) {
        chart.getStyler()
                .setLegendVisible(true)
                .setLegendPosition(LegendPosition.OutsideE)
                .setLegendLayout(LegendLayout.Vertical);
    }

    static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, size);
    }
}
