package dev.writebehind.openedx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expectations are CPython 3.11's own answers. */
class PythonTest {
    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (IOException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1.0",
        "0.25, 0.25",
        "true, 1.0",
        "false, 0.0",
        "-0.0, -0.0",
        "1e400, Infinity",
        "'\"1\"', 1.0",
        "'\" 1 \"', 1.0",
        "'\"\\u00a0\\u20281\\u3000\\u001f\"', 1.0",
        "'\"1e0\"', 1.0",
        "'\"1E-1\"', 0.1",
        "'\"+.5\"', 0.5",
        "'\"5.\"', 5.0",
        "'\"-1\"', -1.0",
        "'\"1_0\"', 10.0",
        "'\"0.0_1\"', 0.01",
        "'\"1e1_0\"', 1e10",
        "'\"inf\"', Infinity",
        "'\"-Infinity\"', -Infinity",
        "'\"+nAn\"', NaN",
        "'\"\\u0661\"', 1.0",
        "'\"\\uff10.\\uff15\"', 0.5",
    })
    void toFloat_readsWhatPythonReads(String value, double number) {
        assertThat(Double.valueOf(Python.toFloat(json(value)))).isEqualTo(Double.valueOf(number));
    }

    @ParameterizedTest
    @CsvSource({
        "'\"abc\"', could not convert string to float: 'abc'",
        "'\"\"', could not convert string to float: ''''",
        "'\" \"', could not convert string to float: ' '",
        "'\"_1\"', could not convert string to float: '_1'",
        "'\"1_\"', could not convert string to float: '1_'",
        "'\"1__0\"', could not convert string to float: '1__0'",
        "'\"1_.0\"', could not convert string to float: '1_.0'",
        "'\"0x1\"', could not convert string to float: '0x1'",
        "'\"1f\"', could not convert string to float: '1f'",
        "'\"1e\"', could not convert string to float: '1e'",
        "'\".\"', could not convert string to float: '.'",
        "'\"1\\u0000\"', could not convert string to float: '1\\x00'",
        "null, 'float() argument must be a string or a real number, not ''NoneType'''",
        "[], 'float() argument must be a string or a real number, not ''list'''",
        "{}, 'float() argument must be a string or a real number, not ''dict'''",
    })
    void toFloat_refusesTheRestInPythonsWords(String value, String message) {
        String wanted = message.endsWith("''''") ? message.replace("''''", "''") : message;
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> Python.toFloat(json(value)))
                .satisfies(e -> assertThat(e.answer()).isEqualTo(Answer.bad(wanted)));
    }

    @Test
    void toFloat_ofAnIntegerBeyondAllDoubles_isRefused() {
        assertThatExceptionOfType(Refused.class).isThrownBy(() -> Python.toFloat(json("1" + "0".repeat(400))));
    }

    @Test
    void toFloat_ofAVeryLongText_endsWithoutAnError() {
        String digits = "0.".concat("1_2".repeat(300_000));
        assertThat(Python.toFloat(TextNode.valueOf(digits))).isBetween(0.12, 0.13);
        assertThatExceptionOfType(Refused.class).isThrownBy(() -> Python.toFloat(TextNode.valueOf(digits + "x")));
    }

    @ParameterizedTest
    @CsvSource({
        "1.5, 1.5",
        "-1.0, -1.0",
        "-0.1, -0.1",
        "100, 100.0",
        "1e15, 1000000000000000.0",
        "1e16, 1e+16",
        "123456789012345680, 1.2345678901234568e+17",
        "0.0001, 0.0001",
        "0.00001, 1e-05",
        "-1.5e-7, -1.5e-07",
        "1e100, 1e+100",
        "2e23, 2e+23",
        "5e-324, 5e-324",
        "1.7976931348623157e308, 1.7976931348623157e+308",
        "1.0000000000000002, 1.0000000000000002",
        "NaN, nan",
        "Infinity, inf",
        "-Infinity, -inf",
        "-0.0, -0.0",
    })
    void repr_ofAFloat_isPythons(double value, String repr) {
        assertThat(Python.repr(value)).isEqualTo(repr);
    }

    @Test
    void repr_ofAString_isPythons() {
        assertThat(Python.repr("it's")).isEqualTo("\"it's\"");
        assertThat(Python.repr("it's \"it\"")).isEqualTo("'it\\'s \"it\"'");
        assertThat(Python.repr("a\\b\n\t\r\u0001\u00e9\u200b\u00a0\ud800😀"))
                .isEqualTo("'a\\\\b\\n\\t\\r\\x01\u00e9\\u200b\\xa0\\ud800😀'");
    }

    /** The fewest digits, found the slow way: by rounding the exact value to one more each time. */
    @Test
    void repr_ofAnyFloat_hasTheFewestDigits() {
        Random random = new Random(3);
        for (int i = 0; i < 3_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong() & Long.MAX_VALUE);
            if (i % 10 == 0) {
                value = Double.MIN_VALUE * random.nextInt(1_000);
            }
            if (!Double.isFinite(value) || value == 0) {
                continue;
            }
            BigDecimal exact = new BigDecimal(value);
            int digits = 1;
            while (exact.round(new MathContext(digits)).doubleValue() != value) {
                digits++;
            }
            assertThat(new BigDecimal(Python.repr(value)))
                    .as("%s", value)
                    .isEqualByComparingTo(exact.round(new MathContext(digits)));
        }
    }

    @Test
    void repr_ofALongString_isItsBeginning() {
        assertThat(Python.repr("\u200b".repeat(10_000_000)))
                .startsWith("'\\u200b\\u200b")
                .hasSizeBetween(Answer.MAX_DETAIL_CHARACTERS, 2 * Answer.MAX_DETAIL_CHARACTERS);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "null|None",
                "true|True",
                "5|5",
                "5.0|5.0",
                "\"a'b\"|a'b",
                "[1, \"a\", null]|[1, 'a', None]",
                "{\"a\": {\"b\": false}}|{'a': {'b': False}}",
            })
    void str_isPythons(String value, String text) {
        assertThat(Python.str(json(value))).isEqualTo(text);
    }
}
