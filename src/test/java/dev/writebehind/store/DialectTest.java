package dev.writebehind.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DialectTest {
    @ParameterizedTest
    @CsvSource({
        "8.0.19, MYSQL",
        "8.0.36-0ubuntu0.22.04.1, MYSQL",
        "8.4.0, MYSQL",
        "8.4.6-azure, MYSQL",
        "8.10.0, MYSQL",
        "9.7.4-2, MYSQL",
        "10.0.0, MYSQL",
        "5.5.5-10.6.1-MariaDB, MARIADB",
        "5.5.5-10.11.6-MariaDB-1:10.11.6+maria~ubu2204, MARIADB",
        "10.6.0-MariaDB, MARIADB",
        "11.4.5-MariaDB-log, MARIADB",
        "12.0.1-MariaDB, MARIADB",
    })
    void of_aServerThatIsNewEnough_isItsDialect(String version, Dialect dialect) {
        assertThat(Dialect.of(version)).isEqualTo(dialect);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.0.18", "8.0.4-rc-log", "5.7.44", "5.5.5-8.0.18", "5.5.62"})
    void of_aMySqlThatIsTooOld_isRefusedWithWhatIsNeeded(String version) {
        assertThatExceptionOfType(UnfitSchemaException.class)
                .isThrownBy(() -> Dialect.of(version))
                .withMessage("the server is " + version + ", but MySQL must be at least 8.0.19");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.5.28-MariaDB",
                "5.5.5-10.5.28-MariaDB-log",
                "10.4.99-MariaDB",
                "5.5.5-MariaDB",
                "5.5.68-MariaDB",
                "9.0.0-MariaDB"
            })
    void of_aMariaDbThatIsTooOld_isRefusedWithWhatIsNeeded(String version) {
        assertThatExceptionOfType(UnfitSchemaException.class)
                .isThrownBy(() -> Dialect.of(version))
                .withMessage("the server is " + version + ", but MariaDB must be at least 10.6.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "unknown", "8", "8.0", "eight.zero.nineteen"})
    void of_aVersionThatCantBeRead_isRefused(String version) {
        assertThatExceptionOfType(UnfitSchemaException.class)
                .isThrownBy(() -> Dialect.of(version))
                .withMessageContaining("the server is " + version);
    }

    @ParameterizedTest
    @CsvSource({
        "8.0.11-TiDB-v8.5.0, TiDB Server, TiDB",
        "5.7.25-OceanBase-v4.3.5, OceanBase_CE 4.3.5, OceanBase",
        "8.0.30-Vitess, Version: 20.0.0, Vitess",
        "5.7.32, SingleStoreDB source distribution, SingleStore",
    })
    void of_aServerThatOnlySpeaksTheProtocol_isRefusedByItsName(String version, String comment, String name) {
        assertThatExceptionOfType(UnfitSchemaException.class)
                .isThrownBy(() -> Dialect.of(version, comment))
                .withMessageContaining("the server is " + name);
    }

    @ParameterizedTest
    @CsvSource({
        "11.4.5-MariaDB-log, mariadb.org binary distribution, MARIADB",
        "10.11.6, mariadb.org binary distribution, MARIADB",
        "8.4.3, MySQL Community Server - GPL, MYSQL",
        "8.0.39-30, Percona Server (GPL), MYSQL",
        "8.0.28, Source distribution, MYSQL",
    })
    void of_aVersionAndItsComment_isTheDialect(String version, String comment, Dialect dialect) {
        assertThat(Dialect.of(version, comment)).isEqualTo(dialect);
    }
}
