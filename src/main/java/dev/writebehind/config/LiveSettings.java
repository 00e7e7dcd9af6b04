package dev.writebehind.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings in force, which change as a whole when they are reloaded. Safe for any thread, but that one alone may
 * reload: each change is told to everybody who listens before the next.
 */
public final class LiveSettings implements Supplier<Settings> {
    private static final Logger log = LoggerFactory.getLogger(LiveSettings.class);

    private final @Nullable ConfigFile source;
    private final FileWatch watch;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final List<String> unknownVariables;
    private volatile InForce inForce;

    /**
     * What is in force, and what the sources said last; immutable.
     *
     * @param origins where the values in force come from
     * @param wanted what the sources said when they were valid last
     */
    private record InForce(Settings settings, Map<String, Origin> origins, Settings wanted) {}

    private LiveSettings(@Nullable ConfigFile source, byte[] content, LoadedSettings loaded) {
        this.source = source;
        this.watch = new FileWatch(content);
        this.unknownVariables = loaded.unknownVariables();
        this.inForce = new InForce(loaded.settings(), loaded.origins(), loaded.settings());
    }

    /** Opens them with what the sources say now, or throws {@link InvalidSettingException}. */
    public static LiveSettings open(ConfigFile source) {
        boolean repeatable = source.isRepeatable();
        byte[] content = source.read();
        LoadedSettings loaded = source.load(content);
        loaded.settings().database().requiredUri();
        return new LiveSettings(repeatable ? source : null, content, loaded);
    }

    /** Returns settings that never change. */
    public static LiveSettings of(Settings settings) {
        return new LiveSettings(null, new byte[0], new LoadedSettings(settings, Map.of(), List.of()));
    }

    @Override
    public Settings get() {
        return inForce.settings();
    }

    /** Returns a part of them, as it is whenever it is asked for. */
    public <T> Supplier<T> part(Function<Settings, T> part) {
        return () -> part.apply(get());
    }

    /** Has it run, on the thread that reloads, after each change. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** Returns every key, sorted. */
    public List<Setting> all() {
        InForce now = inForce;
        Map<String, SettingKeys.Value> wanted = SettingKeys.of(now.wanted());
        List<Setting> all = new ArrayList<>();
        SettingKeys.of(now.settings()).forEach((key, value) -> {
            SettingKeys.Value waiting = wanted.getOrDefault(key, value);
            String awaiting = waiting.equals(value) ? null : String.valueOf(waiting.text());
            Origin origin = now.origins().getOrDefault(key, new Origin.Default());
            all.add(new Setting(key, value.text(), origin, value.reloads(), awaiting));
        });
        return all;
    }

    /** Returns each key whose value is not the default, as {@code flush.interval=1s}, sorted; no secrets. */
    public List<String> unusual() {
        Map<String, SettingKeys.Value> usual = SettingKeys.of(SettingsLoader.defaultSettings());
        List<String> unusual = new ArrayList<>();
        SettingKeys.of(get()).forEach((key, value) -> {
            if (!value.equals(usual.get(key))) {
                unusual.add(key + "=" + value.text());
            }
        });
        return unusual;
    }

    /** Returns the variables that begin like ours but name no setting, and are ignored. */
    public List<String> unknownVariables() {
        return unknownVariables;
    }

    /** Looks at the file, and reloads where it has changed and stays so; empty: it has not. Blocks on the file. */
    public Optional<Reload> look() {
        if (source == null) {
            return Optional.empty();
        }
        byte[] content = null;
        try {
            content = source.read();
        } catch (InvalidSettingException e) {
            log.debug("The settings can't be read", e);
        }
        return watch.isDue(content) ? Optional.of(reload()) : Optional.empty();
    }

    /** Reads them again, and has what reloads take effect: all of it, or nothing. Blocks on the file. */
    public Reload reload() {
        if (source == null) {
            return new Reload.NoFile();
        }
        byte[] content = null;
        try {
            content = source.read();
            return apply(source.load(content));
        } catch (InvalidSettingException e) {
            return new Reload.Refused(String.valueOf(e.getMessage()));
        } catch (RuntimeException | StackOverflowError e) {
            log.warn("The settings can't be read", e);
            return new Reload.Refused(e.toString());
        } finally {
            watch.acted(content);
        }
    }

    private Reload apply(LoadedSettings loaded) {
        loaded.settings().database().requiredUri();
        InForce before = inForce;
        Settings settings = SettingKeys.reloaded(before.settings(), loaded.settings());
        List<Reload.Change> changed = SettingKeys.changes(before.settings(), settings);
        List<String> awaiting = SettingKeys.changes(settings, loaded.settings()).stream()
                .map(Reload.Change::key)
                .toList();
        Map<String, Origin> origins = new HashMap<>(loaded.origins());
        for (String key : awaiting) {
            origins.put(key, before.origins().getOrDefault(key, new Origin.Default()));
        }
        inForce = new InForce(changed.isEmpty() ? before.settings() : settings, origins, loaded.settings());
        if (!changed.isEmpty()) {
            listeners.forEach(LiveSettings::tell);
        }
        return new Reload.Applied(changed, awaiting);
    }

    private static void tell(Runnable listener) {
        try {
            listener.run();
        } catch (RuntimeException e) {
            log.error("A changed setting may not take effect before the next change, or a restart", e);
        }
    }
}
