package dev.writebehind.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MainTest {
    @Test
    void commandForTheReport_hasNoPassword() {
        assertThat(Main.withoutPasswords("--database", "mysql://lms:s3cr:et/@db:3306/any", "--long"))
                .isEqualTo("loadtest/run --database mysql://lms:…@db:3306/any --long");
        assertThat(Main.withoutPasswords()).isEqualTo("loadtest/run");
    }
}
