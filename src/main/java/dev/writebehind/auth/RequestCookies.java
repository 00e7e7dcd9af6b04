package dev.writebehind.auth;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parser of a request's cookies, which reads them as Django does (django.http.cookie.parse_cookie), so that a page
 * that gets at a neighbour's cookies can't have the LMS see one value and this service another: of several with one
 * name the last counts. Stateless.
 */
final class RequestCookies {
    private RequestCookies() {}

    /** Returns the value of that cookie, null if there is none, out of the values of the {@code Cookie} headers. */
    static @Nullable String find(List<String> headers, String name) {
        String found = null;
        for (String header : headers) {
            int start = 0;
            while (start < header.length()) {
                int semicolon = header.indexOf(';', start);
                int end = semicolon < 0 ? header.length() : semicolon;
                int equals = header.indexOf('=', start);
                if (equals >= 0
                        && equals < end
                        && header.substring(start, equals).strip().equals(name)) {
                    found = unquoted(header.substring(equals + 1, end).strip());
                }
                start = end + 1;
            }
        }
        return found;
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }
}
