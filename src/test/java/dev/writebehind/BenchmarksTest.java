package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** Benchmarks do what they measure, or throw. Here each runs once, without JMH, so that none of them rots. */
class BenchmarksTest {
    private static final Path SOURCES = Path.of("src/jmh/java");

    static Stream<Method> benchmarks() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            List<Method> found = files.map(file -> SOURCES.relativize(file).toString())
                    .filter(name -> name.endsWith("Benchmark.java"))
                    .map(name -> type(name.substring(0, name.length() - ".java".length())))
                    .flatMap(type -> Arrays.stream(type.getMethods()))
                    .filter(method -> method.isAnnotationPresent(Benchmark.class))
                    .sorted(Comparator.comparing(Method::toString))
                    .toList();
            assertThat(found).hasSizeGreaterThanOrEqualTo(10);
            return found.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("benchmarks")
    void benchmark_doesWhatItMeasures(Method benchmark) throws Exception {
        Object state = benchmark.getDeclaringClass().getConstructor().newInstance();
        call(state, Setup.class);
        try {
            assertThatCode(() -> benchmark.invoke(state)).doesNotThrowAnyException();
        } finally {
            call(state, TearDown.class);
        }
    }

    private static void call(Object state, Class<? extends Annotation> kind) throws ReflectiveOperationException {
        for (Method method : state.getClass().getMethods()) {
            if (method.isAnnotationPresent(kind)) {
                method.invoke(state);
            }
        }
    }

    private static Class<?> type(String path) {
        try {
            return Class.forName(path.replace('/', '.'));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
