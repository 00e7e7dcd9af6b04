package dev.writebehind.http;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The decision on a request whose head is there; immutable. */
public sealed interface Reception {
    /** The reception of a request that is answered already; its body is of no interest. */
    record Answered() implements Reception {}

    /** The reception of a request that is answered without a body; one that is sent even so is ignored. */
    record WithoutBody(Runnable answering) implements Reception {}

    /**
     * The reception of a request that is answered once its body has arrived whole.
     *
     * @param learner the user name of the learner whose part of the {@link BodyBudget} the body takes; null: it is a
     *     server's
     * @param answering gives the body back, unless it throws
     */
    record WithBody(@Nullable String learner, Consumer<RequestBody> answering) implements Reception {}
}
