package dev.writebehind.loadtest.traffic;

import java.util.List;

/**
 * One call of a learner's device; immutable.
 *
 * @param due seconds since the schedule began, whatever the answers are
 * @param writes of one run of the course, in their order; a block may occur several times
 */
public record Request(double due, List<Write> writes) {
    public Request {
        writes = List.copyOf(writes);
    }
}
