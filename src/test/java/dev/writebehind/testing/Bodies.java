package dev.writebehind.testing;

import io.vertx.core.json.JsonObject;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Bodies of right requests to {@code /v1/completions}; stateless. */
public final class Bodies {
    private Bodies() {}

    /** Returns a write. */
    public static String write(int userId, String courseKey, String blockKey, Number completion) {
        return new JsonObject()
                .put("user_id", userId)
                .put("course_key", courseKey)
                .put("block_key", blockKey)
                .put("completion", completion)
                .encode();
    }

    /** Returns a write in the course {@code c}. */
    public static String write(int userId, String blockKey, Number completion) {
        return write(userId, "c", blockKey, completion);
    }

    /** Returns a write to the block {@code b} of that course. */
    public static String write(int userId, Number completion) {
        return write(userId, "b", completion);
    }

    /** Returns an array of writes. */
    public static String array(Stream<String> writes) {
        return writes.collect(Collectors.joining(",", "[", "]"));
    }
}
