package dev.writebehind;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Libraries that come in many modules come in one version: a module of another one fails where nobody looks. */
class VersionsTest {
    @ParameterizedTest
    @CsvSource({
        "io.netty, netty-codec-http, netty-transport-classes-epoll",
        "io.netty, netty-transport-native-epoll, netty-common",
        "io.vertx, vertx-core, vertx-mysql-client",
        "io.vertx, vertx-web, vertx-junit5",
        "com.fasterxml.jackson, jackson-core, jackson-dataformat-yaml",
        "com.fasterxml.jackson, jackson-databind, jackson-annotations",
    })
    void modulesOfALibrary_onTheClassPath_haveOneVersion(String group, String one, String other) throws IOException {
        Map<String, String> versions = versions(group);

        assertThat(versions).containsKeys(one, other);
        assertThat(versions.values()).as("%s", versions).containsOnly(versions.get(one));
    }

    /** Returns the versions of the modules whose group begins so, by name, as their jars tell. */
    private static Map<String, String> versions(String group) throws IOException {
        Map<String, String> versions = new TreeMap<>();
        for (Properties module : modules()) {
            if (module.getProperty("groupId").startsWith(group)) {
                versions.put(module.getProperty("artifactId"), module.getProperty("version"));
            }
        }
        return versions;
    }

    private static List<Properties> modules() throws IOException {
        List<Properties> modules = new ArrayList<>();
        List<String> jars = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(path -> path.endsWith(".jar"))
                .toList();
        for (String path : jars) {
            try (JarFile jar = new JarFile(path)) {
                for (JarEntry entry : Collections.list(jar.entries())) {
                    if (entry.getName().matches("META-INF/maven/[^/]+/[^/]+/pom\\.properties")) {
                        try (InputStream in = jar.getInputStream(entry)) {
                            Properties module = new Properties();
                            module.load(in);
                            modules.add(module);
                        }
                    }
                }
            }
        }
        return modules;
    }
}
