package dev.writebehind.store;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The text type of a column as the table declares it; immutable. Rows sent as JSON are declared with the same type,
 * else the comparison could not use the unique key.
 */
record KeyColumn(String charset, String collation) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]{1,64}");
    private static final String LETTERS = "a b c d e f g h i j k l m n o p q r s t u v w x y z";
    private static final String OTHERS = "0123456789!\"#$%&()*+,-./:;<=>?@[]^_`{|}~";

    private static final Set<String> UNICODE =
            Set.of("utf8mb4", "utf8mb3", "utf8", "ucs2", "utf16", "utf16le", "utf32");

    /**
     * Collations of Unicode, less their charset, of which it is known that they tell all ASCII characters apart but for
     * the case of letters. Others may not: Lithuanian takes i for y, Hungarian ccs for cscs, macce_general_ci m for n.
     */
    private static final Set<String> PLAIN = Set.of(
            "general_ci",
            "general_nopad_ci",
            "unicode_ci",
            "unicode_nopad_ci",
            "unicode_520_ci",
            "unicode_520_nopad_ci",
            "0900_ai_ci",
            "0900_as_ci",
            "uca1400_ai_ci",
            "uca1400_as_ci",
            "uca1400_nopad_ai_ci",
            "uca1400_nopad_as_ci");

    KeyColumn {
        if (!NAME.matcher(charset).matches() || !NAME.matcher(collation).matches()) {
            throw new UnfitSchemaException("the key columns have the strange collation " + charset + "/" + collation);
        }
        if (!collation.endsWith("_ci")) {
            throw new UnfitSchemaException("the key columns have the collation " + collation
                    + ", which tells upper from lower case: Open edX's do not; convert them to utf8mb4_unicode_ci");
        }
    }

    /** Returns the type as {@code JSON_TABLE} takes it. */
    String type() {
        return "VARCHAR(255) CHARACTER SET " + charset + " COLLATE " + collation;
    }

    /** Returns the SQL of a text as the column has it, where what its charset lacks becomes a question mark. */
    String converted(String expression) {
        return "CONVERT(" + expression + " USING " + charset + ") COLLATE " + collation;
    }

    /** Returns the SQL of whether a column of that charset would hold exactly that utf8mb4 text. */
    static String holds(String charset, String expression) {
        return "CONVERT(CONVERT(" + expression + " USING " + charset + ") USING utf8mb4) = BINARY " + expression;
    }

    /**
     * Returns a query of one value, 1 where the column takes ASCII as the keys do: each character as it is, and letters
     * without regard to their case.
     */
    String asciiQuery() {
        String letters = "_utf8mb4'" + LETTERS + "'";
        String capitals = "_utf8mb4'" + LETTERS.toUpperCase(Locale.ROOT) + "'";
        String others = "_utf8mb4'" + OTHERS + "'";
        return "SELECT " + converted(letters) + " = " + converted(capitals) + " AND " + holds(charset, letters)
                + " AND " + holds(charset, capitals) + " AND " + holds(charset, others);
    }

    /** Returns what to say where that query gives anything else. */
    String asciiRefusal() {
        return "the key columns have the collation " + collation
                + ", which does not take the letters A to Z as Open edX's"
                + " do, without regard to their case; convert them to utf8mb4_unicode_ci";
    }

    /**
     * Whether only the server can tell which other keys a key equals, and whether the column can hold it.
     *
     * @param isAscii whether the key has no other characters
     */
    boolean mustAsk(boolean isAscii) {
        return !isAscii || !isPlain();
    }

    private boolean isPlain() {
        return collation.equals("latin1_swedish_ci")
                || (UNICODE.contains(charset) && PLAIN.contains(collation.substring(collation.indexOf('_') + 1)));
    }
}
