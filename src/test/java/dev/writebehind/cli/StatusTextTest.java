package dev.writebehind.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StatusTextTest {
    private static final Instant NOW = Instant.parse("2026-11-26T10:00:10Z");

    @Test
    void lines_tellWhatIsWrong_andWhatToDo() {
        JsonObject status = status(100)
                .put("ready", false)
                .put("flushing", new JsonObject().put("paused", true).put("failure", "the database is away"))
                .put(
                        "conditions",
                        new JsonArray()
                                .add(new JsonObject()
                                        .put("name", "journal-full")
                                        .put("since", "2026-11-26T09:00:00Z")
                                        .put("cause", "no\nspace\u001b[2J")
                                        .put("action", "Make room.")));

        String text = String.join("\n", new StatusText(status, NOW, null).lines());

        assertThat(text)
                .contains("NOT READY", "PAUSED", "FAILING: the database is away", "journal-full since", "no?space?[2J")
                .contains("→ Make room.", "(10 s ago)")
                .doesNotContain("\u001b");
    }

    @Test
    void part_isTold_ofOneOfSeveral_andOfNoOther() {
        JsonObject sharing = new JsonObject()
                .put("part", "follows")
                .put("epoch", 7)
                .put("unread_records", 1_200)
                .put("behind_seconds", 2.5);
        StatusText shared = new StatusText(status(1).put("sharing", sharing), NOW, null);
        assertThat(String.join("\n", shared.lines()))
                .contains("follows, in epoch 7, 1,200 records and 2.5 s behind the log's end");
        assertThat(shared.line()).contains(" part=follows ");

        StatusText alone = new StatusText(status(1).putNull("sharing"), NOW, null);
        assertThat(String.join("\n", alone.lines())).doesNotContain("instance");
        assertThat(alone.line()).doesNotContain("part=");
    }

    @Test
    void line_tellsRatesSinceTheLookBefore() {
        StatusText before = new StatusText(status(100), NOW.minusSeconds(2), null);
        assertThat(new StatusText(status(300), NOW, before).line()).contains(" writes/s=100 ", " wrong=-");
        assertThat(new StatusText(status(0), NOW, before).line()).contains(" writes/s=0 ");
    }

    @Test
    void lines_ofAnAnswerOfAnotherVersion_leaveOutWhatItDoesNotTell() {
        assertThat(new StatusText(new JsonObject(), NOW, null).lines()).isNotEmpty();
        assertThat(new StatusText(new JsonObject(), NOW, null).line()).contains("NOT READY");
    }

    @Test
    void onlyTheLookBefore_isKept() {
        StatusText first = new StatusText(status(1), NOW, null);
        StatusText second = new StatusText(status(2), NOW, first);
        StatusText third = new StatusText(status(3), NOW, second);
        assertThat(third.before()).isNotNull();
        assertThat(third.before().before()).isNull();
    }

    private static JsonObject status(long writes) {
        return new JsonObject()
                .put("version", "1")
                .put("phase", "serving")
                .put("ready", true)
                .put("started", "2026-11-26T10:00:00Z")
                .put("effect", new JsonObject().put("accepted_writes", writes));
    }
}
