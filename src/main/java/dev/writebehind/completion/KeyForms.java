package dev.writebehind.completion;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parser of course and usage keys by Open edX's spellings; stateless.
 *
 * <p>The grammar is that of {@code opaque_keys.edx.locator} and {@code .asides} (openedx/opaque-keys 4.0) and of
 * {@code ccx_keys.locator} (openedx/ccx-keys 2.0), for keys in the one spelling that those write: what they read
 * besides and write otherwise is opaque here. Word characters are Python's: letters, numbers and the underscore, but no
 * combining marks. Every repetition is possessive, which no delimiter minds, so that the time grows with the length
 * alone.
 */
final class KeyForms {
    private static final String ID = "[\\w\\-~.:]++";
    private static final String VERSION = "version@[a-f0-9]{24}";
    private static final String BRANCH_AND_VERSION = "(\\+branch@" + ID + ")?+(\\+" + VERSION + ")?+";
    private static final String RUN = "(" + ID + "\\+" + ID + "\\+" + ID + BRANCH_AND_VERSION + "|" + VERSION + ")";
    private static final String CCX = "\\+ccx@\\p{Nd}++";
    private static final String LIBRARY_PARTS = "(" + ID + "\\+" + ID + BRANCH_AND_VERSION + "|" + VERSION + ")";
    private static final String BLOCK_PARTS = "\\+type@(?<type>" + ID + ")\\+block@" + ID;
    private static final String ASCII = "[A-Za-z0-9_\\-.]++";
    private static final String SLUG = "[\\w\\-.]++";
    private static final String OLD = "[\\w\\-.%]++";

    private static final Pattern COURSE = pattern("course-v1:" + RUN);
    private static final Pattern CCX_COURSE = pattern("ccx-v1:" + RUN + CCX);
    private static final Pattern LEGACY_LIBRARY = pattern("library-v1:" + LIBRARY_PARTS);
    private static final Pattern LIBRARY = pattern("lib:" + ASCII + ":" + SLUG);
    private static final Pattern SLASHED_COURSE = pattern(OLD + "/" + OLD + "/" + OLD);

    private static final Pattern BLOCK = pattern("block-v1:" + RUN + BLOCK_PARTS);
    private static final Pattern CCX_BLOCK = pattern("ccx-block-v1:" + RUN + CCX + BLOCK_PARTS);
    private static final Pattern LEGACY_LIBRARY_BLOCK = pattern("lib-block-v1:" + LIBRARY_PARTS + BLOCK_PARTS);
    private static final Pattern LIBRARY_BLOCK =
            pattern("lb:" + ASCII + ":" + SLUG + ":(?<type>" + ASCII + "):" + SLUG);
    private static final Pattern LOCATION =
            pattern("i4x://" + OLD + "/" + OLD + "/(?<type>[^/]++)/[\\w\\-~.:%]++(@[\\w\\-~.:%]++)?+");

    private static final String ASIDE_V1 = "aside-usage-v1:";
    private static final String ASIDE_V2 = "aside-usage-v2:";
    private static final Pattern UNESCAPED_COLON = Pattern.compile("(?<!\\$):");
    private static final Pattern UNESCAPED_DOLLAR = Pattern.compile("(?<!\\$)(\\$\\$)*+\\$([^$]|\\z)");

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

    private static boolean isAscii(String value) {
        return value.chars().allMatch(c -> c < 0x80);
    }

    private static boolean isUpperCase(char c) {
        return c >= 'A' && c <= 'Z';
    }

    static CourseKey course(String value) {
        return new CourseKey(value, fold(value), isAscii(value), courseForm(value));
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
        if (value.startsWith("ccx-block-v1:")) {
            return block(value, CCX_BLOCK, BlockKey.Form.CCX_BLOCK);
        }
        if (value.startsWith(ASIDE_V1) || value.startsWith(ASIDE_V2)) {
            return aside(value);
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
        if (CCX_COURSE.matcher(value).matches()) {
            return CourseKey.Form.CCX_COURSE;
        }
        return SLASHED_COURSE.matcher(value).matches() ? CourseKey.Form.SLASHED_COURSE : CourseKey.Form.OPAQUE;
    }

    private static BlockKey block(String value, Pattern pattern, BlockKey.Form form) {
        Matcher matcher = pattern.matcher(value);
        return matcher.matches()
                ? new BlockKey(value, fold(value), isAscii(value), matcher.group("type"), form)
                : new BlockKey(value, fold(value), isAscii(value), BlockKey.UNKNOWN_TYPE, BlockKey.Form.OPAQUE);
    }

    /** An aside has the type of the block that it stands beside; one beside another aside is opaque. */
    private static BlockKey aside(String value) {
        String block = value.startsWith(ASIDE_V1) ? asideV1(value) : asideV2(value);
        boolean nested = block.startsWith(ASIDE_V1) || block.startsWith(ASIDE_V2);
        BlockKey beside = nested ? block("", LOCATION, BlockKey.Form.LOCATION) : block(block);
        BlockKey.Form form = beside.form() == BlockKey.Form.OPAQUE ? BlockKey.Form.OPAQUE : BlockKey.Form.ASIDE;
        return new BlockKey(value, fold(value), isAscii(value), beside.blockType(), form);
    }

    /** Returns the encoded block's key, in which {@code $} stands for {@code $$}; empty: it is not one. */
    private static String asideV1(String value) {
        int end = value.indexOf("::", ASIDE_V1.length());
        if (end < 0) {
            return "";
        }
        String block = decodedV1(value.substring(ASIDE_V1.length(), end));
        return decodedV1(value.substring(end + 2)).isEmpty() || block.endsWith(":") ? "" : block;
    }

    private static String decodedV1(String text) {
        String plain = text.replace("$::", "::").replace("$$", "$");
        return plain.replace("$", "$$").replace("::", "$::").equals(text) ? plain : "";
    }

    /** Returns the encoded block's key, in which {@code $} and {@code :} have a {@code $} before them; empty: none. */
    private static String asideV2(String value) {
        int end = value.lastIndexOf("::");
        if (end < ASIDE_V2.length()) {
            return "";
        }
        return decodedV2(value.substring(end + 2)).isEmpty() ? "" : decodedV2(value.substring(ASIDE_V2.length(), end));
    }

    private static String decodedV2(String text) {
        if (UNESCAPED_COLON.matcher(text).find()) {
            return "";
        }
        String colons = text.replace("$:", ":");
        return UNESCAPED_DOLLAR.matcher(colons).find() ? "" : colons.replace("$$", "$");
    }

    private static Pattern pattern(String regex) {
        return Pattern.compile(regex.replace("\\w", "\\p{L}\\p{N}_"));
    }
}
