package dev.writebehind.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SegmentedStringWriter;
import com.fasterxml.jackson.core.util.BufferRecycler;
import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CourseReset;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The encoding of a batch as the JSON parameter of {@link UpsertStatements}: an array of arrays. Safe for any thread.
 */
final class BatchEncoder {
    private static final JsonFactory JSON = new JsonFactory();

    private BatchEncoder() {}

    /** Returns one row for each change, in their order. */
    static String encode(ChangeBatch batch) {
        try (SegmentedStringWriter out = new SegmentedStringWriter(new BufferRecycler());
                JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartArray();
            if (batch instanceof ChangeBatch.Upserts upserts) {
                for (CoalescedWrite write : upserts.changes()) {
                    encode(write, json);
                }
            } else if (batch instanceof ChangeBatch.Resets resets) {
                for (CourseReset reset : resets.changes()) {
                    encode(reset, json);
                }
            }
            json.writeEndArray();
            json.flush();
            return out.getAndClear();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void encode(CourseReset reset, JsonGenerator json) throws IOException {
        json.writeStartArray();
        json.writeNumber(reset.learnerCourse().userId());
        json.writeString(reset.learnerCourse().course().value());
        json.writeString(SqlTime.text(reset.receivedAt()));
        json.writeEndArray();
    }

    private static void encode(CoalescedWrite write, JsonGenerator json) throws IOException {
        json.writeStartArray();
        json.writeNumber(write.key().userId());
        json.writeString(write.key().course().value());
        json.writeString(write.key().block().value());
        json.writeString(write.key().block().blockType());
        json.writeNumber(write.value());
        json.writeString(SqlTime.text(write.createdAt()));
        json.writeString(SqlTime.text(write.changedAt()));
        json.writeString(SqlTime.text(write.receivedAt()));
        json.writeNumber(write.changed() ? 1 : 0);
        if (write.told()) {
            json.writeNumber(1);
        }
        json.writeEndArray();
    }
}
