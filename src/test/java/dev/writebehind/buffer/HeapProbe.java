package dev.writebehind.buffer;

import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.config.JournalSettings;
import dev.writebehind.journal.file.FileJournal;
import dev.writebehind.testing.TemporaryDirectory;
import dev.writebehind.testing.UsedHeap;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Fills a buffer and its journal with keys of one shape, in a process of its own, and prints what it is charged for
 * each key and what that takes: waiting, and in flight with a newer run behind it. Not for concurrent use.
 */
final class HeapProbe {
    static final int KEYS = 50_000;

    /** What else the process lets go of meanwhile makes one measurement too low, now and then. */
    static final int TIMES = 3;

    private static final int WRITES = 1_000;
    private static final double MEBI = 1 << 20;
    private static final String COURSE = "course-v1:OpenedX+DemoX+DemoCourse";
    private static final String BLOCK = "block-v1:OpenedX+DemoX+DemoCourse+type@video+block@";
    private static final int MAX_CHARACTERS = 255;

    private final KeyPool pool = new KeyPool();
    private final Shape shape;

    private HeapProbe(Shape shape) {
        this.shape = shape;
    }

    /** How keys differ. */
    enum Shape {
        LEARNERS_OF_ONE_BLOCK,
        LEARNERS_OF_500_BLOCKS,
        LEARNERS_WITH_500_BLOCKS_EACH,
        LEARNERS_OF_20_COURSES_WITH_50_BLOCKS_EACH,
        ONE_LEARNER,
        ALL_DIFFERENT,
        ALL_DIFFERENT_AND_SHORT,
        ALL_DIFFERENT_AND_LONG,
        ALL_DIFFERENT_LONG_AND_CAPITAL,
        ALL_DIFFERENT_LONG_AND_JAPANESE,
        ALL_DIFFERENT_LONG_AND_EMOJI;

        private int learner(int key) {
            return switch (this) {
                case ONE_LEARNER -> 1;
                case LEARNERS_WITH_500_BLOCKS_EACH -> 1 + key / 500;
                case LEARNERS_OF_20_COURSES_WITH_50_BLOCKS_EACH -> 1 + key / 50;
                default -> 1 + key;
            };
        }

        private String course(int key) {
            return switch (this) {
                case LEARNERS_OF_ONE_BLOCK, LEARNERS_OF_500_BLOCKS, LEARNERS_WITH_500_BLOCKS_EACH, ONE_LEARNER ->
                    COURSE;
                case LEARNERS_OF_20_COURSES_WITH_50_BLOCKS_EACH -> COURSE + key / 50 % 20;
                default -> text("C", COURSE, key);
            };
        }

        private String block(int key) {
            return switch (this) {
                case LEARNERS_OF_ONE_BLOCK -> id(0);
                case LEARNERS_OF_500_BLOCKS, LEARNERS_WITH_500_BLOCKS_EACH -> id(key % 500);
                case LEARNERS_OF_20_COURSES_WITH_50_BLOCKS_EACH -> id(key / 50 % 20 * 50 + key % 50);
                case ONE_LEARNER -> id(key);
                default -> text("B", BLOCK, key);
            };
        }

        private static String id(int block) {
            return BLOCK + "%032x".formatted(block);
        }

        private String text(String letter, String usual, int key) {
            return switch (this) {
                case ALL_DIFFERENT_AND_SHORT -> letter + key;
                case ALL_DIFFERENT_AND_LONG -> padded(letter.equals("C") ? "c" + key : "b" + key, 'x');
                case ALL_DIFFERENT_LONG_AND_CAPITAL -> padded(letter + key, 'X');
                case ALL_DIFFERENT_LONG_AND_JAPANESE -> padded(letter + key, 0x65E5);
                case ALL_DIFFERENT_LONG_AND_EMOJI -> padded(letter + key, 0x1F600);
                default -> usual + "%032x".formatted(key);
            };
        }

        private static String padded(String start, int with) {
            StringBuilder text = new StringBuilder(start);
            for (int i = start.length(); i < MAX_CHARACTERS; i++) {
                text.appendCodePoint(with);
            }
            return text.toString();
        }
    }

    /** Prints the shape's charge, and what it takes waiting and at the most, in bytes for a key, a line each time. */
    public static void main(String[] arguments) {
        new HeapProbe(Shape.valueOf(arguments[0])).measure(); // loads what is there once
        for (int i = 0; i < TIMES; i++) {
            System.out.println(new HeapProbe(Shape.valueOf(arguments[0])).measure());
        }
    }

    private String measure() {
        JournalSettings settings = JournalSettings.ofFiles(TemporaryDirectory.create("heap"), ByteSize.ofMebibytes(16));
        try (FileJournal journal = FileJournal.open(settings, pool, new Conditions(Clock.systemUTC()))) {
            CompletionBuffer buffer = new CompletionBuffer(
                    () -> new BufferSettings(10_000_000, ByteSize.ofMebibytes(1 << 20), Duration.ofSeconds(10)),
                    new ReceiptClock(),
                    journal);
            journal.replay(buffer::restore);
            double before = UsedHeap.mebibytes();
            fill(buffer, journal);
            double waiting = UsedHeap.mebibytes() - before;
            Drained drained = buffer.drain();
            fill(buffer, journal);
            double most = UsedHeap.mebibytes() - before;
            String result = "%.0f %.0f %.0f"
                    .formatted((double) buffer.pendingBytes() / KEYS, waiting * MEBI / KEYS, most * MEBI / KEYS);
            if (drained.writes().size() != KEYS) {
                throw new IllegalStateException("not all were in flight");
            }
            return result;
        }
    }

    private void fill(CompletionBuffer buffer, FileJournal journal) {
        for (int from = 0; from < KEYS; from += WRITES) {
            List<CompletionWrite> writes = new ArrayList<>();
            for (int key = from; key < from + WRITES; key++) {
                writes.add(new CompletionWrite(
                        new CompletionKey(
                                shape.learner(key), pool.course(shape.course(key)), pool.block(shape.block(key))),
                        key % 3 / 4.0));
            }
            if (!buffer.offerRecorded(writes, null)) {
                throw new IllegalStateException("refused");
            }
        }
        for (int i = 0; i < 2; i++) {
            journal.sync().toCompletableFuture().join();
        }
    }
}
