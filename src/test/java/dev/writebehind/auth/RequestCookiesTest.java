package dev.writebehind.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestCookiesTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            quoteCharacter = '\'',
            value = {
                "a=1, 1",
                "b=2; a=1; c=3, 1",
                "a=1;a=2, 2",
                "a=1; a=, ''",
                "' a = 1 ', 1",
                "'a=\"1\"', 1",
                "'a=\"', '\"'",
                "a=1=2, 1=2",
                "';;a=1;', 1",
                "x y=2; a=1, 1",
                "A=1, -",
                "aa=1, -",
                "xa=1, -",
                "a, -",
                "b; a=1, 1",
                "'', -",
            })
    void find_readsAsDjangoDoes(String header, String value) {
        assertThat(RequestCookies.find(List.of(header), "a")).isEqualTo(value);
    }

    @Test
    void find_inSeveralHeaders_takesTheLast() {
        assertThat(RequestCookies.find(List.of("a=1", "a=2"), "a")).isEqualTo("2");
        assertThat(RequestCookies.find(List.of(), "a")).isNull();
    }
}
