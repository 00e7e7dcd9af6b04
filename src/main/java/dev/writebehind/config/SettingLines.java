package dev.writebehind.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** The lines on which a settings' file has its keys. Stateless. */
final class SettingLines {
    private static final YAMLFactory YAML = new YAMLFactory();

    private SettingLines() {}

    /** Returns the line, from 1, of each key of a file that has been found valid. */
    static Map<String, Integer> of(byte[] file) {
        Map<String, Integer> lines = new HashMap<>();
        try (JsonParser parser = YAML.createParser(file)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.FIELD_NAME) {
                    lines.put(
                            path(parser.getParsingContext()),
                            parser.currentTokenLocation().getLineNr());
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("what was read a moment ago can't be read", e);
        }
        return lines;
    }

    private static String path(JsonStreamContext context) {
        JsonStreamContext parent = context.getParent();
        String prefix = parent == null || parent.getCurrentName() == null ? "" : path(parent) + ".";
        return prefix + context.getCurrentName();
    }
}
