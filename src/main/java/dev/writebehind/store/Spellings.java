package dev.writebehind.store;

import dev.writebehind.completion.Change;
import dev.writebehind.completion.CoalescedWrite;
import io.vertx.core.Future;
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
    private final TableShape shape;
    private final ColumnSpellings courses;
    private final ColumnSpellings blocks;

    Spellings(TableShape shape) {
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
        Set<Integer> learners = new HashSet<>();
        for (Change change : changes) {
            if (mustAsk(change)) {
                learners.add(change.learnerCourse().userId());
            }
        }
        if (learners.isEmpty()) {
            return Future.succeededFuture(KnownSpellings.PLAIN);
        }
        Map<String, String> askedCourses = new HashMap<>();
        Map<String, String> askedBlocks = new HashMap<>();
        for (Change change : changes) {
            if (learners.contains(change.learnerCourse().userId())) {
                askedCourses.put(change.learnerCourse().course().value(), "");
                if (change instanceof CoalescedWrite write) {
                    askedBlocks.put(
                            write.key().block().value(), write.key().block().blockType());
                }
            }
        }
        return courses.learn(connection, askedCourses)
                .compose(knownCourses -> blocks.learn(connection, askedBlocks)
                        .map(knownBlocks -> new KnownSpellings(knownCourses, knownBlocks)));
    }

    private boolean mustAsk(Change change) {
        return shape.course().mustAsk(change.learnerCourse().course().value())
                || (change instanceof CoalescedWrite write
                        && shape.block().mustAsk(write.key().block().value()));
    }
}
