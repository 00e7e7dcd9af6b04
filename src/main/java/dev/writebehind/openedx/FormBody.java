package dev.writebehind.openedx;

import dev.writebehind.http.Utf8;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;

/**
 * The parser of {@code application/x-www-form-urlencoded}, which reads it as Django does, but for what is no UTF-8:
 * that is refused. Stateless.
 */
final class FormBody {
    /** Django's {@code DATA_UPLOAD_MAX_NUMBER_FIELDS}. */
    private static final int MAX_FIELDS = 1000;

    private FormBody() {}

    /** Hands over every field, in order, or throws {@link Refused}. */
    static void read(String body, BiConsumer<String, String> field) {
        int fields = 0;
        int begin = 0;
        while (begin <= body.length()) {
            int ampersand = body.indexOf('&', begin);
            int end = ampersand < 0 ? body.length() : ampersand;
            if (end > begin) {
                fields++;
                if (fields > MAX_FIELDS) {
                    throw Answer.bad("The number of GET/POST parameters exceeded " + MAX_FIELDS + ".")
                            .refused();
                }
                int equals = body.indexOf('=', begin);
                int nameEnd = equals < 0 || equals > end ? end : equals;
                String value = nameEnd == end ? "" : decode(body.substring(nameEnd + 1, end));
                field.accept(decode(body.substring(begin, nameEnd)), value);
            }
            begin = end + 1;
        }
    }

    /** A percent sign that no two hexadecimal digits follow stands for itself. */
    private static String decode(String text) {
        String spaced = text.replace('+', ' ');
        if (spaced.indexOf('%') < 0) {
            return spaced;
        }
        byte[] bytes = spaced.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            int high = bytes[i] == '%' && i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = high < 0 ? -1 : Character.digit(bytes[i + 2], 16);
            if (low < 0) {
                decoded.write(bytes[i]);
            } else {
                decoded.write(high * 16 + low);
                i += 2;
            }
        }
        byte[] whole = decoded.toByteArray();
        if (!Utf8.isWellFormed(whole, whole.length)) {
            throw Answer.bad("Form parse error - 'utf-8' codec can't decode a field: invalid byte")
                    .refused();
        }
        return new String(whole, StandardCharsets.UTF_8);
    }
}
