package dev.writebehind.flush;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CourseReset;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.files.PrivateFiles;
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
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dead letters of the only instance, each a JSON file that an operator can read, on disk before the change leaves
 * the journal. Safe for any thread; every call blocks on the disk.
 */
public final class DeadLetterFiles implements DeadLetters {
    private static final Pattern ID = Pattern.compile("\\d{1,19}");
    private static final String SUFFIX = ".json";

    private static final Logger log = LoggerFactory.getLogger(DeadLetterFiles.class);

    private final Path directory;
    private final KeyPool keys;
    private final Volume volume;
    /** The ids of each learner and course, read from the directory when first needed; guarded by this. */
    private @Nullable Map<LearnerCourse, NavigableSet<Long>> ids;

    /** Uses that directory, which is created with the first dead letter, while its volume is there. */
    public DeadLetterFiles(Path directory, KeyPool keys, Volume volume) {
        this.directory = directory;
        this.keys = keys;
        this.volume = volume;
    }

    /** The volume that the directory lies on. */
    public interface Volume {
        /** Fails if what is written there now would not be found by the next start. */
        void requirePresent() throws IOException;
    }

    /** Keeps a dead letter; one of the same id, from before a crash, is replaced. On disk when the call returns. */
    synchronized void add(DeadLetter letter) throws IOException {
        volume.requirePresent();
        PrivateFiles.createDirectories(directory);
        Path file = directory.resolve(letter.id() + SUFFIX);
        Path unfinished = directory.resolve(letter.id() + ".tmp");
        try (FileChannel channel = PrivateFiles.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(letter.json().toBuffer().getBytes());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(unfinished); // the disk may be full
            throw e;
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        PrivateFiles.forceNames(directory);
        if (ids != null) {
            index(ids, letter.change());
        }
    }

    /** Returns the ids of those in a directory, which are their times of receipt in microseconds, oldest first. */
    public static List<Long> idsIn(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(SUFFIX))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                    .filter(id -> ID.matcher(id).matches())
                    .map(Long::parseLong)
                    .sorted()
                    .toList();
        }
    }

    @Override
    public long count() {
        if (!Files.isDirectory(directory)) {
            return 0;
        }
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(file -> file.getFileName().toString().endsWith(SUFFIX))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the dead letters, oldest first, at most that many. */
    public List<DeadLetter> list(int most) {
        return list(0, most);
    }

    @Override
    public List<DeadLetter> list(long after, int most) {
        List<Path> files = new ArrayList<>();
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(directory)) {
            all.filter(file -> idOf(file) > after)
                    .sorted(Comparator.comparingLong(DeadLetterFiles::idOf))
                    .limit(most)
                    .forEach(files::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files.stream()
                .flatMap(file -> {
                    try {
                        return Stream.of(read(file));
                    } catch (RuntimeException e) {
                        log.warn("The dead letter {} can't be read and is left alone: {}", file, e.toString());
                        return Stream.of();
                    }
                })
                .toList();
    }

    /** Returns the id that a file is named by; -1: it is no dead letter's. */
    private static long idOf(Path file) {
        String name = file.getFileName().toString();
        String id = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : "";
        return id.length() < 19 && ID.matcher(id).matches() ? Long.parseLong(id) : -1;
    }

    /** Returns the dead letter of that id. */
    public Optional<DeadLetter> find(String id) {
        Path file = directory.resolve(id + SUFFIX);
        return ID.matcher(id).matches() && Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
    }

    /** Returns the courses of those learners of which there is any. */
    synchronized List<LearnerCourse> coursesOf(Set<Integer> learners) throws IOException {
        return ids().keySet().stream()
                .filter(each -> learners.contains(each.userId()))
                .toList();
    }

    /** Removes those that the resets undo, as the resets did with the rows of others like them. */
    synchronized void removeUndone(List<CourseReset> resets) throws IOException {
        Map<LearnerCourse, NavigableSet<Long>> known = ids();
        for (CourseReset reset : resets) {
            NavigableSet<Long> all = known.getOrDefault(reset.learnerCourse(), new TreeSet<>());
            List<Long> undone = List.copyOf(all.headSet(reset.receivedAt(), false));
            undone.forEach(each -> remove(Long.toString(each)));
            if (!undone.isEmpty()) {
                log.info(
                        "A course reset undid {} dead letters, the last of them {}",
                        undone.size(),
                        undone.get(undone.size() - 1));
            }
        }
    }

    private Map<LearnerCourse, NavigableSet<Long>> ids() throws IOException {
        volume.requirePresent();
        Map<LearnerCourse, NavigableSet<Long>> known = ids;
        if (known == null) {
            known = new HashMap<>();
            for (DeadLetter letter : list(Integer.MAX_VALUE)) {
                index(known, letter.change());
            }
            ids = known;
        }
        return known;
    }

    private static void index(Map<LearnerCourse, NavigableSet<Long>> ids, Change change) {
        ids.computeIfAbsent(change.learnerCourse(), key -> new TreeSet<>()).add(change.receivedAt());
    }

    @Override
    public synchronized boolean remove(String id) {
        if (!ID.matcher(id).matches()) {
            return false;
        }
        try {
            boolean removed = Files.deleteIfExists(directory.resolve(id + SUFFIX));
            if (removed) {
                PrivateFiles.forceNames(directory);
                forget(Long.parseLong(id));
            }
            return removed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void forget(long id) {
        if (ids != null) {
            ids.values().removeIf(all -> all.remove(id) && all.isEmpty());
        }
    }

    private DeadLetter read(Path file) {
        try {
            return DeadLetter.of(new JsonObject(Buffer.buffer(Files.readAllBytes(file))), keys);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
