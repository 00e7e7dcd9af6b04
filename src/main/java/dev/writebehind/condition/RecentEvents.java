package dev.writebehind.condition;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/** What changed lately, for whoever comes to look only afterwards; the oldest is forgotten. Safe for any thread. */
public final class RecentEvents {
    private static final int MOST = 200;
    private static final int LONGEST = 500;

    private final Clock clock;
    /** The newest first; guarded by this. */
    private final Deque<Event> events = new ArrayDeque<>();

    RecentEvents(Clock clock) {
        this.clock = clock;
    }

    /** Takes note that something changed just now; of the same once more, only when that was. */
    public synchronized void add(Event.Kind kind, String text) {
        String kept = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
        Event newest = events.peekFirst();
        if (newest != null && newest.kind() == kind && newest.text().equals(kept)) {
            events.removeFirst();
        }
        events.addFirst(new Event(clock.instant(), kind, kept));
        if (events.size() > MOST) {
            events.removeLast();
        }
    }

    /** Returns the newest ones, at most that many, the newest first. */
    public synchronized List<Event> newest(int most) {
        List<Event> newest = new ArrayList<>();
        for (Iterator<Event> each = events.iterator(); each.hasNext() && newest.size() < most; ) {
            newest.add(each.next());
        }
        return newest;
    }
}
