package dev.writebehind.store;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The table's knowledge of keys: which it holds equal, by the server's own sort keys, and which it can't store. The
 * server is asked once for each distinct key that is not plain ASCII. Asking is confined to the context of the
 * connection that is asked; safe for any thread else. Why: {@code docs/decisions/0002-upsert.md}.
 */
final class Spellings {
    /** So few changes are looked through on the event loop. */
    private static final int FEW = 1_000;

    private final Vertx vertx;
    private final TableShape shape;
    private final ColumnSpellings courses;
    private final ColumnSpellings blocks;

    /** The keys to be asked about, with their block types; "" for courses, which have none. */
    private record Questions(Map<String, String> courses, Map<String, String> blocks) {}

    Spellings(Vertx vertx, TableShape shape) {
        this.vertx = vertx;
        this.shape = shape;
        this.courses = new ColumnSpellings("course_key", shape.course(), shape.typeCharset());
        this.blocks = new ColumnSpellings("block_key", shape.block(), shape.typeCharset());
    }

    TableShape shape() {
        return shape;
    }

    /**
     * Asks for whatever has to be asked about the keys of those changes. A learner with one key that needs asking has
     * all of them asked, for any may be that one's equal.
     */
    Future<KnownSpellings> learn(SqlConnection connection, Collection<? extends Change> changes) {
        return changes.size() <= FEW
                ? ask(connection, questions(changes))
                : Blocking.call(vertx, () -> questions(changes)).compose(asked -> ask(connection, asked));
    }

    private Future<KnownSpellings> ask(SqlConnection connection, Questions asked) {
        return asked.courses().isEmpty()
                ? Future.succeededFuture(KnownSpellings.PLAIN)
                : courses.learn(connection, asked.courses())
                        .compose(knownCourses -> blocks.learn(connection, asked.blocks())
                                .map(knownBlocks -> new KnownSpellings(knownCourses, knownBlocks)));
    }

    private Questions questions(Collection<? extends Change> changes) {
        Set<Integer> learners = new HashSet<>();
        for (Change change : changes) {
            if (mustAsk(change)) {
                learners.add(change.learnerCourse().userId());
            }
        }
        Questions asked = new Questions(new HashMap<>(), new HashMap<>());
        if (learners.isEmpty()) {
            return asked;
        }
        for (Change change : changes) {
            if (learners.contains(change.learnerCourse().userId())) {
                asked.courses().put(change.learnerCourse().course().value(), "");
                if (change instanceof CoalescedWrite write) {
                    asked.blocks()
                            .put(
                                    write.key().block().value(),
                                    write.key().block().blockType());
                }
            }
        }
        return asked;
    }

    private boolean mustAsk(Change change) {
        return change instanceof CoalescedWrite write
                ? shape.course().mustAsk(write.key().course().isAscii())
                        || shape.block().mustAsk(write.key().block().isAscii())
                : shape.course().mustAsk(change.learnerCourse().course().isAscii());
    }
}
