package dev.writebehind.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.HashMap;
import java.util.Map;

/**
 * The properties that statements and keys depend on: the server, the largest packet that it takes, and the
 * text columns and indexes of the table as they are declared; immutable. A session is good for one shape.
 *
 * @param version what the server itself says, whatever a proxy before it greets with
 * @param typeCharset the charset of {@code block_type}, whose collation does not matter
 * @param hasManyIds whether ids are as good as endless, so that a statement which fails may use some up
 * @param hasConsecutiveIds whether the ids of one statement's new rows follow one another, whatever others add
 * @param maxPacket the largest statement that the server takes from this session, parameters included, in bytes
 */
record TableShape(
        String version,
        KeyColumn course,
        KeyColumn block,
        String typeCharset,
        boolean hasManyIds,
        boolean hasConsecutiveIds,
        long maxPacket,
        KeyIndexes indexes) {
    private static final String COLUMNS = "SELECT VERSION() AS version, COLUMN_NAME AS name,"
            + " CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation, @@max_allowed_packet AS max_packet,"
            + " @@innodb_autoinc_lock_mode < 2 AND @@auto_increment_increment = 1 AS consecutive,"
            + " (SELECT COUNT(*) FROM information_schema.COLUMNS i WHERE i.TABLE_SCHEMA = DATABASE()"
            + " AND i.TABLE_NAME = c.TABLE_NAME AND i.COLUMN_NAME = 'id' AND i.DATA_TYPE = 'bigint') AS many_ids"
            + " FROM information_schema.COLUMNS c WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?"
            + " AND COLUMN_NAME IN ('course_key', 'block_key', 'block_type')";

    /** Reads the shape; fails with {@link UnfitSchemaException} where the table is missing or unfit. */
    static Future<TableShape> read(SqlConnection connection) {
        return connection
                .preparedQuery(COLUMNS)
                .execute(Tuple.of(UpsertStatements.TABLE))
                .compose(rows -> rows.size() == 0 ? Future.failedFuture(missing()) : shape(connection, rows))
                .compose(shape -> takesAscii(connection, shape.course())
                        .compose(course -> shape.course().equals(shape.block())
                                ? Future.succeededFuture()
                                : takesAscii(connection, shape.block()))
                        .map(shape));
    }

    private static Future<TableShape> shape(SqlConnection connection, RowSet<Row> rows) {
        return KeyIndexes.read(connection).map(indexes -> of(rows, indexes));
    }

    private static UnfitSchemaException missing() {
        return new UnfitSchemaException("the table " + UpsertStatements.TABLE
                + " is missing: run the command migrate, or set database.migrate: true");
    }

    Dialect dialect() {
        return Dialect.of(version);
    }

    private static Future<Void> takesAscii(SqlConnection connection, KeyColumn column) {
        return connection.query(column.asciiQuery()).execute().map(rows -> {
            if (!Integer.valueOf(1).equals(rows.iterator().next().getInteger(0))) {
                throw new UnfitSchemaException(column.asciiRefusal());
            }
            return null;
        });
    }

    private static TableShape of(RowSet<Row> rows, KeyIndexes indexes) {
        Map<String, KeyColumn> keys = new HashMap<>();
        String typeCharset = null;
        for (Row row : rows) {
            String name = row.getString("name");
            String charset = row.getString("charset");
            if (charset == null) {
                throw new UnfitSchemaException("the column " + name + " of " + UpsertStatements.TABLE
                        + " holds bytes, not text: convert the table to utf8mb4_unicode_ci");
            }
            if (name.equals("block_type")) {
                typeCharset = charset;
            } else {
                keys.put(name, new KeyColumn(charset, row.getString("collation")));
            }
        }
        KeyColumn course = keys.get("course_key");
        KeyColumn block = keys.get("block_key");
        if (course == null || block == null || typeCharset == null) {
            throw new UnfitSchemaException("the columns of " + UpsertStatements.TABLE + " are not Open edX's");
        }
        Row any = rows.iterator().next();
        Dialect.of(any.getString("version"));
        return new TableShape(
                any.getString("version"),
                course,
                block,
                typeCharset,
                any.getInteger("many_ids") > 0,
                any.getInteger("consecutive") > 0,
                any.getLong("max_packet"),
                indexes);
    }
}
