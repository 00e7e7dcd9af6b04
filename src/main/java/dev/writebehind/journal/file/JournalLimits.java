package dev.writebehind.journal.file;

/**
 * The limits of what the journal may hold, as heap and disk allow; immutable.
 *
 * @param segmentBytes size from which a new segment is begun
 * @param mostQueued most changes that wait to be written
 * @param mostSettledBytes most that a start may have to take over although it is settled, in bytes on disk
 */
record JournalLimits(long segmentBytes, long mostQueued, long mostSettledBytes) {
    private static final long MAX_QUEUED = 500_000;
    private static final long FEWEST_QUEUED = 50_000;
    /** Queue node, operation, and a run that nothing else holds any more. */
    private static final long QUEUED_HEAP_BYTES = 160;

    private static final int SEGMENTS_ON_DISK = 16;
    private static final int SEGMENTS_IN_HEAP = 256;
    private static final long SMALLEST_SEGMENT = 64 << 10;

    /**
     * Fits the limits to a heap and a disk of that many bytes. A change that takes one byte in a segment takes up to
     * four in the heap, so that four segments of settled ones, and the active one, take a twelfth of it.
     */
    static JournalLimits of(long wantedSegmentBytes, long heapBytes, long diskBytes) {
        long fitting = Math.max(SMALLEST_SEGMENT, Math.min(heapBytes / SEGMENTS_IN_HEAP, diskBytes / SEGMENTS_ON_DISK));
        long queued = Math.min(MAX_QUEUED, Math.max(FEWEST_QUEUED, heapBytes / 16 / QUEUED_HEAP_BYTES));
        long segment = Math.min(wantedSegmentBytes, fitting);
        return new JournalLimits(segment, queued, Math.max(4 * segment, heapBytes / SEGMENTS_IN_HEAP * 4));
    }

    /** Returns the heap that a full queue takes, and settled changes that a start takes over. */
    long heapBytes() {
        return mostQueued * QUEUED_HEAP_BYTES + 4 * (mostSettledBytes + 2 * segmentBytes);
    }
}
