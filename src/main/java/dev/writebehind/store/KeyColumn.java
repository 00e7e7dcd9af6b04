package dev.writebehind.store;

import java.util.regex.Pattern;

/**
 * The text type of a key column as the table declares it; immutable. Rows sent as JSON are declared with the same
 * type, else the comparison could not use the unique key.
 */
record KeyColumn(String charset, String collation) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]{1,64}");

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
}
