package dev.writebehind.api;

import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.CourseKey;
import dev.writebehind.completion.InvalidKeyException;
import dev.writebehind.completion.KeyPool;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A body in the form that nearly all have: an object of the four fields, or an array of such objects, in ASCII, without
 * escapes and exponents. It is read byte by byte, without a parser's bookkeeping; anything else, right or wrong, is
 * left to the parser. For one thread.
 */
final class PlainBody {
    private static final byte[][] FIELDS = {
        ascii("\"user_id\""), ascii("\"course_key\""), ascii("\"block_key\""), ascii("\"completion\"")
    };
    /** So many digits, and such a power of ten, are exact as doubles: their quotient is the nearest one. */
    private static final double[] POWERS_OF_TEN = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
    };

    private static final int MOST_DIGITS = POWERS_OF_TEN.length - 1;

    private final byte[] body;
    private final int end;
    private final KeyPool keys;
    private final boolean told;
    private int at;

    private PlainBody(byte[] body, int end, KeyPool keys, boolean told) {
        this.body = body;
        this.end = end;
        this.keys = keys;
        this.told = told;
    }

    /** The finding that the body has another form. */
    private static final class OtherFormException extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        OtherFormException() {
            super("another form", null, false, false);
        }
    }

    /** Returns the writes of a body; null: it has another form. */
    static @Nullable List<CompletionWrite> read(byte[] body, int length, KeyPool keys, int mostWrites, boolean told) {
        try {
            return new PlainBody(body, length, keys, told).writes(mostWrites);
        } catch (OtherFormException | InvalidKeyException e) {
            return null; // the parser looks at all of it, and tells what is wrong
        }
    }

    private List<CompletionWrite> writes(int most) {
        List<CompletionWrite> writes;
        if (next() == '[') {
            writes = new ArrayList<>();
            do {
                require(writes.size() < most);
                at++;
                writes.add(write());
            } while (next() == ',');
            take(']');
        } else {
            require(most > 0);
            writes = List.of(write());
        }
        require(next() == 0 && at == end);
        return writes;
    }

    private CompletionWrite write() {
        int userId = 0;
        CourseKey course = null;
        BlockKey block = null;
        double completion = Double.NaN;
        take('{');
        for (int i = 0; i < FIELDS.length; i++) {
            if (i > 0) {
                take(',');
            }
            int field = field();
            take(':');
            switch (field) {
                case 0 -> userId = userId();
                case 1 -> course = keys.course(body, text(), at - 1);
                case 2 -> block = keys.block(body, text(), at - 1);
                default -> completion = completion();
            }
        }
        take('}');
        if (userId == 0 || course == null || block == null || Double.isNaN(completion)) {
            throw new OtherFormException(); // one field twice
        }
        return new CompletionWrite(new CompletionKey(userId, course, block), completion, told);
    }

    private int field() {
        next();
        for (int i = 0; i < FIELDS.length; i++) {
            if (isNext(FIELDS[i])) {
                at += FIELDS[i].length;
                return i;
            }
        }
        throw new OtherFormException();
    }

    private boolean isNext(byte[] text) {
        if (end - at < text.length) {
            return false;
        }
        for (int i = 0; i < text.length; i++) {
            if (body[at + i] != text[i]) {
                return false;
            }
        }
        return true;
    }

    /** Reads a string, which ends one byte before the place that is then the next; returns where it begins. */
    private int text() {
        take('"');
        int begin = at;
        while (at < end && body[at] != '"') {
            require(body[at] >= ' ' && body[at] != '\\');
            at++;
        }
        take('"');
        return begin;
    }

    private int userId() {
        long value = whole();
        require(value <= Integer.MAX_VALUE);
        return (int) value;
    }

    private double completion() {
        long digits = whole();
        require(digits <= 1);
        int point = at;
        if (at < end && body[at] == '.') {
            at++;
            while (at < end && isDigit(body[at]) && at - point <= MOST_DIGITS) {
                digits = 10 * digits + body[at++] - '0';
            }
            require(at - point > 1);
        }
        double value = digits / POWERS_OF_TEN[Math.max(0, at - point - 1)];
        require(CompletionWrite.isCompletion(value));
        return value;
    }

    /** Reads a number's part before the point: zero, or digits that do not begin with one. */
    private long whole() {
        next();
        int begin = at;
        long value = 0;
        while (at < end && isDigit(body[at]) && at - begin < MOST_DIGITS) {
            value = 10 * value + body[at++] - '0';
        }
        require(at > begin && (body[begin] != '0' || at == begin + 1));
        return value;
    }

    private static boolean isDigit(byte letter) {
        return letter >= '0' && letter <= '9';
    }

    /** Skips white space; returns what follows it, 0 at the end. */
    private int next() {
        while (at < end && (body[at] == ' ' || body[at] == '\n' || body[at] == '\r' || body[at] == '\t')) {
            at++;
        }
        return at < end ? body[at] : 0;
    }

    private void take(char letter) {
        require(next() == letter);
        at++;
    }

    private static void require(boolean isPlain) {
        if (!isPlain) {
            throw new OtherFormException();
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
