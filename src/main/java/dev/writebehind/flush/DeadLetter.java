package dev.writebehind.flush;

import static java.util.Objects.requireNonNull;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.KeyPool;
import io.vertx.core.json.JsonObject;
import java.time.Instant;

/**
 * A write that the database refused for what it holds, with the cause; immutable.
 *
 * @param buriedAt when it was given up
 */
public record DeadLetter(CoalescedWrite write, String cause, Instant buriedAt) {
    public DeadLetter {
        requireNonNull(write, "write");
        requireNonNull(cause, "cause");
        requireNonNull(buriedAt, "buriedAt");
    }

    /** Returns the name it goes by: its receipt time, which no other write shares. */
    public String id() {
        return Long.toString(write.receivedAt());
    }

    /** Returns everything about it; times of receipt in microseconds since the epoch. */
    public JsonObject json() {
        return new JsonObject()
                .put("id", id())
                .put("cause", cause)
                .put("buried", buriedAt.toString())
                .put("user_id", write.key().userId())
                .put("course_key", write.key().course().value())
                .put("block_key", write.key().block().value())
                .put("completion", write.value())
                .put("created_micros", write.createdAt())
                .put("changed_micros", write.changedAt())
                .put("received_micros", write.receivedAt())
                .put("changed", write.changed());
    }

    static DeadLetter of(JsonObject json, KeyPool keys) {
        CompletionKey key = new CompletionKey(
                json.getInteger("user_id"),
                keys.course(json.getString("course_key")),
                keys.block(json.getString("block_key")));
        CoalescedWrite write = new CoalescedWrite(
                key,
                json.getDouble("completion"),
                json.getLong("created_micros"),
                json.getLong("changed_micros"),
                json.getLong("received_micros"),
                json.getBoolean("changed"));
        return new DeadLetter(write, json.getString("cause"), Instant.parse(json.getString("buried")));
    }
}
