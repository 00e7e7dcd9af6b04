package dev.writebehind.auth;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Scheme and authority of a URL, as Python's {@code urllib.parse.urlsplit} finds them: by the delimiters alone,
 * whatever stands in path and query; immutable.
 *
 * @param scheme in lower case; empty if there is none
 * @param authority host, port and whatever else stands there, as spelled; empty if there is none
 */
record SiteOfUrl(String scheme, String authority) {
    /** Returns what is found; null where Python raises an error. */
    static @Nullable SiteOfUrl of(String url) {
        String rest = withoutControls(url);
        int colon = rest.indexOf(':');
        String scheme = "";
        if (colon > 0 && isScheme(rest.substring(0, colon))) {
            scheme = rest.substring(0, colon).toLowerCase(Locale.ROOT);
            rest = rest.substring(colon + 1);
        }
        if (!rest.startsWith("//")) {
            return new SiteOfUrl(scheme, "");
        }
        int end = 2;
        while (end < rest.length() && "/?#".indexOf(rest.charAt(end)) < 0) {
            end++;
        }
        String authority = rest.substring(2, end);
        boolean torn = (authority.indexOf('[') < 0) != (authority.indexOf(']') < 0);
        return torn ? null : new SiteOfUrl(scheme, authority);
    }

    private static String withoutControls(String url) {
        int start = 0;
        while (start < url.length() && url.charAt(start) <= ' ') {
            start++;
        }
        return url.substring(start).replace("\t", "").replace("\r", "").replace("\n", "");
    }

    private static boolean isScheme(String text) {
        return isLetter(text.charAt(0))
                && text.chars().allMatch(c -> isLetter(c) || (c >= '0' && c <= '9') || "+-.".indexOf(c) >= 0);
    }

    private static boolean isLetter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
}
