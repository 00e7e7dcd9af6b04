package dev.writebehind.loadtest.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.config.DatabaseUri;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

class ValueTest {
    @Test
    void options_takeWhatIsRight() {
        Line line = CommandLine.populateCommand(
                new Line(), "--database", "mysql://u:p@localhost:3307/lms", "--pool=1", "--queue=0", "--share=0.8");

        assertThat(line.database.port()).isEqualTo(3307);
        assertThat(line.pool).isEqualTo(1);
        assertThat(line.queue).isZero();
        assertThat(line.share).isEqualTo(0.8);
    }

    @ParameterizedTest
    @CsvSource({
        "--database=nowhere, mysql://user",
        "--pool=0, must be at least 1",
        "--pool=many, many",
        "--queue=-1, must be at least 0",
        "--share=1.5, must be between 0 and 1",
        "--share=NaN, must be between 0 and 1",
    })
    void options_sayWhatIsWrong(String argument, String part) {
        assertThatThrownBy(() -> CommandLine.populateCommand(new Line(), argument))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining(argument.substring(0, argument.indexOf('=')))
                .hasMessageContaining(part);
    }

    private static final class Line {
        @Option(names = "--database", converter = Value.Database.class)
        private DatabaseUri database;

        @Option(names = "--pool", converter = Value.Positive.class)
        private int pool;

        @Option(names = "--queue", converter = Value.NotNegative.class)
        private int queue;

        @Option(names = "--share", converter = Value.Share.class)
        private double share;
    }
}
