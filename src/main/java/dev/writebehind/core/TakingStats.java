package dev.writebehind.core;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** The counters of what was taken since the start, and of what was not. Safe for any thread. */
public final class TakingStats {
    private final LongAdder writes = new LongAdder();
    private final LongAdder resets = new LongAdder();
    private final Map<NotTaken.Reason, LongAdder> noes = new EnumMap<>(NotTaken.Reason.class);

    TakingStats() {
        for (NotTaken.Reason reason : NotTaken.Reason.values()) {
            noes.put(reason, new LongAdder());
        }
    }

    void writes(int count) {
        writes.add(count);
    }

    void resets(int count) {
        resets.add(count);
    }

    void outcome(Outcome outcome) {
        if (outcome instanceof NotTaken no) {
            count(no.reason()).increment();
        }
    }

    /** Returns how many writes were taken. */
    public long writes() {
        return writes.sum();
    }

    /** Returns how many course resets were taken. */
    public long resets() {
        return resets.sum();
    }

    /** Returns how many requests had that reason for an answer; those that were turned away before their body not. */
    public long noes(NotTaken.Reason reason) {
        return count(reason).sum();
    }

    private LongAdder count(NotTaken.Reason reason) {
        return noes.getOrDefault(reason, new LongAdder());
    }
}
