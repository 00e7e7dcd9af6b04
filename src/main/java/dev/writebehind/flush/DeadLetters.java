package dev.writebehind.flush;

import dev.writebehind.completion.KeyPool;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The dead letters, each a JSON file that an operator can read, on disk before the write leaves the journal. Safe for
 * any thread; every call blocks on the disk.
 */
public final class DeadLetters {
    private static final Pattern ID = Pattern.compile("\\d{1,19}");
    private static final String SUFFIX = ".json";

    private final Path directory;
    private final KeyPool keys;

    /** Uses that directory, which is created with the first dead letter. */
    public DeadLetters(Path directory, KeyPool keys) {
        this.directory = directory;
        this.keys = keys;
    }

    /** Keeps a dead letter; one of the same id, from before a crash, is replaced. On disk when the call returns. */
    void add(DeadLetter letter) throws IOException {
        Files.createDirectories(directory);
        Path file = directory.resolve(letter.id() + SUFFIX);
        Path unfinished = directory.resolve(letter.id() + ".tmp");
        try (FileChannel channel = FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(letter.json().toBuffer().getBytes());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceNames();
    }

    /** Returns the dead letters, oldest first, at most that many. */
    public List<DeadLetter> list(int most) {
        List<Path> files = new ArrayList<>();
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(directory)) {
            all.filter(file -> file.getFileName().toString().endsWith(SUFFIX))
                    .sorted()
                    .limit(most)
                    .forEach(files::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files.stream().map(this::read).toList();
    }

    /** Returns the dead letter of that id. */
    public Optional<DeadLetter> find(String id) {
        Path file = directory.resolve(id + SUFFIX);
        return ID.matcher(id).matches() && Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
    }

    /** Removes the dead letter of that id. Returns whether there was one. */
    public boolean remove(String id) {
        if (!ID.matcher(id).matches()) {
            return false;
        }
        try {
            boolean removed = Files.deleteIfExists(directory.resolve(id + SUFFIX));
            if (removed) {
                forceNames();
            }
            return removed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private DeadLetter read(Path file) {
        try {
            return DeadLetter.of(new JsonObject(Buffer.buffer(Files.readAllBytes(file))), keys);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void forceNames() throws IOException {
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        }
    }
}
