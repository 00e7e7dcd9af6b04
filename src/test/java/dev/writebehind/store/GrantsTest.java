package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrantsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GRANT ALL PRIVILEGES ON *.* TO `u`@`%` WITH GRANT OPTION | true",
                "GRANT SELECT, ALTER ON `lms`.* TO `u`@`%` | true",
                "GRANT SELECT, ALTER ON `lms`.`t` TO 'u'@'%' | true",
                "GRANT ALTER ON `l_s`.* TO `u`@`%` | true",
                "GRANT ALTER ON `lm%`.* TO `u`@`%` | true",
                "GRANT ALTER ON `l\\_s`.* TO `u`@`%` | false",
                "GRANT ALTER ROUTINE ON `lms`.* TO `u`@`%` | false",
                "GRANT SELECT ON `lms`.`t` TO `u`@`%` | false",
                "GRANT ALTER ON `lms`.`other` TO `u`@`%` | false",
                "GRANT ALTER ON `elsewhere`.* TO `u`@`%` | false",
                "GRANT `role`@`%` TO `u`@`%` | false"
            })
    void allow_takesTheGrantForWhatItCovers(String line, boolean allowed) {
        Grants grants = new Grants(List.of("GRANT USAGE ON *.* TO `u`@`%`", line));
        assertThat(grants.allow("ALTER", "lms", "t")).isEqualTo(allowed);
    }
}
