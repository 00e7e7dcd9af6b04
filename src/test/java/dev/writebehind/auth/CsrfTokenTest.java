package dev.writebehind.auth;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsrfTokenTest {
    private static final String SECRET = "abcdefghijklmnopqrstuvwxyzABCDEF";

    /** Django adds the places of mask and secret in the alphabet, modulo its length. */
    @Test
    void secret_ofAMaskedToken_isTheSecret() {
        assertThat(CsrfToken.secret(SECRET)).isEqualTo(SECRET);
        assertThat(CsrfToken.secret("a".repeat(32) + SECRET)).isEqualTo(SECRET);
        assertThat(CsrfToken.secret("9".repeat(32) + "9abcdefghijklmnopqrstuvwxyzABCDE"))
                .isEqualTo(SECRET);
    }

    @ParameterizedTest
    @CsvSource({
        "'', has incorrect length",
        "abc, has incorrect length",
        "abcdefghijklmnopqrstuvwxyzABCDEFG, has incorrect length",
        "abcdefghijklmnopqrstuvwxyzABCDE-, has invalid characters",
        "abcdefghijklmnopqrstuvwxyzABCDEé, has invalid characters",
    })
    void fault_ofAnythingElse_isTold(String token, String fault) {
        assertThat(CsrfToken.fault(token)).isEqualTo(fault);
        assertThat(CsrfToken.fault(SECRET)).isNull();
    }
}
