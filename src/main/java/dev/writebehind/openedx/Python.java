package dev.writebehind.openedx;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** How Python reads and writes what stands in JSON, which is how the LMS's endpoint does; stateless. */
final class Python {
    private static final Pattern FLOAT = Pattern.compile("[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?");
    private static final Pattern STRAY_UNDERSCORE = Pattern.compile("(?<![0-9])_|_(?![0-9])");
    private static final Pattern INFINITY = Pattern.compile("[+-]?inf(inity)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern NAN = Pattern.compile("[+-]?nan", Pattern.CASE_INSENSITIVE);

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
        BigDecimal exact = new BigDecimal(Math.abs(value));
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

    /** Returns {@code repr(value)} of a string. */
    static String repr(String value) {
        char quote = value.indexOf('\'') >= 0 && value.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder repr = new StringBuilder(value.length() + 2).append(quote);
        value.codePoints().forEach(c -> {
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
        });
        return repr.append(quote).toString();
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

    /** Returns {@code str(value)}. */
    static String str(JsonNode value) {
        return value.isTextual() ? value.textValue() : repr(value);
    }

    private static String repr(JsonNode value) {
        if (value.isTextual()) {
            return repr(value.textValue());
        }
        if (value.isBoolean()) {
            return value.booleanValue() ? "True" : "False";
        }
        if (value.isIntegralNumber()) {
            return value.bigIntegerValue().toString();
        }
        if (value.isNumber()) {
            return repr(value.doubleValue());
        }
        if (value.isArray()) {
            List<String> elements = new ArrayList<>();
            value.forEach(element -> elements.add(repr(element)));
            return "[" + String.join(", ", elements) + "]";
        }
        if (value.isObject()) {
            List<String> fields = new ArrayList<>();
            value.properties().forEach(field -> fields.add(repr(field.getKey()) + ": " + repr(field.getValue())));
            return "{" + String.join(", ", fields) + "}";
        }
        return "None";
    }

    private static String type(JsonNode value) {
        return value.isObject() ? "dict" : value.isArray() ? "list" : "NoneType";
    }
}
