package dev.writebehind.ingest;

import dev.writebehind.buffer.View;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.StoredCompletion;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the table will hold of a learner in a course once everything accepted so far is flushed; immutable. The order
 * of age is table, flushed a moment ago, in flight, pending.
 */
final class Overlay {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final Map<String, StoredCompletion> completions = new LinkedHashMap<>();
    private final Set<String> pending = new HashSet<>();

    private Overlay(List<StoredCompletion> rows, View view) {
        rows.stream().filter(row -> !view.hides(row)).forEach(row -> completions.put(row.foldedBlockKey(), row));
        view.flushed().forEach(write -> lay(write, view.horizon()));
        view.pending().forEach(write -> {
            lay(write, view.horizon());
            pending.add(write.key().block().folded());
        });
    }

    static Overlay of(List<StoredCompletion> rows, View view) {
        return new Overlay(rows, view);
    }

    private void lay(CoalescedWrite write, long horizon) {
        completions.compute(write.key().block().folded(), (block, row) -> write.applyTo(row, horizon));
    }

    /** Returns the answer for those blocks' folded keys; for all if none is named. */
    JsonObject json(Set<String> blocks) {
        JsonArray list = new JsonArray();
        completions.forEach((block, completion) -> {
            if (blocks.isEmpty() || blocks.contains(block)) {
                list.add(new JsonObject()
                        .put("block_key", completion.blockKey())
                        .put("block_type", completion.blockType())
                        .put("completion", completion.completion())
                        .put("created", time(completion.createdAt()))
                        .put("modified", time(completion.modifiedAt()))
                        .put("state", pending.contains(block) ? "pending" : "stored"));
            }
        });
        return new JsonObject().put("completions", list);
    }

    private static String time(long micros) {
        return TIME.format(Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
    }
}
