package dev.writebehind.api;

import dev.writebehind.auth.Caller;
import dev.writebehind.completion.BlockKey;
import dev.writebehind.completion.InvalidKeyException;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.http.Problem;
import dev.writebehind.http.ProblemException;
import dev.writebehind.http.QueryString;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The learner, course and blocks that {@code /v1/users/{user_id}/completions?course_key=…[&block_key=…]} names;
 * immutable.
 *
 * @param blocks the blocks asked for; empty: none is named
 */
record LearnerRequest(LearnerCourse learnerCourse, List<BlockKey> blocks) {
    /** Spelt in one way: no sign, no zeros in front, no digits but the ten. */
    private static final Pattern USER_ID = Pattern.compile("[1-9][0-9]{0,9}");

    LearnerRequest {
        blocks = List.copyOf(blocks);
    }

    /** Reads path and query, or throws {@link ProblemException}; also where the caller may not see that learner. */
    static LearnerRequest of(@Nullable String user, QueryString query, Caller caller, KeyPool keys) {
        int userId = userId(user);
        Access.require(caller, userId);
        String course = query.one("course_key");
        if (course == null) {
            throw invalid("course_key", "is missing");
        }
        try {
            LearnerCourse learnerCourse = new LearnerCourse(userId, keys.course(course));
            return new LearnerRequest(learnerCourse, blocks(query.all("block_key"), keys));
        } catch (InvalidKeyException e) {
            throw invalid("course_key", e.reason());
        }
    }

    private static int userId(@Nullable String text) {
        if (text != null && USER_ID.matcher(text).matches()) {
            long userId = Long.parseLong(text);
            if (userId <= Integer.MAX_VALUE) {
                return (int) userId;
            }
        }
        throw invalid("user_id", "must be between 1 and " + Integer.MAX_VALUE);
    }

    private static List<BlockKey> blocks(List<String> values, KeyPool keys) {
        List<BlockKey> blocks = new ArrayList<>();
        for (String value : values) {
            try {
                blocks.add(keys.block(value));
            } catch (InvalidKeyException e) {
                throw invalid("block_key", e.reason());
            }
        }
        return blocks;
    }

    static ProblemException invalid(String name, String reason) {
        return new ProblemException(Problem.invalidParameter(name, reason));
    }
}
