package dev.writebehind.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8Test {
    @ParameterizedTest
    @CsvSource({
        "41, true",
        "00, true",
        "C3A9, true",
        "E282AC, true",
        "EFBFBF, true",
        "ED9FBF, true",
        "F09F9880, true",
        "F48FBFBF, true",
        // overlong
        "C0AF, false",
        "C080, false",
        "C1BF, false",
        "E080AF, false",
        "E09FBF, false",
        "F08080AF, false",
        "F08FBFBF, false",
        // surrogates
        "EDA080, false",
        "EDBFBF, false",
        "EDA080EDB080, false",
        // beyond U+10FFFF
        "F4908080, false",
        "F5808080, false",
        "F8888080, false",
        "FF, false",
        "FEFF, false",
        // cut short, or not begun
        "C3, false",
        "E282, false",
        "F09F98, false",
        "F09F9841, false",
        "80, false",
        "BF, false",
        "C341, false",
    })
    void isWellFormed_followsTheRfcToTheLetter(String hex, boolean wellFormed) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        for (int before = 0; before < 20; before++) {
            for (int after : new int[] {0, 1, 9}) {
                byte[] body = ("a".repeat(before) + new String(bytes, StandardCharsets.ISO_8859_1) + "b".repeat(after))
                        .getBytes(StandardCharsets.ISO_8859_1);
                assertThat(isWellFormed(body)).as("%d, %d", before, after).isEqualTo(wellFormed);
            }
        }
    }

    @Test
    void isWellFormed_ofNothing_isTrue() {
        assertThat(isWellFormed(new byte[0])).isTrue();
    }

    @Test
    void isWellFormed_agreesWithTheJdksStrictDecoder() {
        int wellFormed = 0;
        for (int first = 0x80; first <= 0xff; first++) {
            for (int second = 0; second <= 0xff; second++) {
                for (int third : new int[] {0x00, 0x7f, 0x80, 0xbf, 0xc0}) {
                    for (int fourth : new int[] {0x7f, 0x80, 0xbf, 0xc0}) {
                        byte[] bytes = {(byte) first, (byte) second, (byte) third, (byte) fourth};
                        boolean expected = isDecodable(bytes);
                        assertThat(isWellFormed(bytes))
                                .as(HexFormat.of().formatHex(bytes))
                                .isEqualTo(expected);
                        wellFormed += expected ? 1 : 0;
                    }
                }
            }
        }
        assertThat(wellFormed).isGreaterThan(1_000);
    }

    @Test
    void isWellFormed_ofMutatedText_agreesWithTheJdksStrictDecoder() {
        Random random = new Random(7);
        byte[] text = "{\"block\":\"блок é € 😀 plain ascii in between\"}".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 20_000; i++) {
            byte[] mutated = text.clone();
            mutated[random.nextInt(text.length)] = (byte) random.nextInt(256);
            assertThat(isWellFormed(mutated)).isEqualTo(isDecodable(mutated));
        }
    }

    private static boolean isDecodable(byte[] bytes) {
        try {
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** What follows the text in its array must not count. */
    private static boolean isWellFormed(byte[] text) {
        byte[] roomy = Arrays.copyOf(text, text.length + 4);
        Arrays.fill(roomy, text.length, roomy.length, (byte) 0x80);
        return Utf8.isWellFormed(roomy, text.length);
    }
}
