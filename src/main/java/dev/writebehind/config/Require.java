package dev.writebehind.config;

import org.jspecify.annotations.Nullable;

/** Checks that settings' constructors share; stateless. */
final class Require {
    private Require() {}

    static void text(String path, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw new InvalidSettingException(path, "must not be empty");
        }
    }

    static void present(String path, @Nullable Object value) {
        if (value == null) {
            throw new InvalidSettingException(path, "must not be empty");
        }
    }

    static <T extends Comparable<? super T>> void between(String path, @Nullable T value, T least, T most) {
        if (value == null) {
            throw new InvalidSettingException(path, "must not be empty");
        }
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new InvalidSettingException(path, "must be between " + least + " and " + most + ", was " + value);
        }
    }
}
