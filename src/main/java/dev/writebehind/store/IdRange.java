package dev.writebehind.store;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The range of the table's ids, and how far it is used up. Ids are spent by every insert that meets an existing row as
 * well, so the newest row alone does not tell. Immutable.
 *
 * @param columnType the id column's, as {@code COLUMN_TYPE} has it: {@code bigint(20) unsigned}
 * @param used the highest id given out so far; 0: none
 * @param limit the highest that the column holds
 */
record IdRange(String columnType, BigInteger used, BigInteger limit) {
    /**
     * Returns {@code type}, {@code next} (null: the server does not say) and {@code newest} (null: no row) of the
     * table. MySQL remembers {@code next} for a day unless the session sets
     * {@code information_schema_stats_expiry = 0}.
     */
    static final String QUERY = "SELECT c.COLUMN_TYPE AS type, t.AUTO_INCREMENT AS next,"
            + " (SELECT MAX(id) FROM " + UpsertStatements.TABLE + ") AS newest"
            + " FROM information_schema.COLUMNS c JOIN information_schema.TABLES t"
            + " ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME"
            + " WHERE c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = '" + UpsertStatements.TABLE + "'"
            + " AND c.COLUMN_NAME = 'id'";

    private static final Map<String, Integer> BITS =
            Map.of("tinyint", 8, "smallint", 16, "mediumint", 24, "int", 32, "bigint", 64);
    private static final double FEW = 0.2;

    IdRange {
        requireNonNull(columnType, "columnType");
        if (used.signum() < 0 || limit.signum() <= 0) {
            throw new IllegalArgumentException("used " + used + " of " + limit);
        }
    }

    /** Returns the range by what {@link #QUERY} found. */
    static IdRange of(String columnType, @Nullable BigInteger next, @Nullable BigInteger newest) {
        BigInteger spent = next == null ? BigInteger.ZERO : next.subtract(BigInteger.ONE);
        BigInteger used = spent.max(newest == null ? BigInteger.ZERO : newest).max(BigInteger.ZERO);
        return new IdRange(columnType, used, limit(columnType));
    }

    /** Asks on a session of {@link JdbcSession}. */
    static IdRange of(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(QUERY)) {
            if (!rows.next()) {
                throw new UnfitSchemaException("the table " + UpsertStatements.TABLE + " has no column id");
            }
            return of(rows.getString("type"), whole(rows.getBigDecimal("next")), whole(rows.getBigDecimal("newest")));
        }
    }

    /** Returns how many ids are left, never below 0. */
    BigInteger left() {
        return limit.subtract(used).max(BigInteger.ZERO);
    }

    /** Returns which part of the range is left, from 0 to 1. */
    double share() {
        return new BigDecimal(left())
                .divide(new BigDecimal(limit), MathContext.DECIMAL64)
                .doubleValue();
    }

    Finding finding() {
        String found = String.format(Locale.ROOT, "the ids (%s) are used up to %,d of %,d", columnType, used, limit);
        if (share() >= FEW) {
            return Finding.ok(found);
        }
        String widen = columnType.startsWith("bigint")
                ? "set a lower AUTO_INCREMENT if somebody raised it"
                : "widen them: ALTER TABLE " + UpsertStatements.TABLE + " MODIFY id BIGINT NOT NULL AUTO_INCREMENT";
        return Finding.note(found
                + (left().signum() == 0
                        ? ": none is left, so rows that are there can be changed, but new ones wait until you "
                        : String.format(Locale.ROOT, ": %.1f %% are left; ", 100 * share()))
                + widen);
    }

    private static BigInteger limit(String columnType) {
        String type = columnType.toLowerCase(Locale.ROOT);
        Integer bits = BITS.get(type.replaceFirst("[^a-z].*", ""));
        if (bits == null) {
            throw new UnfitSchemaException("the ids are " + columnType + ", which are not whole numbers");
        }
        return BigInteger.ONE
                .shiftLeft(type.contains("unsigned") ? bits : bits - 1)
                .subtract(BigInteger.ONE);
    }

    private static @Nullable BigInteger whole(@Nullable BigDecimal number) {
        return number == null ? null : number.toBigInteger();
    }
}
