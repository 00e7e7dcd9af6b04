package dev.writebehind.loadtest.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.loadtest.baseline.BodyDecoder.Batch;
import dev.writebehind.loadtest.baseline.BodyDecoder.Write;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyDecoderTest {
    private static final String COURSE = "course-v1:Org+Course+Run";
    private static final String BLOCK = "block-v1:Org+Course+Run+type@video+block@1";

    private final BodyDecoder decoder = new BodyDecoder();

    @Test
    void writes_oneObject_isOneWrite() {
        List<Write> writes = writes("""
                {"user_id":7,"course_key":"%s","later":{"a":[1]},"block_key":"%s","completion":0.25}""".formatted(COURSE, BLOCK));

        assertThat(writes).singleElement().satisfies(write -> {
            assertThat(write.userId()).isEqualTo(7);
            assertThat(write.value().course().value()).isEqualTo(COURSE);
            assertThat(write.value().block().value()).isEqualTo(BLOCK);
            assertThat(write.value().block().blockType()).isEqualTo("video");
            assertThat(write.value().completion()).isEqualTo(0.25);
        });
    }

    @Test
    void writes_array_keepsItsOrder() {
        String write = """
                {"user_id":%d,"course_key":"%s","block_key":"%s","completion":1}""";

        List<Write> writes =
                writes("[" + write.formatted(2, COURSE, BLOCK) + "," + write.formatted(1, COURSE, BLOCK) + "]");

        assertThat(writes).extracting(Write::userId).containsExactly(2, 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "{",
                "[{}",
                "{}",
                "[1]",
                "{'user_id':0,'course_key':'c','block_key':'b','completion':1}",
                "{'user_id':'1','course_key':'c','block_key':'b','completion':1}",
                "{'user_id':1,'course_key':7,'block_key':'b','completion':1}",
                "{'user_id':1,'course_key':'c','block_key':' b','completion':1}",
                "{'user_id':1,'course_key':'c','completion':1}",
                "{'user_id':1,'course_key':'c','block_key':'b'}",
                "{'user_id':1,'course_key':'c','block_key':'b','completion':1.5}",
                "{'user_id':1,'course_key':'c','block_key':'b','completion':null}"
            })
    void writes_malformed_areRefused(String body) {
        assertThatThrownBy(() -> writes(body.replace('\'', '"'))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void batch_takesNumbersAndAndroidsStrings() {
        Batch batch = batch("""
                {"username":"ada","course_key":"%s","blocks":{"%s":1.0,"%s2":"0.5"}}""".formatted(COURSE, BLOCK, BLOCK));

        assertThat(batch.username()).isEqualTo("ada");
        assertThat(batch.course().value()).isEqualTo(COURSE);
        assertThat(batch.values())
                .extracting(value -> value.block().value(), BodyDecoder.BlockValue::completion)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(BLOCK, 1.0),
                        org.assertj.core.groups.Tuple.tuple(BLOCK + "2", 0.5));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{'course_key':'c','blocks':{}}",
                "{'username':'a','blocks':{}}",
                "{'username':'a','course_key':'c','blocks':['b']}",
                "{'username':'a','course_key':'c','blocks':{'b':'abc'}}",
                "{'username':'a','course_key':'c','blocks':{'b':2}}"
            })
    void batch_malformed_isRefused(String body) {
        assertThatThrownBy(() -> batch(body.replace('\'', '"'))).isInstanceOf(IllegalArgumentException.class);
    }

    private List<Write> writes(String body) {
        return decoder.writes(body.getBytes(StandardCharsets.UTF_8));
    }

    private Batch batch(String body) {
        return decoder.batch(body.getBytes(StandardCharsets.UTF_8));
    }
}
