package dev.writebehind.auth;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsrfTokenTest {
    private static final String SECRET = "abcdefghijklmnopqrstuvwxyzABCDEF";

    /** Django adds the places of mask and secret in the alphabet, modulo its length. */
    @Test
    void unmasked_ofAMaskedToken_isTheSecret() {
        assertThat(CsrfCheck.unmasked(SECRET)).isEqualTo(SECRET);
        assertThat(CsrfCheck.unmasked("a".repeat(32) + SECRET)).isEqualTo(SECRET);
        assertThat(CsrfCheck.unmasked("9".repeat(32) + "9abcdefghijklmnopqrstuvwxyzABCDE"))
                .isEqualTo(SECRET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "abcdefghijklmnopqrstuvwxyzABCDE-", "abcdefghijklmnopqrstuvwxyzABCDEFG"})
    void unmasked_ofAnythingElse_isNothing(String token) {
        assertThat(CsrfCheck.unmasked(token)).isNull();
    }
}
