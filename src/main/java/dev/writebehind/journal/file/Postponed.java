package dev.writebehind.journal.file;

import dev.writebehind.journal.file.Operation.Append;
import dev.writebehind.journal.file.Operation.Release;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Appends that found the disk full, and the releases that came meanwhile, in their order: done as soon as there is
 * space, before any later one. For one thread.
 */
final class Postponed {
    private final List<Operation> operations = new ArrayList<>();

    void add(Operation operation) {
        operations.add(operation);
    }

    boolean isEmpty() {
        return operations.isEmpty();
    }

    /** Returns the oldest, at most that many; to be removed with {@link #remove}. */
    List<Operation> next(int most) {
        return new ArrayList<>(operations.subList(0, Math.min(operations.size(), most)));
    }

    /** Forgets as many of the oldest. */
    void remove(int count) {
        operations.subList(0, count).clear();
    }

    /** Forgets all; returns how many appends there were. */
    long clear() {
        long appends = operations.stream().filter(Append.class::isInstance).count();
        operations.clear();
        return appends;
    }

    /**
     * Carries out the releases that need not wait, for they may make the space that the appends wait for: what is in
     * the table is needed no longer, whatever is yet to be written. But what a reset undoes is needed until the reset
     * itself is on disk or carried out. Then forgets the appends of runs that are released.
     *
     * @param skipped takes each append that is forgotten
     */
    void releaseWhatMay(Consumer<Append> skipped) {
        Set<LogEntry> carriedOut = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Operation operation : operations) {
            if (operation instanceof Release release && release.entry().isReset()) {
                carriedOut.add(release.entry());
            }
        }
        boolean behindReset = false;
        for (Operation operation : operations) {
            if (operation instanceof Append append) {
                behindReset |= append.entry().isReset() && !carriedOut.contains(append.entry());
            } else if (operation instanceof Release release
                    && (!behindReset || release.entry().isReset())) {
                release.entry().release();
            }
        }
        operations.removeIf(operation -> {
            if (operation instanceof Release release) {
                return release.entry().isReleased();
            }
            // A reset is written down even so: it keeps older runs from coming back.
            if (operation instanceof Append append
                    && append.entry().isReleased()
                    && !append.entry().isReset()) {
                skipped.accept(append);
                return true;
            }
            return false;
        });
    }
}
