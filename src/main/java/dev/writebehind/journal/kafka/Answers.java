package dev.writebehind.journal.kafka;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaFuture;

/** What the admin client's answers share; stateless. */
final class Answers {
    private Answers() {}

    /** Returns the answer about the one that was asked for. */
    static <K, T> KafkaFuture<T> about(K asked, Map<K, KafkaFuture<T>> answers) {
        return requireNonNull(answers.get(asked), "no answer about what was asked for");
    }

    /** Returns what the brokers or the client said. */
    static Throwable cause(ExecutionException failure) {
        Throwable cause = failure.getCause();
        return cause == null ? failure : cause;
    }
}
