package dev.writebehind;

import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cap that the heap puts on the buffer's bounds, so that whatever is accepted can be flushed, and replayed at the
 * next start, with the same heap. Stateless.
 */
final class HeapBounds {
    private static final Logger log = LoggerFactory.getLogger(HeapBounds.class);

    private HeapBounds() {}

    /** Returns the settings as they are whenever they are asked for, each cut once. Safe for any thread. */
    static Supplier<BufferSettings> within(Supplier<BufferSettings> wanted, long heapBytes) {
        AtomicReference<Cut> last = new AtomicReference<>();
        return () -> {
            BufferSettings now = wanted.get();
            Cut known = last.get();
            if (known == null || !known.wanted().equals(now)) {
                known = new Cut(now, within(now, heapBytes));
                last.set(known);
            }
            return known.cut();
        };
    }

    private record Cut(BufferSettings wanted, BufferSettings cut) {}

    /**
     * Returns the settings, with {@code buffer.max-bytes} cut to half of the heap where it is more. The other half is
     * for bodies under way (a quarter at most), the journal's queue and what a flush encodes.
     */
    static BufferSettings within(BufferSettings wanted, long heapBytes) {
        long most = heapBytes / 2;
        if (wanted.maxBytes().bytes() <= most) {
            return wanted;
        }
        log.warn(
                "buffer.max-bytes is {}, more than half of the heap: {} bytes are used, so that a start can take over"
                        + " what is accepted; raise -Xmx, or lower buffer.max-bytes",
                wanted.maxBytes(),
                most);
        return new BufferSettings(wanted.maxPending(), new ByteSize(most), wanted.retain());
    }
}
