package dev.writebehind.openedx;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.groups.Tuple.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.ThreadMXBean;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestDataTest {
    private static final String JSON = "application/json";
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String COURSE = "course-v1:O+C+R";
    private static final String BLOCK = "block-v1:O+C+R+type@html+block@";
    private static final int MIB = 1024 * 1024;

    private static RequestData json(String body) {
        return of(JSON, body.getBytes(UTF_8));
    }

    private static Answer refusal(ThrowingCallable call) {
        Refused refused = catchThrowableOfType(Refused.class, call);
        assertThat(refused).isNotNull();
        return refused.answer();
    }

    private static List<CompletionWrite> writes(RequestData data) {
        Batch batch = Batch.of(data);
        return batch.writes(1, batch.course(), new KeyPool());
    }

    private static String batch(String blocks) {
        return "{\"username\":\"ann\",\"course_key\":\"" + COURSE + "\",\"blocks\":" + blocks + "}";
    }

    private static String text(JsonNode node) {
        return node == null ? "missing" : node.asText();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00c0\u00af", "\u00ed\u00a0\u0080", "\u00f4\u0090\u0080\u0080", "\u00e2\u0082", "\u00ff"})
    void of_bytesThatAreNoUtf8_isRefused_whereverTheyAre(String bytes) {
        String name = "{\"" + bytes + "\":1}";
        String value = "{\"username\":\"" + bytes + "\"}";
        String atTheEndOfALargeOne = "{\"x\":\"" + "y".repeat(MIB) + bytes + "\"}";
        for (String body : List.of(name, value, atTheEndOfALargeOne, bytes)) {
            assertThat(refusal(() -> of(JSON, body.getBytes(ISO_8859_1))))
                    .isEqualTo(Answer.bad("JSON parse error - 'utf-8' codec can't decode the body: invalid byte"));
        }
        assertThat(refusal(() -> of(FORM, ("username=" + bytes).getBytes(ISO_8859_1)))
                        .status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16BE", "UTF-16LE", "UTF-32BE", "UTF-32LE"})
    void of_anotherEncoding_isReadWhereItIsNamed_andRefusedElsewhere(String encoding) {
        byte[] body = batch("{\"" + BLOCK + "é\":1}").getBytes(Charset.forName(encoding));

        assertThat(refusal(() -> of(JSON, body)).detail()).startsWith("JSON parse error - ");
        assertThat(writes(of(JSON + "; charset=" + encoding, body))).hasSize(1);
    }

    @Test
    void of_halfASurrogatePairInUtf16_isRefused() {
        byte[] body = "{\"username\":\"?\"}".getBytes(UTF_16BE);
        body[26] = (byte) 0xd8;
        assertThat(refusal(() -> of(JSON + "; charset=utf-16be", body)).detail())
                .isEqualTo("JSON parse error - 'utf-16be' codec can't decode the body: invalid byte");
    }

    @Test
    void of_aByteOrderMark_isRefusedAsPythonDoes() {
        assertThat(refusal(() -> json("\ufeff{}")).detail())
                .isEqualTo(
                        "JSON parse error - Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)");
    }

    @ParameterizedTest
    @CsvSource({
        "'{} []', Extra data: line 1 column 4 (char 3)",
        "'{}\n\n[]', Extra data: line 3 column 1 (char 4)",
        "'   ', Expecting value: line 1 column 1 (char 0)",
    })
    void of_whatIsNoJson_isToldWithItsPlace(String body, String reason) {
        assertThat(refusal(() -> json(body)).detail()).isEqualTo("JSON parse error - " + reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"blocks\":{\"a\":[1,", "{\"a\":{", "[[", "{\"username\"", "{\"blocks\":{\"a\":1}", "[1,]"})
    void of_jsonThatIsCutShort_isRefused(String body) {
        assertThat(refusal(() -> json(body)).detail()).startsWith("JSON parse error - ");
    }

    /** Of these a tree would take a gigabyte and more. */
    @Test
    void of_manyValues_keepsHardlyAny() {
        String lists = "{},".repeat(10 * MIB) + "{}";
        RequestData data = json("{\"username\":[" + lists + "],\"course_key\":5,\"blocks\":[" + lists + "]}");

        assertThat(data.username().size()).isEqualTo(Answer.MAX_DETAIL_CHARACTERS);
        assertThat(data.blocks())
                .isInstanceOfSatisfying(
                        Blocks.Other.class, other -> assertThat(other.value()).hasSize(1));
    }

    @Test
    void of_manyBlocks_countsThemOnly_andValuesWithinABlockAreNotKept() {
        String value = "[" + "{},".repeat(100) + "{}]";
        StringBuilder blocks = new StringBuilder("{\"a\":").append(value);
        for (int i = 0; i < 100_000; i++) {
            blocks.append(",\"a").append(i).append("\":").append(value);
        }
        RequestData data = json(batch(blocks + "}"));

        assertThat(data.blocks()).isInstanceOfSatisfying(Blocks.Named.class, named -> {
            assertThat(named.count()).isEqualTo(100_001);
            assertThat(named.body().pairs(named))
                    .hasSize(100_001)
                    .allSatisfy((key, kept) -> assertThat(kept).isEmpty());
        });
    }

    @Test
    void fields_givenTwice_countWithTheirLast() {
        RequestData data = json("{\"blocks\":{\"" + BLOCK + "0\":0},\"username\":\"bob\",\"blocks\":[],\"blocks\":{\""
                + BLOCK + "1\":0.25,\"" + BLOCK + "2\":0,\"" + BLOCK + "1\":0.5},\"course_key\":\"x\",\"username\":"
                + "\"ann\",\"course_key\":\"" + COURSE + "\"}");

        assertThat(text(data.username())).isEqualTo("ann");
        assertThat(writes(data))
                .extracting(write -> write.key().block().value(), CompletionWrite::completion)
                .containsExactly(tuple(BLOCK + "1", 0.5), tuple(BLOCK + "2", 0.0));
    }

    @Test
    void fields_ofAnotherDepth_areNotTaken() {
        RequestData data = json("{\"x\":{\"username\":\"bob\",\"blocks\":{}},\"blocks\":{\"username\":1}}");
        assertThat(data.username()).isNull();
        assertThat(data.blocks())
                .isInstanceOfSatisfying(
                        Blocks.Named.class,
                        named -> assertThat(named.body().pairs(named)).containsOnlyKeys("username"));
    }

    @Test
    void courseKey_thatIsNoText_isQuotedShortened() {
        StringBuilder floats = new StringBuilder("[9.8765432101234567e-305");
        for (int i = 0; i < 150_000; i++) {
            floats.append(",9.8765432101234567e-305");
        }
        Batch batch = Batch.of(json("{\"username\":1,\"course_key\":" + floats + "],\"blocks\":{}}"));

        assertThat(refusal(batch::course).detail())
                .startsWith("Invalid learning context key: [9.876543210123456e-305, 9.876543210123456e-305, ")
                .endsWith("…")
                .hasSize(Answer.MAX_DETAIL_CHARACTERS + 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "null|None",
                "[1, \"a\", 1.5]|[1, 'a', 1.5]",
                "{\"a\": [true]}|{'a': [True]}",
                "123456789012345678901234567890|123456789012345678901234567890",
            })
    void courseKey_thatIsNoText_isQuotedAsPythonDoes(String value, String text) {
        Batch batch = Batch.of(json("{\"username\":1,\"course_key\":" + value + ",\"blocks\":{}}"));
        assertThat(refusal(batch::course)).isEqualTo(Answer.bad("Invalid learning context key: " + text));
    }

    @Test
    void texts_howeverLong_giveShortAnswers() {
        String invisible = "\u200b".repeat(50_000);
        String plain = "x".repeat(90_000);
        String tooLong = "y".repeat(15 * MIB);
        for (String body : List.of(
                batch("{\"" + BLOCK + "1\":\"" + invisible + "\"}"),
                batch("{\"" + plain + "\":1}"),
                batch("{\"" + BLOCK + plain + "\":1}"),
                batch("\"" + plain + "\""),
                batch("{\"" + BLOCK + "1\":\"" + tooLong + "\"}"),
                batch("{\"" + tooLong + "\":1}"),
                "{\"username\":1,\"course_key\":\"" + plain + "\",\"blocks\":{}}",
                "{\"username\":1,\"course_key\":\"" + COURSE + plain + "\",\"blocks\":{}}",
                "{\"username\":1,\"course_key\":\"" + tooLong + "\",\"blocks\":{}}")) {
            Answer answer = refusal(() -> writes(json(body)));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.detail()).hasSizeLessThanOrEqualTo(Answer.MAX_DETAIL_CHARACTERS + 1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "username=a&username=b|b",
                "username=a+b%2Bc|a b+c",
                "x&&username=%C3%A9%|é%",
                "username=%zz%4|%zz%4",
                "username=a=b|a=b",
                "username|",
                "Username=a|missing",
                "&|missing",
            })
    void form_isReadAsDjangoDoes(String body, String username) {
        RequestData data = of(FORM + "; charset=utf-8", body.getBytes(UTF_8));
        assertThat(text(data.username())).isEqualTo(username == null ? "" : username);
    }

    @ParameterizedTest
    @ValueSource(strings = {"username=%C0%AF", "username=%ED%A0%80", "%FF=1", "x=%E2%82"})
    void form_withWhatIsNoUtf8_isRefused(String body) {
        assertThat(refusal(() -> of(FORM, body.getBytes(UTF_8))).status()).isEqualTo(400);
    }

    @Test
    void form_withMoreFieldsThanDjangoTakes_isRefused() {
        assertThat(of(FORM, "a=1&".repeat(1_000).getBytes(UTF_8))).isEqualTo(RequestData.NONE);
        assertThat(refusal(() -> of(FORM, "a=1&".repeat(1_001).getBytes(UTF_8))).status())
                .isEqualTo(400);
    }

    @Test
    void otherCharset_isReadWithoutACopyOfTheBody() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        String text = "{\"username\":\"ann\",\"blocks\":{\"b\":1}" + " ".repeat(4 << 20) + "}";
        byte[] body = text.getBytes(UTF_16BE);

        long before = threads.getCurrentThreadAllocatedBytes();
        RequestData data = RequestData.of(JSON + "; charset=utf-16be", body, body.length);
        assertThat(data.username().textValue()).isEqualTo("ann");
        assertThat(data.blocks()).isInstanceOf(Blocks.Named.class);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1 << 20);
    }

    private static RequestData of(String contentType, byte[] body) {
        byte[] roomy = Arrays.copyOf(body, body.length + 3);
        Arrays.fill(roomy, body.length, roomy.length, (byte) 'x');
        return RequestData.of(contentType, roomy, body.length);
    }
}
