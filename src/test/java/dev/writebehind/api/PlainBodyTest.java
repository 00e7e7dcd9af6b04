package dev.writebehind.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.http.ProblemException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read without the parser is what the parser reads, or nothing. */
class PlainBodyTest {
    private static final int MOST = 4;
    private static final String OBJECT =
            object("42", "\"course-v1:O+C+R\"", "\"block-v1:O+C+R+type@html+block@b\"", "0.5");
    private static final String LETTERS = "{}[]\",:.\\ \n\t0123456789-+eEuabc@/\u007f\u0000\u00e9";

    private final KeyPool pool = new KeyPool();
    private final WriteDecoder parser = new WriteDecoder(pool, () -> MOST);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"user_id\":1,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":0}",
                "{\"completion\":1.0,\"block_key\":\"b\",\"course_key\":\"c\",\"user_id\":2147483647}",
                " \n{ \"user_id\" :\t1 , \"course_key\" : \"a b\" ,\r\n\"block_key\": \"}\", \"completion\" : 0.0 }\n",
                "[{\"user_id\":1,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":0.250}]",
                "[ {\"user_id\":1,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":1} ,"
                        + "{\"user_id\":10,\"course_key\":\"c\",\"block_key\":\"d\","
                        + "\"completion\":0.123456789012345}\n] ",
            })
    void read_ofTheUsualForm_isWhatTheParserReads(String body) {
        assertThat(read(body)).isEqualTo(parsed(body)).isNotNull();
    }

    @Test
    void read_ofAnyOrderOfTheFields_isWhatTheParserReads() {
        Random random = new Random(1);
        for (int i = 0; i < 100; i++) {
            List<String> fields = new ArrayList<>(
                    List.of("\"user_id\":7", "\"course_key\":\"c\"", "\"block_key\":\"b\"", "\"completion\":0.75"));
            Collections.shuffle(fields, random);
            String body = "{" + String.join(",", fields) + "}";

            assertThat(read(body)).isEqualTo(parsed(body)).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "1",
                "{}",
                "[",
                "{\"user_id\":1}",
                "\u0000",
                "{\"user_id\":1,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":0}{}",
                "{\"user_id\":1,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":0}\u0000",
                "{\"user_id\":1,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":0,}",
                "{\"user_id\":1,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":0,\"extra\":1}",
                "{\"user_id\":1,\"course_key\":\"c\",\"course_key\":\"c\",\"completion\":0}",
                "{\"user_id\":1,\"course_key\":\"c\\u0064\",\"block_key\":\"b\",\"completion\":0}",
                "{\"user_id\":1,\"course_key\":\"ö\",\"block_key\":\"b\",\"completion\":0}",
                "{\"user_id\":1,\"course_key\":\"a\tb\",\"block_key\":\"b\",\"completion\":0}",
                "{\"user_id\":1,\"course_key\":\"\",\"block_key\":\"b\",\"completion\":0}",
                "{\"user_id\":0,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":0}",
                "{\"user_id\":01,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":0}",
                "{\"user_id\":2147483648,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":0}",
                "{\"user_id\":18446744073709551617,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":0}",
                "{\"user_id\":1.0,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":0}",
                "{\"user_id\":1,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":00.5}",
                "{\"user_id\":1,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":1.}",
                "{\"user_id\":1,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":.5}",
                "{\"user_id\":1,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":-0.0}",
                "{\"user_id\":1,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":1e-1}",
                "{\"user_id\":1,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":1.000000000000001}",
                "{\"user_id\":1,\"course_key\":\"c\",\"block_key\":\"b\",\"completion\":0.1234567890123456}",
            })
    void read_ofAnotherForm_isNothing(String body) {
        assertThat(read(body)).isNull();
    }

    @Test
    void read_ofMoreThanAllowed_isNothing() {
        assertThat(read("[" + OBJECT + ("," + OBJECT).repeat(MOST - 1) + "]")).hasSize(MOST);
        assertThat(read("[" + OBJECT + ("," + OBJECT).repeat(MOST) + "]")).isNull();
    }

    @Test
    void read_ofAPartOfTheBytes_seesNoFurther() {
        byte[] bytes = (OBJECT + "}").getBytes(UTF_8);

        assertThat(PlainBody.read(bytes, bytes.length - 1, pool, MOST, false)).hasSize(1);
        for (int length = 0; length < bytes.length - 1; length++) {
            assertThat(PlainBody.read(bytes, length, pool, MOST, false)).isNull();
        }
    }

    @Test
    void read_ofAnyFraction_isTheNearestDouble() {
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            String digits = String.format("%015d", random.nextLong(1_000_000_000_000_000L));
            String number = "0." + digits.substring(random.nextInt(digits.length()));

            List<CompletionWrite> writes = read(object("1", "\"c\"", "\"b\"", number));

            assertThat(writes).isNotNull();
            assertThat(writes.get(0).completion()).isEqualTo(Double.parseDouble(number));
        }
    }

    @Test
    void read_ofMutations_isWhatTheParserReads_orNothing() {
        Random random = new Random(1);
        int read = 0;
        for (int i = 0; i < 200_000; i++) {
            StringBuilder body = new StringBuilder(random.nextBoolean() ? OBJECT : "[" + OBJECT + "," + OBJECT + "]");
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                int at = random.nextInt(body.length());
                char letter = LETTERS.charAt(random.nextInt(LETTERS.length()));
                switch (random.nextInt(3)) {
                    case 0 -> body.setCharAt(at, letter);
                    case 1 -> body.insert(at, letter);
                    default -> body.deleteCharAt(at);
                }
            }

            List<CompletionWrite> writes = read(body.toString());

            if (writes != null) {
                assertThat(writes).as("%s", body).isEqualTo(parsed(body.toString()));
                read++;
            }
        }
        assertThat(read).isGreaterThan(20_000);
    }

    private @Nullable List<CompletionWrite> read(String body) {
        byte[] bytes = body.getBytes(UTF_8);
        return PlainBody.read(bytes, bytes.length, pool, MOST, false);
    }

    private @Nullable List<CompletionWrite> parsed(String body) {
        try {
            byte[] bytes = body.getBytes(UTF_8);
            return parser.parseJson(bytes, bytes.length, false);
        } catch (ProblemException e) {
            return null;
        }
    }

    private static String object(String user, String course, String block, String completion) {
        return "{\"user_id\":" + user + ",\"course_key\":" + course + ",\"block_key\":" + block + ",\"completion\":"
                + completion + "}";
    }
}
