package dev.writebehind.journal.kafka;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Places of the log that have been come by lately, in order: not all, and the older the sparser. Safe for any thread.
 */
final class Places {
    /** Above that, every second one is left out. */
    static final int MAX = 2_000;

    private final List<Place> places = new ArrayList<>();

    /** Takes note of a place, if it is behind all others. */
    synchronized void add(Place place) {
        if (!places.isEmpty() && place.offset() <= places.get(places.size() - 1).offset()) {
            return;
        }
        places.add(place);
        if (places.size() > MAX) {
            thinOut();
        }
    }

    private void thinOut() {
        List<Place> kept = new ArrayList<>();
        for (int i = 0; i < places.size(); i += 2) {
            kept.add(places.get(i));
        }
        places.clear();
        places.addAll(kept);
    }

    /**
     * Returns the last place before which there is nothing later than that, and forgets those before it; null: none is
     * known.
     */
    synchronized @Nullable Place lastUpTo(long stamp) {
        int count = 0;
        while (count < places.size() && places.get(count).stamp() <= stamp) {
            count++;
        }
        if (count == 0) {
            return null;
        }
        places.subList(0, count - 1).clear();
        return places.get(0);
    }

    /** Returns the offset of the first one that is remembered: from there on the log is needed. */
    synchronized long first() {
        return places.isEmpty() ? 0 : places.get(0).offset();
    }

    /** Forgets all, to begin again there. */
    synchronized void restartAt(Place place) {
        places.clear();
        places.add(place);
    }
}
