package dev.writebehind.condition;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConditionNameTest {
    @ParameterizedTest
    @EnumSource
    void operations_tellWhatToDoAboutEvery(ConditionName name) throws IOException {
        List<String> rows = Files.readAllLines(Path.of("docs/operations.md"));

        assertThat(rows)
                .filteredOn(row -> row.startsWith("| `" + name.label() + "` |"))
                .singleElement()
                .asString()
                .endsWith("| " + name.action() + " |");
    }

    @Test
    void labels_areTheNamesInLowerCaseWithHyphens() {
        assertThat(Arrays.stream(ConditionName.values()).map(ConditionName::label))
                .doesNotHaveDuplicates()
                .allMatch(label -> label.matches("[a-z]+(-[a-z]+)*"));
    }
}
