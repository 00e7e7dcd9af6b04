package dev.writebehind.config;

import java.nio.file.Path;

/** The place that a setting's value comes from. */
public sealed interface Origin {
    /** The defaults that are packaged with the service. */
    record Default() implements Origin {
        @Override
        public String toString() {
            return "default";
        }
    }

    /** The operator's file; lines count from 1. */
    record InFile(Path file, int line) implements Origin {
        @Override
        public String toString() {
            return file + ":" + line;
        }
    }

    /** An environment variable. */
    record Variable(String name) implements Origin {
        @Override
        public String toString() {
            return name;
        }
    }
}
