package dev.writebehind.openedx;

import com.fasterxml.jackson.databind.JsonNode;
import dev.writebehind.auth.Caller;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.store.LmsUser;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * The LMS's checks of a batch: whether completion is tracked at all, who may send it, whom and what it is about. They
 * fail with {@link Refused} or {@link UnreadableException}. Confined to the event loop that they were made for.
 */
final class BatchChecks {
    private final Vertx vertx;
    private final LmsDirectory directory;
    private final KeyPool keys;
    private final IntSupplier maxWrites;

    BatchChecks(Vertx vertx, LmsDirectory directory, KeyPool keys, IntSupplier maxWrites) {
        this.vertx = vertx;
        this.directory = directory;
        this.keys = keys;
        this.maxWrites = maxWrites;
    }

    /** Succeeds for the owner and for staff. */
    Future<Void> permit(Caller caller, boolean isOwner) {
        if (isOwner || caller.actsForAnyone()) {
            return Future.succeededFuture();
        }
        String username = caller.username();
        if (username == null || caller.staff() == Caller.Staff.NO) {
            return Future.failedFuture(Answer.FORBIDDEN.refused());
        }
        return directory
                .user(vertx, username)
                .compose(found -> found.filter(LmsUser::isStaff).isPresent()
                        ? Future.succeededFuture()
                        : Future.failedFuture(Answer.FORBIDDEN.refused()));
    }

    /** Succeeds while the LMS's switch for completion is on. */
    Future<Void> requireTracking() {
        return directory
                .isTracking(vertx)
                .compose(tracking -> tracking
                        ? Future.succeededFuture()
                        : refused("BlockCompletion.objects.submit_batch_completion should not be called"
                                + " when the feature is disabled."));
    }

    /** Completes with the learner whom a batch is about, who is enrolled in its course. */
    Future<LmsUser> learner(Batch batch) {
        return user(batch.username()).compose(user -> {
            String course = batch.course();
            Future<Boolean> enrolled = Batch.hasEnrolments(course)
                    ? directory.isEnrolled(vertx, user.id(), course)
                    : Future.succeededFuture(true);
            return enrolled.compose(isEnrolled -> {
                if (!isEnrolled) {
                    return refused("User is not enrolled in course.");
                }
                int most = maxWrites.getAsInt();
                return batch.size() > most
                        ? refused("blocks holds more than " + most + " blocks: send them in several calls")
                        : Future.succeededFuture(user);
            });
        });
    }

    /** Returns what a batch writes for its learner. Safe for any thread. */
    List<CompletionWrite> writes(Batch batch, LmsUser learner) {
        return batch.writes(learner.id(), batch.course(), keys);
    }

    private Future<LmsUser> user(JsonNode username) {
        Future<Optional<LmsUser>> found = username.isNull()
                ? Future.succeededFuture(Optional.empty())
                : directory.user(vertx, Python.str(username));
        return found.map(
                user -> user.orElseThrow(() -> new Answer(404, "User matching query does not exist.").refused()));
    }

    private static <T> Future<T> refused(String detail) {
        return Future.failedFuture(Answer.bad(detail).refused());
    }
}
