package dev.writebehind.config;

import java.util.ArrayList;
import java.util.List;
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

    /** Requires both of two values, or none. */
    static void together(String path, @Nullable Object value, String otherPath, @Nullable Object other) {
        if (value == null && other != null) {
            throw new InvalidSettingException(path, "is not set, but " + otherPath + " is: one needs the other");
        }
        if (value != null && other == null) {
            throw new InvalidSettingException(otherPath, "is not set, but " + path + " is: one needs the other");
        }
    }

    /** Returns the list, empty where the operator left it so. */
    static <T> List<T> list(String path, @Nullable List<? extends @Nullable T> values) {
        if (values == null) {
            return List.of();
        }
        List<T> present = new ArrayList<>();
        for (T value : values) {
            if (value == null) {
                throw new InvalidSettingException(path, "holds an empty element");
            }
            present.add(value);
        }
        return List.copyOf(present);
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
