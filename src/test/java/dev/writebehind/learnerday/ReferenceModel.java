package dev.writebehind.learnerday;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Open edX's own model code would have left in its completion table had every write gone straight to it: the last
 * write wins, values may go down, {@code created} is the time of the first write, {@code modified} that of the last
 * write which changed the value, and a write of the value already there changes nothing. It shares no code with the
 * service, so that a mistake can't be made twice.
 *
 * <p>The exact time of a write is known to the service alone. The model knows when the write was sent and when it was
 * acknowledged, and its time must lie between the two. Whether {@code created} and {@code modified} are the same time
 * is exact: they are if, and only if, no later write changed the value. That also holds for several writes of one key
 * in one request, which share their window but are still different writes.
 *
 * <p>{@link #write} may be called by several threads at once, as long as the writes of one learner come in their order.
 */
public final class ReferenceModel {

    private static final List<Pattern> BLOCK_KEYS = List.of(
            Pattern.compile("(?:lib-)?block-v1:.+?\\+type@([^+@]+)\\+block@.+"),
            Pattern.compile("lb:[^:]+:[^:]+:([^:]+):[^:]+"),
            Pattern.compile("i4x://[^/]+/[^/]+/([^/]+)/.+"));

    private final Map<Key, Expected> rows = new ConcurrentHashMap<>();
    private final Duration tolerance;

    /** Allows times to be a millisecond outside their window: clocks differ in granularity, columns in precision. */
    public ReferenceModel() {
        this(Duration.ofMillis(1));
    }

    public ReferenceModel(Duration tolerance) {
        this.tolerance = tolerance;
    }

    /** A row as found in the table, with all columns but {@code id}. */
    public record ActualRow(
            String courseKey,
            String blockKey,
            String blockType,
            int userId,
            double completion,
            Instant created,
            Instant modified) {

        private Key key() {
            return new Key(courseKey, blockKey, userId);
        }
    }

    private record Key(String courseKey, String blockKey, int userId) {
        @Override
        public String toString() {
            return "user " + userId + ", " + courseKey + ", " + blockKey;
        }
    }

    private record Window(Instant from, Instant to) {
        boolean contains(Instant time, Duration tolerance) {
            return !time.isBefore(from.minus(tolerance)) && !time.isAfter(to.plus(tolerance));
        }
    }

    /** {@code changedLater}: whether a write after the first one changed the value. */
    private record Expected(double completion, Window created, Window modified, boolean changedLater) {
        Expected after(double newCompletion, Window window) {
            return completion == newCompletion ? this : new Expected(newCompletion, created, window, true);
        }
    }

    /**
     * Takes the next write of a learner. For a request that had to be sent again, {@code sentAt} is that of the first
     * try and {@code acknowledgedAt} that of the last, for any of them may have been the one that counted.
     */
    public void write(
            int userId, String courseKey, String blockKey, double completion, Instant sentAt, Instant acknowledgedAt) {
        if (acknowledgedAt.isBefore(sentAt)) {
            throw new IllegalArgumentException("Acknowledged at " + acknowledgedAt + ", before it was sent " + sentAt);
        }
        Window window = new Window(sentAt, acknowledgedAt);
        rows.compute(
                new Key(courseKey, blockKey, userId),
                (key, row) ->
                        row == null ? new Expected(completion, window, window, false) : row.after(completion, window));
    }

    /** How many rows the table must have. */
    public int size() {
        return rows.size();
    }

    /**
     * Compares every row and every column. Empty when all is well; else at most {@code max} findings, and one more line
     * that counts the rest when there is one.
     */
    public List<String> differences(Collection<ActualRow> actual, int max) {
        return compare(actual, max, true);
    }

    /**
     * Compares the set of keys, the block types and the final values, not the times: for several instances side by
     * side, where the newest value must win but it isn't said which of the writes each instance compared it with.
     */
    public List<String> differencesNewestValue(Collection<ActualRow> actual, int max) {
        return compare(actual, max, false);
    }

    private List<String> compare(Collection<ActualRow> actual, int max, boolean times) {
        Findings findings = new Findings(max);
        Set<Key> seen = new HashSet<>();
        for (ActualRow row : actual) {
            Key key = row.key();
            Expected expected = rows.get(key);
            if (!seen.add(key)) {
                findings.add("duplicate row: " + key);
            } else if (expected == null) {
                findings.add("extra row: " + key);
            } else {
                compareValue(key, expected, row, findings);
                if (times) {
                    compareTimes(key, expected, row, findings);
                }
            }
        }
        rows.keySet().stream()
                .filter(key -> !seen.contains(key))
                .sorted(Comparator.comparingInt(Key::userId)
                        .thenComparing(Key::courseKey)
                        .thenComparing(Key::blockKey))
                .forEach(key -> findings.add("missing row: " + key));
        return findings.list();
    }

    private static void compareValue(Key key, Expected expected, ActualRow row, Findings findings) {
        String blockType = blockType(key.blockKey());
        if (!blockType.equals(row.blockType())) {
            findings.add("block_type is " + row.blockType() + " instead of " + blockType + ": " + key);
        }
        if (Double.doubleToRawLongBits(expected.completion()) != Double.doubleToRawLongBits(row.completion())) {
            findings.add("completion is " + row.completion() + " instead of " + expected.completion() + ": " + key);
        }
    }

    private void compareTimes(Key key, Expected expected, ActualRow row, Findings findings) {
        compareTime("created", expected.created(), row.created(), key, findings);
        compareTime("modified", expected.modified(), row.modified(), key, findings);
        int order = row.modified().compareTo(row.created());
        if (order < 0) {
            findings.add("modified " + row.modified() + " is before created " + row.created() + ": " + key);
        } else if (order == 0 && expected.changedLater()) {
            findings.add("modified equals created " + row.created() + " though the value changed later: " + key);
        } else if (order > 0 && !expected.changedLater()) {
            findings.add("modified " + row.modified() + " differs from created " + row.created()
                    + " though the value never changed: " + key);
        }
    }

    private void compareTime(String column, Window window, Instant time, Key key, Findings findings) {
        if (!window.contains(time, tolerance)) {
            findings.add(column + " " + time + " is not within " + window.from() + " and " + window.to() + ": " + key);
        }
    }

    static String blockType(String blockKey) {
        return BLOCK_KEYS.stream()
                .map(pattern -> pattern.matcher(blockKey))
                .filter(Matcher::matches)
                .map(matcher -> matcher.group(1))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Not a block key: " + blockKey));
    }

    private static final class Findings {
        private final int max;
        private final List<String> kept = new ArrayList<>();
        private int count;

        Findings(int max) {
            this.max = max;
        }

        void add(String finding) {
            if (++count <= max) {
                kept.add(finding);
            }
        }

        List<String> list() {
            if (count > max) {
                kept.add("… and " + (count - max) + " more");
            }
            return List.copyOf(kept);
        }
    }
}
