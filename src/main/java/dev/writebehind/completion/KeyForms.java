package dev.writebehind.completion;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads course and usage keys by Open edX's spellings; stateless.
 *
 * <p>The character classes are those of {@code opaque_keys.edx.locator} (edx/opaque-keys): word characters of any
 * script and {@code - ~ . :}, plus {@code %} in the deprecated location. Word characters are Python's: letters, numbers
 * and the underscore, but no combining marks.
 */
final class KeyForms {
    private static final String ID = "[\\w\\-~.:]+";
    private static final String BRANCH_AND_VERSION = "(\\+branch@" + ID + ")?(\\+version@[a-f0-9]+)?";

    private static final Pattern COURSE = pattern("course-v1:" + ID + "\\+" + ID + "\\+" + ID + BRANCH_AND_VERSION);
    private static final Pattern LEGACY_LIBRARY = pattern("library-v1:" + ID + "\\+" + ID + BRANCH_AND_VERSION);
    private static final Pattern LIBRARY = pattern("lib:[\\w\\-.]+:[\\w\\-.]+");
    private static final Pattern SLASHED_COURSE = pattern("[\\w\\-.%]+/[\\w\\-.%]+/[\\w\\-.%]+");

    private static final Pattern BLOCK = pattern("block-v1:" + ID + "\\+" + ID + "\\+" + ID + BRANCH_AND_VERSION
            + "\\+type@(?<type>" + ID + ")\\+block@" + ID);
    private static final Pattern LEGACY_LIBRARY_BLOCK = pattern(
            "lib-block-v1:" + ID + "\\+" + ID + BRANCH_AND_VERSION + "\\+type@(?<type>" + ID + ")\\+block@" + ID);
    private static final Pattern LIBRARY_BLOCK = pattern("lb:[\\w\\-.]+:[\\w\\-.]+:(?<type>[\\w\\-.]+):[\\w\\-.]+");
    private static final Pattern LOCATION =
            pattern("i4x://[\\w\\-.%]+/[\\w\\-.%]+/(?<type>[\\w\\-~.%]+)/[\\w\\-~.:%]+(@[\\w\\-~.:%]+)?");

    private KeyForms() {}

    /**
     * Returns the value with A to Z in lower case; the same object where none is there. Which other letters are equal
     * is for the table's collation to say: no two collations agree with each other, nor any with Java.
     */
    static String fold(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (isUpperCase(value.charAt(i))) {
                return folded(value, i);
            }
        }
        return value;
    }

    private static String folded(String value, int from) {
        char[] letters = value.toCharArray();
        for (int i = from; i < letters.length; i++) {
            if (isUpperCase(letters[i])) {
                letters[i] = (char) (letters[i] - 'A' + 'a');
            }
        }
        return new String(letters);
    }

    private static boolean isUpperCase(char c) {
        return c >= 'A' && c <= 'Z';
    }

    static CourseKey course(String value) {
        return new CourseKey(value, fold(value), courseForm(value));
    }

    static BlockKey block(String value) {
        if (value.startsWith("block-v1:")) {
            return block(value, BLOCK, BlockKey.Form.BLOCK);
        }
        if (value.startsWith("lib-block-v1:")) {
            return block(value, LEGACY_LIBRARY_BLOCK, BlockKey.Form.LEGACY_LIBRARY_BLOCK);
        }
        if (value.startsWith("lb:")) {
            return block(value, LIBRARY_BLOCK, BlockKey.Form.LIBRARY_BLOCK);
        }
        return block(value, LOCATION, BlockKey.Form.LOCATION);
    }

    private static CourseKey.Form courseForm(String value) {
        if (COURSE.matcher(value).matches()) {
            return CourseKey.Form.COURSE;
        }
        if (LEGACY_LIBRARY.matcher(value).matches()) {
            return CourseKey.Form.LEGACY_LIBRARY;
        }
        if (LIBRARY.matcher(value).matches()) {
            return CourseKey.Form.LIBRARY;
        }
        return SLASHED_COURSE.matcher(value).matches() ? CourseKey.Form.SLASHED_COURSE : CourseKey.Form.OPAQUE;
    }

    private static BlockKey block(String value, Pattern pattern, BlockKey.Form form) {
        Matcher matcher = pattern.matcher(value);
        return matcher.matches()
                ? new BlockKey(value, fold(value), matcher.group("type"), form)
                : new BlockKey(value, fold(value), BlockKey.UNKNOWN_TYPE, BlockKey.Form.OPAQUE);
    }

    private static Pattern pattern(String regex) {
        return Pattern.compile(regex.replace("\\w", "\\p{L}\\p{N}_"));
    }
}
