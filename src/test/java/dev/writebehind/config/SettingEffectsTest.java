package dev.writebehind.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.writebehind.testing.ShowsEffectOf;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** Every key is described, read somewhere, and shown to do something. */
class SettingEffectsTest {
    private static final String BASE = "dev.writebehind";
    private static final Set<String> KEYS = SettingKeys.of(
                    new ConfigFile(null, Map.of("WRITEBEHIND_DATABASE_URI", "mysql://a:b@c:1/d"))
                            .load()
                            .settings())
            .keySet();

    @Test
    void everyKey_hasATestThatShowsItsEffect() {
        JavaClasses tests = new ClassFileImporter().importPackages(BASE);
        Set<String> shown = new TreeSet<>();
        List<String> noTests = new ArrayList<>();
        for (JavaClass type : tests) {
            for (JavaMethod method : type.getMethods()) {
                if (method.isAnnotatedWith(ShowsEffectOf.class)) {
                    shown.addAll(List.of(
                            method.getAnnotationOfType(ShowsEffectOf.class).value()));
                    if (!method.isAnnotatedWith(Test.class) && !method.isAnnotatedWith(ParameterizedTest.class)) {
                        noTests.add(method.getFullName());
                    }
                }
            }
        }
        assertThat(noTests).isEmpty();
        assertThat(shown).containsExactlyInAnyOrderElementsOf(KEYS);
    }

    @Test
    void everyKey_isReadByWhatItIsFor() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(BASE);
        List<String> unread = new ArrayList<>();
        for (JavaClass type : classes) {
            if (type.isRecord()
                    && type.getName().matches(BASE.replace(".", "\\.") + "\\.config\\.\\w+Settings(\\$\\w+)?")) {
                for (RecordComponent component : type.reflect().getRecordComponents()) {
                    if (!isRead(type, component.getName())) {
                        unread.add(type.getName() + "." + component.getName());
                    }
                }
            }
        }
        assertThat(unread).isEmpty();
    }

    private static boolean isRead(JavaClass type, String component) {
        Set<String> ofEveryRecord = Set.of("<init>", "equals", "hashCode", "toString", component);
        return Stream.concat(
                        type.getMethod(component).getAccessesToSelf().stream(),
                        type.getField(component).getAccessesToSelf().stream())
                .anyMatch(access -> !access.getOriginOwner().equals(type)
                        || !ofEveryRecord.contains(access.getOrigin().getName()));
    }

    @Test
    void everyKey_isDescribedInTheFile() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("conf/writebehind.yaml"));
        for (String key : KEYS) {
            // described together, or where the other port's are
            if (key.startsWith("openedx.tables.") || key.startsWith("management.tls.")) {
                continue;
            }
            String last = key.substring(key.lastIndexOf('.') + 1);
            String indent = "  ".repeat((int) key.chars().filter(c -> c == '.').count());
            int section = lines.indexOf(key.substring(0, key.indexOf('.')) + ":");
            List<String> below = lines.subList(section, lines.size());
            int line = -1;
            for (int i = 0; i < below.size() && line < 0; i++) {
                line = below.get(i).startsWith(indent + last + ":") ? i : -1;
            }
            assertThat(line).as(key).isPositive();
            boolean afterSibling = below.get(line - 1).startsWith(indent)
                    && !below.get(line - 1).startsWith(indent + "#");
            assertThat(below.get(line - 1).strip().startsWith("#") || afterSibling)
                    .as("a comment above %s, or above the one that it goes with", key)
                    .isTrue();
        }
    }
}
