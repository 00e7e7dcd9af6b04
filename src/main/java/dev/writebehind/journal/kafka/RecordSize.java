package dev.writebehind.journal.kafka;

import dev.writebehind.config.ByteSize;

/**
 * The largest record that a request of a given size makes, by which the topic is created and checked and the producer
 * made; stateless. What is larger still is refused by itself, before it is sent.
 */
final class RecordSize {
    /**
     * A record takes the keys as a request spells them, and less than the request beside them; but characters beyond
     * the basic plane take 6 bytes and not 4, a location of the LMS may be stored in a longer form, and its dialect
     * takes charsets that are shorter than UTF-8. {@code RecordSizeTest} has the measure: 1.5 times for UTF-8.
     */
    private static final int FOR_EACH_BYTE = 2;

    /** What the brokers count besides what a record holds: its batch's head, its own, and room for more. */
    private static final int OVERHEAD_BYTES = 1024;

    private RecordSize() {}

    /** Returns the greatest number of bytes that a record's value has. */
    static long value(ByteSize request) {
        return FOR_EACH_BYTE * request.bytes();
    }

    /** Returns the least bound of a topic and of a producer by which such a record is taken. */
    static long bound(ByteSize request) {
        return value(request) + OVERHEAD_BYTES;
    }
}
