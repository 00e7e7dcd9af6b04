package dev.writebehind.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CourseKey;
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
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the table makes of keys: which it holds equal, by the server's own sort keys, and which it can't store. The
 * server is asked once for each distinct key that is not plain ASCII. Asking is confined to the context of the
 * connection that is asked; safe for any thread else. Why: {@code docs/decisions/0002-upsert.md}.
 */
final class Spellings {
    private static final int KEYS_PER_QUESTION = 500;
    private static final long MAX_REMEMBERED = 100_000;

    private final TableShape shape;
    private final Cache<String, Spelling> courses =
            Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).build();
    private final Cache<String, Spelling> blocks =
            Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).build();
    private final String courseQuestion;
    private final String blockQuestion;

    Spellings(TableShape shape) {
        this.shape = shape;
        this.courseQuestion = question(shape.course());
        this.blockQuestion = question(shape.block());
    }

    /**
     * What the table makes of one key; immutable.
     *
     * @param canonical the same for all keys that the table holds equal
     * @param refusal why the table can't store it; empty: it can
     */
    record Spelling(String canonical, String refusal) {}

    TableShape shape() {
        return shape;
    }

    /**
     * Asks for whatever has to be asked about the keys of those changes. A learner with one key that needs asking has
     * all of them asked, for any may be that one's equal.
     */
    Future<KnownSpellings> learn(SqlConnection connection, Collection<? extends Change> changes) {
        Set<Integer> learners = new HashSet<>();
        for (Change change : changes) {
            if (shape.course().mustAsk(change.learnerCourse().course().value())
                    || (change instanceof CoalescedWrite write
                            && shape.block().mustAsk(write.key().block().value()))) {
                learners.add(change.learnerCourse().userId());
            }
        }
        if (learners.isEmpty()) {
            return Future.succeededFuture(KnownSpellings.PLAIN);
        }
        Map<String, CourseKey> askedCourses = new HashMap<>();
        Map<String, BlockKey> askedBlocks = new HashMap<>();
        for (Change change : changes) {
            if (learners.contains(change.learnerCourse().userId())) {
                CourseKey course = change.learnerCourse().course();
                askedCourses.put(course.value(), course);
                if (change instanceof CoalescedWrite write) {
                    askedBlocks.put(write.key().block().value(), write.key().block());
                }
            }
        }
        Map<String, Spelling> knownCourses = new HashMap<>();
        Map<String, Spelling> knownBlocks = new HashMap<>();
        List<JsonArray> newCourses = new ArrayList<>();
        List<JsonArray> newBlocks = new ArrayList<>();
        askedCourses.forEach((value, key) -> look(
                courses,
                value,
                knownCourses,
                newCourses,
                new JsonArray().add(value).add("")));
        askedBlocks.forEach((value, key) -> look(
                blocks,
                value,
                knownBlocks,
                newBlocks,
                new JsonArray().add(value).add(key.blockType())));
        return ask(connection, courseQuestion, "course_key", newCourses, 0, courses, knownCourses)
                .compose(asked -> ask(connection, blockQuestion, "block_key", newBlocks, 0, blocks, knownBlocks))
                .map(asked -> new KnownSpellings(knownCourses, knownBlocks));
    }

    private static void look(
            Cache<String, Spelling> cache,
            String value,
            Map<String, Spelling> known,
            List<JsonArray> unknown,
            JsonArray asked) {
        Spelling present = cache.getIfPresent(value);
        if (present == null) {
            unknown.add(asked);
        } else {
            known.put(value, present);
        }
    }

    private Future<Void> ask(
            SqlConnection connection,
            String question,
            String column,
            List<JsonArray> keys,
            int from,
            Cache<String, Spelling> cache,
            Map<String, Spelling> known) {
        if (from >= keys.size()) {
            return Future.succeededFuture();
        }
        List<JsonArray> asked = keys.subList(from, Math.min(keys.size(), from + KEYS_PER_QUESTION));
        return connection
                .preparedQuery(question)
                .execute(Tuple.of(new JsonArray(asked).encode()))
                .compose(rows -> {
                    for (Row row : rows) {
                        String value = asked.get(row.getInteger(0) - 1).getString(0);
                        Spelling spelling = new Spelling(canonical(row.getBuffer(1)), refusal(column, row));
                        cache.put(value, spelling);
                        known.put(value, spelling);
                    }
                    return ask(connection, question, column, keys, from + asked.size(), cache, known);
                });
    }

    private String refusal(String column, Row row) {
        if (row.getInteger(2) != 1) {
            KeyColumn key = column.equals("course_key") ? shape.course() : shape.block();
            return "the column " + column + " has the character set " + key.charset()
                    + ", which lacks a character of the key: convert the table to utf8mb4";
        }
        return row.getInteger(3) == 1
                ? ""
                : "the column block_type has the character set " + shape.typeCharset()
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

    private String question(KeyColumn column) {
        return "SELECT n.i, WEIGHT_STRING(" + column.converted("n.k") + "), " + KeyColumn.holds(column.charset(), "n.k")
                + ", " + KeyColumn.holds(shape.typeCharset(), "n.t") + " FROM JSON_TABLE(?, '$[*]' COLUMNS("
                + "i FOR ORDINALITY"
                + ", k VARCHAR(255) CHARACTER SET utf8mb4 PATH '$[0]'"
                + ", t VARCHAR(64) CHARACTER SET utf8mb4 PATH '$[1]')) n";
    }
}
