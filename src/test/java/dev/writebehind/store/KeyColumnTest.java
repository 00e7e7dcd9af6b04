package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyColumnTest {
    @ParameterizedTest
    @CsvSource({
        "utf8mb4, utf8mb4_unicode_ci",
        "utf8mb4, utf8mb4_general_ci",
        "utf8mb4, utf8mb4_0900_ai_ci",
        "utf8mb4, utf8mb4_uca1400_ai_ci",
        "utf8mb3, utf8mb3_general_ci",
        "utf8, utf8_general_ci",
    })
    void type_ofACollationThatLetsCaseAside_isTheColumnsOwn(String charset, String collation) {
        assertThat(new KeyColumn(charset, collation).type())
                .isEqualTo("VARCHAR(255) CHARACTER SET " + charset + " COLLATE " + collation);
    }

    @ParameterizedTest
    @CsvSource({
        "utf8mb4, utf8mb4_bin",
        "utf8mb4, utf8mb4_0900_bin",
        "utf8mb4, utf8mb4_0900_as_cs",
        "utf8mb4, utf8mb4_ja_0900_as_cs_ks",
        "latin1, latin1_general_cs",
        "binary, binary",
    })
    void new_withACollationThatTellsCasesApart_isRefused(String charset, String collation) {
        assertThatExceptionOfType(UnfitSchemaException.class)
                .isThrownBy(() -> new KeyColumn(charset, collation))
                .withMessageContaining(collation)
                .withMessageContaining("utf8mb4_unicode_ci");
    }

    @ParameterizedTest
    @CsvSource({
        "utf8mb4, utf8mb4_unicode_ci COLLATE x_ci",
        "utf8mb4 COLLATE utf8mb4_bin, utf8mb4_unicode_ci",
        "'', utf8mb4_unicode_ci",
        "utf8mb4, ''",
        "utf8mb4, '''_ci'",
        "utf8mb4, '_ci)'",
    })
    void new_withAnythingButNames_isRefused(String charset, String collation) {
        assertThatExceptionOfType(UnfitSchemaException.class).isThrownBy(() -> new KeyColumn(charset, collation));
    }
}
