package dev.writebehind.journal.kafka;

import java.io.Serial;
import java.util.List;

/** The failure of a start by a topic that would lose writes or their order, or take none; it says what to do. */
public final class UnfitTopicException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    UnfitTopicException(List<String> reasons) {
        super("the topic of journal.kafka.topic is unfit: " + String.join("; ", reasons));
    }
}
