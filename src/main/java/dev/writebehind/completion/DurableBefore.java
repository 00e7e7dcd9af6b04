package dev.writebehind.completion;

import org.jspecify.annotations.Nullable;

/** A change log that writes nothing down, since everything is durable already. Stateless. */
final class DurableBefore implements ChangeLog {
    private static final Entry ELSEWHERE = new Entry() {};

    @Override
    public Entry append(Change change, @Nullable Entry previous) {
        return ELSEWHERE;
    }

    @Override
    public void release(Entry entry) {
        // There is nothing to let go of.
    }

    @Override
    public boolean hasOutdated() {
        return false;
    }

    @Override
    public boolean isOutdated(Entry entry) {
        return false;
    }

    @Override
    public boolean isWritten(Entry entry) {
        return true;
    }

    @Override
    public boolean hasRoom(int changes) {
        return true;
    }
}
