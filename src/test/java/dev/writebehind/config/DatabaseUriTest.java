package dev.writebehind.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUriTest {
    @ParameterizedTest
    @CsvSource({
        "mysql://user:secret@db.example:3307/openedx, user, secret, db.example, 3307, openedx",
        "mariadb://user:secret@db.example/openedx, user, secret, db.example, 3306, openedx",
        "mysql://user@localhost/openedx, user, '', localhost, 3306, openedx",
        "mysql://user:@localhost/openedx, user, '', localhost, 3306, openedx",
        "mysql://user:a:b@localhost/openedx, user, a:b, localhost, 3306, openedx",
        "mysql://u%40h:p%40%3A%2F%3F%23%25@localhost/openedx, u@h, p@:/?#%, localhost, 3306, openedx",
        "mysql://user:a+b%2Bc%20d@localhost/openedx, user, a+b+c d, localhost, 3306, openedx",
        "mysql://us%C3%A9r:p%C3%A4ss@localhost/openedx, usér, päss, localhost, 3306, openedx",
        "mysql://user:pw@[::1]:3307/openedx, user, pw, ::1, 3307, openedx",
        "'  mysql://user:pw@localhost/openedx  ', user, pw, localhost, 3306, openedx",
    })
    void parse_ofAUri_decodesItsParts(String text, String user, String password, String host, int port, String schema) {
        assertThat(DatabaseUri.parse(text)).isEqualTo(new DatabaseUri(user, password, host, port, schema));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "jdbc:mysql://user:s3cr3t@localhost/openedx",
                "postgresql://user:s3cr3t@localhost/openedx",
                "mysql://localhost/openedx",
                "mysql://user:s3cr3t@localhost",
                "mysql://user:s3cr3t@localhost/",
                "mysql://user:s3cr3t@/openedx",
                "mysql:user:s3cr3t",
                "mysql://user:s3cr3t@localhost/openedx?useSSL=true",
                "mysql://user:s3cr3t@localhost/openedx#x",
                "mysql://user:s3cr3t@localhost:port/openedx",
                "mysql://user:s3cr3t@at@localhost/openedx",
                "mysql://user:s3cr3t%zz@localhost/openedx",
                "mysql://user:s3cr3t with blank@localhost/openedx",
                "mysql://user:s3cr3t@localhost:0/openedx",
                "mysql://user:s3cr3t@localhost:65536/openedx",
                "mysql://user:s3cr3t@localhost:99999999999/openedx",
            })
    void parse_ofAnythingElse_isRefusedWithoutShowingThePassword(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DatabaseUri.parse(text))
                .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain("s3cr3t"));
    }

    @Test
    void toString_showsEverythingButThePassword() {
        assertThat(DatabaseUri.parse("mysql://user:s3cr3t@db.example:3307/openedx"))
                .hasToString("mysql://user:***@db.example:3307/openedx");
    }
}
