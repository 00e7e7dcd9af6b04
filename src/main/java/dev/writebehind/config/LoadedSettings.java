package dev.writebehind.config;

import java.util.List;
import java.util.Map;

/**
 * Settings as their sources said at one moment, and what was strange about these; immutable.
 *
 * @param origins where the values come from that are not defaults, by key
 * @param unknownVariables environment variables that begin like ours but name no setting, sorted
 */
public record LoadedSettings(Settings settings, Map<String, Origin> origins, List<String> unknownVariables) {
    public LoadedSettings {
        origins = Map.copyOf(origins);
        unknownVariables = List.copyOf(unknownVariables);
    }
}
