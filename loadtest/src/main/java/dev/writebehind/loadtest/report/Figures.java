package dev.writebehind.loadtest.report;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** The printed form of figures: with as many digits as they are good for; stateless, safe from any thread. */
final class Figures {
    /** Printed where there is nothing to print. */
    static final String NONE = "–";

    private Figures() {}

    /**
     * Returns it with about three digits, thousands grouped: {@code 12,346}, {@code 123}, {@code 12.3}, {@code 0.0123}.
     */
    static String number(double value) {
        if (!Double.isFinite(value)) {
            return NONE;
        }
        double size = Math.abs(value);
        String pattern;
        if (size == 0 || size >= 99.95) {
            pattern = "#,##0";
        } else if (size >= 9.995) {
            pattern = "0.0";
        } else if (size >= 0.1) {
            pattern = "0.00";
        } else {
            int zeros = (int) Math.ceil(-Math.log10(size));
            pattern = "0." + "0".repeat(Math.min(zeros + 1, 9));
        }
        return format(pattern, value);
    }

    /** Returns it whole, thousands grouped. */
    static String whole(double value) {
        return Double.isFinite(value) ? format("#,##0", value) : NONE;
    }

    /** Returns it with its thousands grouped. */
    static String whole(long value) {
        return whole((double) value);
    }

    /** Returns a share of one as a percentage. */
    static String percent(double share) {
        return Double.isFinite(share) ? format(share < 0.0995 ? "0.0" : "0", share * 100) + " %" : NONE;
    }

    /** Returns it for an axis or a bar: round numbers as they are, others with about three digits. */
    static String plain(double value) {
        String exact = format("#,##0.######", value);
        String rounded = number(value);
        return exact.length() < rounded.length() ? exact : rounded;
    }

    /** Returns the lowest and the highest as they are printed, or nothing if they are printed alike. */
    static String range(double low, double high, DoubleFunction<String> print) {
        String from = print.apply(low);
        String to = print.apply(high);
        return from.equals(to) ? "" : "(" + from + "–" + to + ")";
    }

    private static String format(String pattern, double value) {
        return new DecimalFormat(pattern, DecimalFormatSymbols.getInstance(Locale.ROOT)).format(value);
    }
}
