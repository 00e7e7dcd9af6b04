package dev.writebehind.flush;

import static java.util.Objects.requireNonNull;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.OptionalLong;

/**
 * A change that the database refused for what it holds, with the cause; immutable.
 *
 * @param buriedAt when it was given up
 */
public record DeadLetter(Change change, String cause, Instant buriedAt) {
    private static final String WRITE = "write";
    private static final String RESET = "reset";

    public DeadLetter {
        requireNonNull(change, "change");
        requireNonNull(cause, "cause");
        requireNonNull(buriedAt, "buriedAt");
    }

    /** Returns the name it goes by: its receipt time, which no other change shares. */
    public String id() {
        return id(change);
    }

    static String id(Change change) {
        return Long.toString(change.receivedAt());
    }

    /** Returns the number that an id is; nothing: it is none. */
    public static OptionalLong number(String id) {
        try {
            return OptionalLong.of(Long.parseLong(id));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /**
     * Returns everything that is kept of it; times of receipt in microseconds since the epoch. Not whether its callers
     * spread the news: they were told that it was refused, and so tell nobody.
     */
    public JsonObject json() {
        JsonObject json = new JsonObject()
                .put("id", id())
                .put("cause", cause)
                .put("buried", buriedAt.toString())
                .put("kind", change instanceof CourseReset ? RESET : WRITE)
                .put("user_id", change.learnerCourse().userId())
                .put("course_key", change.learnerCourse().course().value())
                .put("received_micros", change.receivedAt());
        if (change instanceof CoalescedWrite write) {
            json.put("block_key", write.key().block().value())
                    .put("completion", write.value())
                    .put("created_micros", write.createdAt())
                    .put("changed_micros", write.changedAt())
                    .put("changed", write.changed());
        }
        return json;
    }

    static DeadLetter of(JsonObject json, KeyPool keys) {
        LearnerCourse learnerCourse =
                new LearnerCourse(json.getInteger("user_id"), keys.course(json.getString("course_key")));
        Change change = json.getString("kind").equals(RESET)
                ? new CourseReset(learnerCourse, json.getLong("received_micros"))
                : write(learnerCourse, json, keys);
        return new DeadLetter(change, json.getString("cause"), Instant.parse(json.getString("buried")));
    }

    private static CoalescedWrite write(LearnerCourse learnerCourse, JsonObject json, KeyPool keys) {
        return new CoalescedWrite(
                new CompletionKey(
                        learnerCourse.userId(), learnerCourse.course(), keys.block(json.getString("block_key"))),
                json.getDouble("completion"),
                json.getLong("created_micros"),
                json.getLong("changed_micros"),
                json.getLong("received_micros"),
                json.getBoolean("changed"));
    }
}
