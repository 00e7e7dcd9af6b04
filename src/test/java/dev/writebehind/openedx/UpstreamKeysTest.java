package dev.writebehind.openedx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.CourseKey;
import dev.writebehind.completion.InvalidKeyException;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.testing.Naps;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys of every type that Open edX has, and what its own parsers said of them, recorded by running these. */
class UpstreamKeysTest {
    private static final JsonObject RECORDED = recorded();

    private final KeyPool keys = new KeyPool();

    private static JsonObject recorded() {
        try {
            return new JsonObject(Files.readString(Path.of("src/test/resources/key-cases.json")));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Stream<JsonObject> cases(String kind) {
        return RECORDED.getJsonArray(kind).stream().map(JsonObject.class::cast);
    }

    static Stream<JsonObject> courses() {
        return cases("courses");
    }

    static Stream<JsonObject> usages() {
        return cases("usages");
    }

    static Stream<JsonObject> pairs() {
        return cases("pairs");
    }

    @ParameterizedTest
    @MethodSource("courses")
    void course_hasTheFormThatUpstreamSees(JsonObject recorded) {
        CourseKey.Form form = CourseKey.Form.of(recorded.getString("key"));

        assertThat(form).hasToString(recorded.getString("form"));
        if (recorded.getString("upstream") == null) {
            assertThat(form).isEqualTo(CourseKey.Form.OPAQUE);
        }
    }

    @ParameterizedTest
    @MethodSource("usages")
    void block_hasTheFormAndTypeThatUpstreamSees(JsonObject recorded) throws InvalidKeyException {
        String key = recorded.getString("key");
        assertThat(BlockKey.Form.of(key)).hasToString(recorded.getString("form"));
        if (key.isEmpty() || key.indexOf('\n') >= 0) {
            return;
        }

        assertThat(keys.block(key).blockType()).isEqualTo(recorded.getString("type"));
        if (!recorded.getString("form").equals("OPAQUE")) {
            assertThat(recorded.getString("type")).isEqualTo(recorded.getString("upstreamType"));
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void batch_takesTheBlocksThatUpstreamTakes(JsonObject recorded) {
        String course = recorded.getString("course");
        String block = recorded.getString("block");
        if (recorded.getString("ours", recorded.getString("upstream")).equals("in")) {
            assertThat(CourseBlocks.keyWithin(course, block)).isEqualTo(recorded.getString("stored"));
        } else {
            assertThatExceptionOfType(Refused.class)
                    .isThrownBy(() -> CourseBlocks.keyWithin(course, block))
                    .satisfies(e -> assertThat(e.answer().detail()).contains("is not in context"));
        }
    }

    @Test
    void recorded_holdsEveryKindOfKey() {
        assertThat(courses().map(recorded -> recorded.getString("form")).distinct())
                .containsExactlyInAnyOrder(
                        "COURSE", "SLASHED_COURSE", "LEGACY_LIBRARY", "LIBRARY", "CCX_COURSE", "OPAQUE");
        assertThat(usages().map(recorded -> recorded.getString("form")).distinct())
                .hasSize(BlockKey.Form.values().length);
    }

    /** A text is looked at before it is measured, and of a batch's body it may be most. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "block-v1:O+C+R+type@t+block@",
                "ccx-block-v1:O+C+R+ccx@",
                "ccx-block-v1:O+C+R+ccx@1+type@",
                "course-v1:",
                "ccx-v1:O+C+R+ccx@",
                "lib-block-v1:",
                "lb:O:s:t:",
                "lb:",
                "i4x://",
                "i4x://O/C/",
                "aside-usage-v1:",
                "aside-usage-v2:",
                "",
            })
    @Timeout(120)
    void form_ofAnEndlessText_takesTimeByItsLengthAlone(String start) {
        for (String part :
                new String[] {"a", "+", ":", "::", "$", "$:", "1", "@", "/", "a+", "a/", "version@a", "+a@"}) {
            for (String end : new String[] {"", "!", "$", "+"}) {
                String text = start + part.repeat(200_000 / part.length()) + end;
                long begun = Naps.nanos();
                BlockKey.Form.of(text);
                CourseKey.Form.of(text);
                assertThat(Naps.since(begun)).as(start + part + "…" + end).isLessThan(Duration.ofSeconds(5));
            }
        }
    }
}
