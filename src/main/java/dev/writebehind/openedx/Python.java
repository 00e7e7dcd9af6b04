package dev.writebehind.openedx;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Python's way of reading and writing what stands in JSON, which is that of the LMS's endpoint; stateless. */
final class Python {
    private static final Pattern FLOAT = Pattern.compile("[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?");
    private static final Pattern STRAY_UNDERSCORE = Pattern.compile("(?<![0-9])_|_(?![0-9])");
    private static final Pattern INFINITY = Pattern.compile("[+-]?inf(inity)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern NAN = Pattern.compile("[+-]?nan", Pattern.CASE_INSENSITIVE);

    /** More of a value than any message quotes; what says more is cut there. */
    private static final int ENOUGH = Answer.MAX_DETAIL_CHARACTERS + 1;

    private static final MathContext HEAD = new MathContext(40, RoundingMode.DOWN);

    private Python() {}

    /** Returns {@code float(value)}, or throws {@link Refused} with what Python says. */
    static double toFloat(JsonNode value) {
        if (value.isBoolean()) {
            return value.booleanValue() ? 1.0 : 0.0;
        }
        if (value.isNumber()) {
            double number = value.doubleValue();
            if (value.isIntegralNumber() && Double.isInfinite(number)) {
                throw Answer.bad("int too large to convert to float").refused();
            }
            return number;
        }
        if (value.isTextual()) {
            return toFloat(value.textValue());
        }
        throw Answer.bad("float() argument must be a string or a real number, not '" + type(value) + "'")
                .refused();
    }

    private static double toFloat(String text) {
        String number = withAsciiDigits(strip(text));
        String plain = STRAY_UNDERSCORE.matcher(number).find() ? number : number.replace("_", "");
        if (FLOAT.matcher(plain).matches()) {
            return Double.parseDouble(plain);
        }
        if (INFINITY.matcher(number).matches()) {
            return number.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        if (NAN.matcher(number).matches()) {
            return Double.NaN;
        }
        throw Answer.bad("could not convert string to float: " + repr(text)).refused();
    }

    private static String strip(String text) {
        int begin = 0;
        int end = text.length();
        while (begin < end && isSpace(text.charAt(begin))) {
            begin++;
        }
        while (begin < end && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(begin, end);
    }

    private static boolean isSpace(char c) {
        return (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f) || c == 0x85 || Character.isSpaceChar(c);
    }

    /** Digits of any script count; no other letter becomes a digit. */
    private static String withAsciiDigits(String text) {
        StringBuilder ascii = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            boolean digit = c > 0x7f && Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER;
            ascii.appendCodePoint(digit ? '0' + Character.digit(c, 10) : c);
        });
        return ascii.toString();
    }

    /** Returns {@code repr(value)} of a float: the fewest digits that are read as the same number. */
    static String repr(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0.0) {
            return 1 / value > 0 ? "0.0" : "-0.0";
        }
        BigDecimal exact = beginning(Math.abs(value));
        int precision = 1;
        BigDecimal shortest = exact.round(new MathContext(precision));
        while (shortest.doubleValue() != Math.abs(value)) {
            precision++;
            shortest = exact.round(new MathContext(precision));
        }
        shortest = shortest.stripTrailingZeros();
        int exponent = shortest.precision() - shortest.scale() - 1;
        String text;
        if (exponent >= -4 && exponent < 16) {
            text = shortest.toPlainString();
            text = text.contains(".") ? text : text + ".0";
        } else {
            String digits = shortest.unscaledValue().toString();
            String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
            text = digits.charAt(0)
                    + fraction
                    + (exponent < 0 ? "e-" : "e+")
                    + String.format(Locale.ROOT, "%02d", Math.abs(exponent));
        }
        return value < 0 ? "-" + text : text;
    }

    /**
     * Returns the value, of up to 767 digits, with at most 41: enough to round it to 17 as if all were there, for a
     * last one that is not zero stands for those that are cut off.
     */
    private static BigDecimal beginning(double value) {
        BigDecimal exact = new BigDecimal(value);
        BigDecimal head = exact.round(HEAD);
        return head.compareTo(exact) == 0 ? exact : head.add(head.ulp().movePointLeft(1));
    }

    /** Returns {@code repr(value)} of a string; of a very long one the beginning. */
    static String repr(String value) {
        StringBuilder repr = new StringBuilder(Math.min(value.length(), ENOUGH) + 2);
        repr(value, repr);
        return repr.toString();
    }

    private static void repr(String value, StringBuilder repr) {
        char quote = value.indexOf('\'') >= 0 && value.indexOf('"') < 0 ? '"' : '\'';
        repr.append(quote);
        for (int i = 0; i < value.length() && repr.length() < ENOUGH; ) {
            int c = value.codePointAt(i);
            i += Character.charCount(c);
            switch (c) {
                case '\\' -> repr.append("\\\\");
                case '\n' -> repr.append("\\n");
                case '\r' -> repr.append("\\r");
                case '\t' -> repr.append("\\t");
                default -> {
                    if (c == quote) {
                        repr.append('\\').append(quote);
                    } else if (isPrintable(c)) {
                        repr.appendCodePoint(c);
                    } else {
                        String form = c <= 0xff ? "\\x%02x" : c <= 0xffff ? "\\u%04x" : "\\U%08x";
                        repr.append(String.format(Locale.ROOT, form, c));
                    }
                }
            }
        }
        repr.append(quote);
    }

    private static boolean isPrintable(int c) {
        return c == ' '
                || switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SPACE_SEPARATOR -> false;
                    default -> true;
                };
    }

    /** Returns {@code str(value)}; of what is very long, unless it is a string itself, the beginning. */
    static String str(JsonNode value) {
        if (value.isTextual()) {
            return value.textValue();
        }
        StringBuilder text = new StringBuilder();
        repr(value, text);
        return text.toString();
    }

    private static void repr(JsonNode value, StringBuilder repr) {
        if (value.isTextual()) {
            repr(value.textValue(), repr);
        } else if (value.isBoolean()) {
            repr.append(value.booleanValue() ? "True" : "False");
        } else if (value.isIntegralNumber()) {
            repr.append(value.bigIntegerValue());
        } else if (value.isNumber()) {
            repr.append(repr(value.doubleValue()));
        } else if (value.isArray()) {
            repr.append('[');
            String separator = "";
            for (JsonNode element : value) {
                if (repr.length() >= ENOUGH) {
                    return;
                }
                repr.append(separator);
                repr(element, repr);
                separator = ", ";
            }
            repr.append(']');
        } else if (value.isObject()) {
            repr.append('{');
            String separator = "";
            for (Map.Entry<String, JsonNode> field : value.properties()) {
                if (repr.length() >= ENOUGH) {
                    return;
                }
                repr.append(separator);
                repr(field.getKey(), repr);
                repr.append(": ");
                repr(field.getValue(), repr);
                separator = ", ";
            }
            repr.append('}');
        } else {
            repr.append("None");
        }
    }

    private static String type(JsonNode value) {
        return value.isObject() ? "dict" : value.isArray() ? "list" : "NoneType";
    }
}
