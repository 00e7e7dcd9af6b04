package dev.writebehind.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.KebabCaseStrategy;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The keys of settings, by the components of their records. Stateless. */
final class SettingKeys {
    private static final KebabCaseStrategy KEBAB_CASE = new KebabCaseStrategy();

    private SettingKeys() {}

    /** A key's value and whether it reloads; immutable. */
    record Value(@Nullable Object value, boolean reloads) {
        /** Returns it as the settings' file would say it, without what is secret; null: it is not set. */
        @Nullable
        String text() {
            if (value instanceof Duration duration) {
                return DurationText.format(duration);
            }
            if (value instanceof Enum<?> name) {
                return label(name);
            }
            return value == null ? null : value.toString();
        }
    }

    /** Returns a constant as the settings' file would say it. */
    static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns every key, with its value in these settings, in the order of their names. */
    static Map<String, Value> of(Settings settings) {
        Map<String, Value> keys = new TreeMap<>();
        collect(settings, "", keys);
        return keys;
    }

    /**
     * Returns the running settings, with those values of the wanted ones that reload.
     *
     * @throws InvalidSettingException if they don't fit the rest
     */
    static Settings reloaded(Settings running, Settings wanted) {
        return (Settings) merge(running, wanted);
    }

    /** Returns the keys whose values differ, sorted. */
    static List<Reload.Change> changes(Settings from, Settings to) {
        Map<String, Value> after = of(to);
        List<Reload.Change> changes = new ArrayList<>();
        of(from).forEach((key, value) -> {
            Value then = after.getOrDefault(key, value);
            if (!then.equals(value)) {
                changes.add(new Reload.Change(key, value.text(), then.text()));
            }
        });
        return changes;
    }

    private static void collect(Record section, String prefix, Map<String, Value> keys) {
        for (RecordComponent component : section.getClass().getRecordComponents()) {
            String key = prefix + KEBAB_CASE.translate(component.getName());
            Object value = value(component, section);
            if (value instanceof Record inner && isSection(component)) {
                collect(inner, key + ".", keys);
            } else {
                keys.put(key, new Value(value, component.isAnnotationPresent(Reloads.class)));
            }
        }
    }

    private static Object merge(Record running, Record wanted) {
        RecordComponent[] components = running.getClass().getRecordComponents();
        @Nullable Object[] values = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            Object now = value(components[i], running);
            Object then = value(components[i], wanted);
            if (now instanceof Record section && then instanceof Record other && isSection(components[i])) {
                values[i] = merge(section, other);
            } else {
                values[i] = components[i].isAnnotationPresent(Reloads.class) ? then : now;
            }
        }
        try {
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            return running.getClass().getDeclaredConstructor(types).newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof InvalidSettingException invalid) {
                throw invalid;
            }
            throw new IllegalStateException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A record of keys, and not a value that happens to be one. */
    private static boolean isSection(RecordComponent component) {
        return component.getType().getSimpleName().endsWith("Settings")
                || component.getType().getNestHost() == OpenedxTableSettings.class;
    }

    private static @Nullable Object value(RecordComponent component, Record section) {
        try {
            return component.getAccessor().invoke(section);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
