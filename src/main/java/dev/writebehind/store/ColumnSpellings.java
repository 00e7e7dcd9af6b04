package dev.writebehind.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.writebehind.blocking.InTurn;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The spellings of one of the key's text columns, each asked for once and remembered. Asking is confined to the context
 * of the connection that is asked; safe for any thread else.
 */
final class ColumnSpellings {
    private static final int KEYS_PER_QUESTION = 500;
    private static final long MAX_REMEMBERED = 100_000;

    private final String name;
    private final KeyColumn column;
    private final String typeCharset;
    private final String question;
    private final Cache<String, Spelling> remembered =
            Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).build();

    /**
     * Creates what knows none yet.
     *
     * @param name the column's
     * @param typeCharset the character set of the column {@code block_type}
     */
    ColumnSpellings(String name, KeyColumn column, String typeCharset) {
        this.name = name;
        this.column = column;
        this.typeCharset = typeCharset;
        this.question = "SELECT n.i, WEIGHT_STRING(" + column.converted("n.k") + "), "
                + KeyColumn.holds(column.charset(), "n.k") + ", " + KeyColumn.holds(typeCharset, "n.t")
                + " FROM JSON_TABLE(?, '$[*]' COLUMNS("
                + "i FOR ORDINALITY"
                + ", k VARCHAR(255) CHARACTER SET utf8mb4 PATH '$[0]'"
                + ", t VARCHAR(64) CHARACTER SET utf8mb4 PATH '$[1]')) n";
    }

    /**
     * One key as the table takes it; immutable.
     *
     * @param canonical the same for all keys that the table holds equal
     * @param refusal why the table can't store it; empty: it can
     */
    record Spelling(String canonical, String refusal) {}

    /** Returns the spellings of those keys, given with their block types; "" for what has none. */
    Future<Map<String, Spelling>> learn(SqlConnection connection, Map<String, String> typesByKey) {
        Map<String, Spelling> known = new HashMap<>();
        List<JsonArray> unknown = new ArrayList<>();
        typesByKey.forEach((key, type) -> {
            Spelling present = remembered.getIfPresent(key);
            if (present == null) {
                unknown.add(new JsonArray().add(key).add(type));
            } else {
                known.put(key, present);
            }
        });
        List<List<JsonArray>> questions = new ArrayList<>();
        for (int from = 0; from < unknown.size(); from += KEYS_PER_QUESTION) {
            questions.add(unknown.subList(from, Math.min(unknown.size(), from + KEYS_PER_QUESTION)));
        }
        return InTurn.fold(questions.iterator(), known, (sofar, asked) -> ask(connection, asked, sofar));
    }

    private Future<Map<String, Spelling>> ask(
            SqlConnection connection, List<JsonArray> asked, Map<String, Spelling> known) {
        return connection
                .preparedQuery(question)
                .execute(Tuple.of(new JsonArray(asked).encode()))
                .map(rows -> {
                    for (Row row : rows) {
                        String key = asked.get(row.getInteger(0) - 1).getString(0);
                        Spelling spelling = new Spelling(canonical(row.getBuffer(1)), refusal(row));
                        remembered.put(key, spelling);
                        known.put(key, spelling);
                    }
                    return known;
                });
    }

    private String refusal(Row row) {
        if (row.getInteger(2) != 1) {
            return "the column " + name + " has the character set " + column.charset()
                    + ", which lacks a character of the key: convert the table to utf8mb4";
        }
        return row.getInteger(3) == 1
                ? ""
                : "the column block_type has the character set " + typeCharset
                        + ", which lacks a character of the block's type: convert the table to utf8mb4";
    }

    /** The sort key as it is would take a kilobyte for each key. */
    private static String canonical(Buffer sortKey) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(sortKey.getBytes());
            return new String(digest, StandardCharsets.ISO_8859_1);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
