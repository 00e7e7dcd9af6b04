package dev.writebehind.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sources of settings over the packaged defaults, as the process was started with them; immutable.
 *
 * @param path the operator's file; null: there is none
 * @param environment variables by name, which come over it
 */
public record ConfigFile(@Nullable Path path, Map<String, String> environment) {
    /** The variable that names the file where the command line does not. */
    public static final String VARIABLE = "WRITEBEHIND_CONFIG";

    static final String PREFIX = "WRITEBEHIND_";

    private static final int MAX_BYTES = 1 << 20;

    public ConfigFile {
        environment = Map.copyOf(environment);
    }

    /** Returns the variable that overrides a key: {@code flush.interval} gives {@code WRITEBEHIND_FLUSH_INTERVAL}. */
    public static String variable(String key) {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** Returns what they say now, or throws {@link InvalidSettingException} that names the first wrong key. */
    public LoadedSettings load() {
        return load(read());
    }

    /** As {@link #load()}, of a file that was read a moment ago. */
    LoadedSettings load(byte[] file) {
        return SettingsLoader.load(path, file, environment);
    }

    /** Returns the file's content, nothing where there is no file, or throws {@link InvalidSettingException}. */
    byte[] read() {
        if (path == null) {
            return new byte[0];
        }
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new InvalidSettingException(path.toString(), "is larger than 1 MiB");
            }
            return bytes;
        } catch (IOException e) {
            throw new InvalidSettingException(path.toString(), "can't be read: " + e);
        }
    }

    /** Whether the file can be read again: a pipe can't. */
    boolean isRepeatable() {
        return path != null && Files.isRegularFile(path);
    }
}
