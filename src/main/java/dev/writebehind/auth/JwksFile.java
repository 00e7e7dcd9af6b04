package dev.writebehind.auth;

import dev.writebehind.blocking.Blocking;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A JWK set in a file. Safe for any thread. */
final class JwksFile implements KeySource {
    static final int MAX_BYTES = 1024 * 1024;

    private final Vertx vertx;
    private final Path file;

    JwksFile(Vertx vertx, Path file) {
        this.vertx = vertx;
        this.file = file;
    }

    @Override
    public Future<String> read() {
        return Blocking.callApart(vertx, this::readNow);
    }

    /** Reads it on this thread, which may block. */
    String readNow() {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IOException("it is larger than a key set can be");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("can't be read: " + e, e);
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
