package dev.writebehind.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.AuthSettings;
import dev.writebehind.config.InvalidSettingException;
import dev.writebehind.config.JwtSettings;
import dev.writebehind.config.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class ServerTokensTest {
    private static final String A = "aaaaaaaaaaaaaaaa-1";
    private static final String B = "bbbbbbbbbbbbbbbb-2";
    private static final String C = "cccccccccccccccc-3";

    private final Conditions conditions = new Conditions(Clock.systemUTC());

    @TempDir
    private Path directory;

    private ServerTokens load(Path file, String... tokens) {
        return ServerTokens.load(
                new AuthSettings(
                        AuthSettings.Mode.TOKEN,
                        false,
                        Stream.of(tokens).map(Secret::new).toList(),
                        file,
                        new JwtSettings(null, null, null, null, List.of())),
                conditions);
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("tokens"), text);
    }

    @Test
    void contains_aTokenOfTheSettings_orOfTheFile() throws IOException {
        ServerTokens tokens = load(file("# the LMS\n\n  " + B + "\r\n" + C), A);

        assertThat(Stream.of(A, B, C).allMatch(tokens::contains)).isTrue();
        assertThat(Stream.of("", A + " ", A + "1", A.substring(1), "# the LMS", A.toUpperCase(Locale.ROOT))
                        .noneMatch(tokens::contains))
                .isTrue();
    }

    @Test
    void reload_ofAChangedFile_takesTheNewTokensAndForgetsTheOld() throws IOException {
        ServerTokens tokens = load(file(B), A);

        file(C);
        tokens.reload();

        assertThat(tokens.contains(C)).isTrue();
        assertThat(tokens.contains(B)).isFalse();
        assertThat(tokens.contains(A)).isTrue();
    }

    @Test
    void reload_ofAFileThatIsGoneOrWrong_keepsTheKnownTokens() throws IOException {
        Path file = file(B);
        ServerTokens tokens = load(file);

        Files.delete(file);
        tokens.reload();
        assertThat(tokens.contains(B)).isTrue();
        assertThat(conditions.holds(ConditionName.TOKENS_FILE_UNREADABLE)).isTrue();
        file(C + "\nshort");
        tokens.reload();
        assertThat(tokens.contains(B)).isTrue();
        assertThat(tokens.contains(C)).isFalse();
        assertThat(conditions.current())
                .singleElement()
                .satisfies(condition ->
                        assertThat(condition.cause()).contains("line 2").doesNotContain(C, "short"));
        file(C);
        tokens.reload();
        assertThat(tokens.contains(C)).isTrue();
        assertThat(conditions.current()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing\n\n", "fifteen-letters", A + "\nof several words, long enough"})
    void load_ofAFileThatIsNoGood_namesItAndShowsNoToken(String text) throws IOException {
        Path file = file(text);

        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> load(file))
                .withMessageStartingWith("auth.tokens-file is " + file)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("letters", "words", A));
    }

    @Test
    void load_ofAFileThatIsMissing_namesIt() {
        Path missing = directory.resolve("missing");

        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> load(missing))
                .withMessageContaining(missing + ", which can't be read");
    }

    @ParameterizedTest
    @CsvSource({"rw-------, 0", "r--------, 0", "rw-r-----, 1", "rw----r--, 1", "rw-r--r--, 1", "rw--w--w-, 0"})
    void load_ofAFileThatOthersCanRead_warnsOnce(String permissions, int warnings) throws IOException {
        Path file = file(B);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(ServerTokens.class);
        logger.addAppender(logged);
        logged.start();
        try {
            ServerTokens tokens = load(file);
            tokens.reload();
            tokens.reload();
        } finally {
            logger.detachAppender(logged);
        }

        assertThat(logged.list)
                .filteredOn(event -> event.getLevel() == Level.WARN)
                .hasSize(warnings)
                .allSatisfy(event -> assertThat(event.getFormattedMessage())
                        .contains("auth.tokens-file is " + file, "chmod 600")
                        .doesNotContain(B));
    }
}
