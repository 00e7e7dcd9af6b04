package dev.writebehind.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writebehind.journal.UnusableJournalException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;

class PlacesTest {
    private final Places places = new Places();

    @Test
    void lastUpTo_isTheLastWithNothingLaterBefore() {
        assertThat(places.lastUpTo(Long.MAX_VALUE)).isNull();
        for (int i = 1; i <= 10; i++) {
            places.add(new Place(i, 100L * i));
        }
        assertThat(places.lastUpTo(99)).isNull();
        assertThat(places.lastUpTo(499)).isEqualTo(new Place(4, 400));
        assertThat(places.lastUpTo(500)).isEqualTo(new Place(5, 500));
        assertThat(places.lastUpTo(450)).as("forgotten").isNull();
        assertThat(places.lastUpTo(Long.MAX_VALUE)).isEqualTo(new Place(10, 1_000));
    }

    @Test
    void lastUpTo_ofSeveralWithoutAChangeBetween_isTheLast() {
        places.add(new Place(1, 100));
        places.add(new Place(2, 100));
        places.add(new Place(2, 100));
        assertThat(places.lastUpTo(100)).isEqualTo(new Place(2, 100));
    }

    @Test
    void add_ofAnyNumber_keepsAFew_closeToEachOtherWhereTheyAreNew() {
        int all = 1_000_000;
        for (int i = 1; i <= all; i++) {
            places.add(new Place(i, i));
        }
        long stamp = all;
        int kept = 0;
        for (Place place = places.lastUpTo(1); place != null && place.offset() < all; kept++) {
            long at = place.offset();
            Place next = null;
            for (long upTo = at + 1; next == null || next.offset() == at; upTo++) {
                next = places.lastUpTo(upTo);
            }
            stamp = next.offset() - at;
            place = next;
        }
        assertThat(kept).isBetween(Places.MAX / 2 - 1, Places.MAX);
        assertThat(stamp).as("between the last two").isEqualTo(1);
    }

    @Test
    void restartAt_forgetsAll() {
        places.add(new Place(5, 500));
        places.restartAt(new Place(3, 300));
        assertThat(places.lastUpTo(Long.MAX_VALUE)).isEqualTo(new Place(3, 300));
    }

    @Test
    void first_isWhereTheLogIsNeededFrom() {
        Places places = new Places();
        assertThat(places.first()).isZero();
        places.restartAt(new Place(7, 70));
        places.add(new Place(9, 90));
        assertThat(places.first()).isEqualTo(7);
        places.lastUpTo(90);
        assertThat(places.first()).isEqualTo(9);
    }

    @Test
    void place_isReadFromWhatTheGroupKeepsOfIt() {
        Place place = new Place(12, 1_790_000_000_123_456L);
        assertThat(place.committed().metadata()).isEqualTo("1 1790000000123456");
        assertThat(Place.of(place.committed())).isEqualTo(place);
    }

    @Test
    void place_thatSomethingElseKept_isRefused() {
        for (String metadata : new String[] {"", "2 5", "1 -5", "1 99999999999999999999", "1 5 6"}) {
            assertThatThrownBy(() -> Place.of(new OffsetAndMetadata(1, metadata)))
                    .isInstanceOf(UnusableJournalException.class)
                    .hasMessageContaining("journal.kafka.group");
        }
    }
}
