package dev.writebehind.journal.kafka;

import static java.util.Objects.requireNonNull;

import dev.writebehind.journal.UnusableJournalException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What the admin client's answers share; stateless. */
final class Answers {
    private Answers() {}

    /** Returns the answer about the one that was asked for. */
    static <K, T> KafkaFuture<T> about(K asked, Map<K, KafkaFuture<T>> answers) {
        return requireNonNull(answers.get(asked), "no answer about what was asked for");
    }

    /** Returns the failure to be thrown for that of a question on a topic: whether it may pass, or what to do. */
    static RuntimeException failure(ExecutionException failed, String topic) {
        Throwable cause = cause(failed);
        if (cause instanceof UnknownTopicOrPartitionException) {
            return unusable("there is no topic " + topic
                    + " (journal.kafka.topic): create it as the command check tells," + " and start again");
        }
        return cause instanceof RetriableException
                ? new BrokersAwayException(cause)
                : unusable("the Kafka brokers refuse what this service needs of the topic " + topic + "; see that the"
                        + " login in journal.kafka.properties-file is right and may read and write it, and start"
                        + " again: " + cause);
    }

    /** Returns the failure of a log with which no start can help. */
    static UnusableJournalException unusable(String why) {
        return new UnusableJournalException(why, new IOException(why));
    }

    /** Returns what the brokers or the client said. */
    static Throwable cause(ExecutionException failure) {
        Throwable cause = failure.getCause();
        return cause == null ? failure : cause;
    }
}
