package dev.writebehind.journal.kafka;

import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.ApplicationRecoverableException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** What a producer's failures say of itself. Stateless. */
final class ProducerFailures {
    private static final Set<Class<? extends Exception>> FOR_GOOD = Set.of(
            ApplicationRecoverableException.class, // fenced, an epoch or id that the brokers don't know
            OutOfOrderSequenceException.class,
            UnsupportedVersionException.class,
            ClusterAuthorizationException.class,
            IllegalStateException.class);

    private ProducerFailures() {}

    /** Whether the producer whose message failed so takes no other any more, whatever the brokers do. */
    static boolean isForGood(Exception failure) {
        return Stream.iterate((Throwable) failure, Objects::nonNull, Throwable::getCause)
                .anyMatch(cause -> FOR_GOOD.stream().anyMatch(kind -> kind.isInstance(cause)));
    }
}
