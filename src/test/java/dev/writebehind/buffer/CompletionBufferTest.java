package dev.writebehind.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.writebehind.completion.CoalescedWrite;
import dev.writebehind.completion.CompletionKey;
import dev.writebehind.completion.CompletionWrite;
import dev.writebehind.completion.KeyPool;
import dev.writebehind.completion.LearnerCourse;
import dev.writebehind.completion.ReceiptClock;
import dev.writebehind.completion.StoredCompletion;
import dev.writebehind.config.BufferSettings;
import dev.writebehind.config.ByteSize;
import dev.writebehind.testing.RecordingLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CompletionBufferTest {
    private static final Duration RETAIN = Duration.ofSeconds(10);
    private static final String COURSE = "course-v1:O+C+R";

    private final KeyPool pool = new KeyPool();
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L); // tickers may wrap around
    private final AtomicLong micros = new AtomicLong(1_000);
    private final ReceiptClock clock = new ReceiptClock(micros::get);
    private CompletionBuffer buffer = buffer(1_000, ByteSize.ofMebibytes(64), RETAIN);

    private CompletionBuffer buffer(int maxPending, ByteSize maxBytes, Duration retain) {
        return new CompletionBuffer(
                () -> new BufferSettings(maxPending, maxBytes, retain), clock, RecordingLog.ofNothing(), nanos::get);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        micros.addAndGet(time.toNanos() / 1_000);
    }

    @Test
    void reset_thatThrows_leavesNothingReservedOrCounted() {
        CompletionBuffer timeless = new CompletionBuffer(
                () -> new BufferSettings(1_000, ByteSize.ofMebibytes(64), RETAIN),
                new ReceiptClock(() -> {
                    throw new IllegalStateException("no time");
                }),
                RecordingLog.ofNothing(),
                nanos::get);
        LearnerCourse course = new LearnerCourse(1, pool.course("course-v1:\u00d6+C+R"));

        assertThatThrownBy(() -> timeless.reset(course, null)).hasMessage("no time");
        assertThat(timeless.pendingKeys()).isZero();
        assertThat(timeless.pendingBytes()).isZero();
        assertThat(timeless.isAllAscii()).isTrue();
    }

    @Nested
    class Coalescing {
        @Test
        void drain_ofSeveralWritesOfOneKey_isOneRunInTheOrderOfReceipt() {
            offer(write(1, "b", 0.5));
            micros.set(2_000);
            offer(write(1, "b", 1.0));
            micros.set(3_000);
            offer(write(1, "b", 1.0));

            assertThat(buffer.drain().writes())
                    .containsExactly(new CoalescedWrite(key(1, "b"), 1.0, 1_000, 2_000, 3_000, true));
        }

        @Test
        void drain_ofWritesOfSeveralKeys_isEachOnce() {
            offer(write(1, "b", 0.5), write(2, "b", 0.5), write(1, "c", 0.5), write(1, "b", 1.0));

            assertThat(buffer.drain().writes())
                    .extracting(CoalescedWrite::key, CoalescedWrite::value)
                    .containsExactlyInAnyOrder(
                            tuple(key(1, "b"), 1.0), tuple(key(2, "b"), 0.5), tuple(key(1, "c"), 0.5));
        }

        @Test
        void offer_ofDuplicatesInOneRequest_letsTheLastWinAndStampsEach() {
            offer(write(1, "b", 0.0), write(1, "b", 1.0), write(1, "b", 0.5));

            assertThat(buffer.pendingKeys()).isEqualTo(1);
            assertThat(buffer.drain().writes())
                    .containsExactly(new CoalescedWrite(key(1, "b"), 0.5, 1_000, 1_002, 1_002, true));
        }

        @Test
        void offer_ofKeysThatDifferInCase_isOneKeySpelledAsTheFirst() {
            offer(write(1, "Block", 0.5));
            offer(new CompletionWrite(
                    new CompletionKey(1, pool.course(COURSE.toUpperCase(Locale.ROOT)), pool.block("bLOCK")), 1.0));

            List<CoalescedWrite> drained = buffer.drain().writes();

            assertThat(drained).hasSize(1);
            assertThat(drained.get(0).key().block().value()).isEqualTo("Block");
            assertThat(drained.get(0).value()).isEqualTo(1.0);
        }

        @Test
        void offer_ofNothing_changesNothing() {
            assertThat(buffer.offer(List.of(), null)).isTrue();

            assertThat(buffer.drain().writes()).isEmpty();
            assertThat(buffer.pendingKeys()).isZero();
        }

        @Test
        void drain_twice_givesNothingTheSecondTime() {
            offer(write(1, "b", 0.5));

            assertThat(buffer.drain().writes()).hasSize(1);
            assertThat(buffer.drain().writes()).isEmpty();
        }
    }

    @Nested
    class Settling {
        @Test
        void settle_leavesNewerWritePending() {
            offer(write(1, "b", 0.5));
            List<CoalescedWrite> older = buffer.drain().writes();
            micros.set(2_000);
            offer(write(1, "b", 1.0));

            buffer.settle(older);

            assertThat(buffer.pendingKeys()).isEqualTo(1);
            assertThat(buffer.view(1, pool.course(COURSE)).pending())
                    .containsExactly(CoalescedWrite.of(write(1, "b", 1.0), 2_000));
            assertThat(buffer.drain().writes()).containsExactly(CoalescedWrite.of(write(1, "b", 1.0), 2_000));
        }

        @Test
        void drain_whileAnOlderRunIsInFlight_leavesTheNewerWaiting() {
            offer(write(1, "b", 0.5));
            List<CoalescedWrite> older = buffer.drain().writes();
            offer(write(1, "b", 1.0), write(1, "c", 1.0));

            assertThat(buffer.drain().writes()).extracting(CoalescedWrite::key).containsExactly(key(1, "c"));
            buffer.settle(older);
            assertThat(buffer.drain().writes()).extracting(CoalescedWrite::key).containsExactly(key(1, "b"));
        }

        @Test
        void settle_ofARunThatIsNotInFlight_isRefused() {
            offer(write(1, "b", 0.5));
            List<CoalescedWrite> drained = buffer.drain().writes();
            CoalescedWrite run = drained.get(0);
            List<CoalescedWrite> equal = List.of(new CoalescedWrite(
                    run.key(), run.value(), run.createdAt(), run.changedAt(), run.receivedAt(), run.changed()));

            assertThatIllegalStateException().isThrownBy(() -> buffer.settle(equal));
            buffer.settle(drained);
            assertThat(buffer.pendingKeys()).isZero();
            assertThatIllegalStateException().isThrownBy(() -> buffer.settle(drained));
            assertThat(buffer.pendingKeys()).isZero();
        }

        @Test
        void release_withoutANewerWrite_isDrainedAgainAsItWas() {
            offer(write(1, "b", 0.5));
            List<CoalescedWrite> drained = buffer.drain().writes();

            buffer.release(drained);

            assertThat(buffer.pendingKeys()).isEqualTo(1);
            assertThat(buffer.drain().writes()).isEqualTo(drained);
        }

        @Test
        void release_withANewerWrite_putsTheOlderBeforeIt() {
            offer(write(1, "b", 0.5));
            List<CoalescedWrite> older = buffer.drain().writes();
            micros.set(2_000);
            offer(write(1, "b", 1.0));

            buffer.release(older);

            assertThat(buffer.pendingKeys()).isEqualTo(1);
            assertThat(buffer.drain().writes())
                    .containsExactly(new CoalescedWrite(key(1, "b"), 1.0, 1_000, 2_000, 2_000, true));
        }

        @Test
        void release_ofWritesThatAreNotInFlight_doesNothing() {
            offer(write(1, "b", 0.5), write(1, "c", 0.5));
            List<CoalescedWrite> drained = buffer.drain().writes();
            buffer.settle(drained.subList(0, 1));

            buffer.release(drained);
            buffer.release(drained);

            assertThat(buffer.pendingKeys()).isEqualTo(1);
            assertThat(buffer.drain().writes()).containsExactly(drained.get(1));
        }
    }

    @Nested
    class Bounding {
        @Test
        void offer_overTheBoundOfKeys_takesNone() {
            buffer = buffer(3, ByteSize.ofMebibytes(64), RETAIN);
            offer(write(1, "a", 0.5), write(1, "b", 0.5));

            assertThat(buffer.offer(List.of(write(1, "c", 0.5), write(1, "a", 1.0), write(1, "d", 0.5)), null))
                    .isFalse();

            assertThat(buffer.pendingKeys()).isEqualTo(2);
            assertThat(buffer.drain().writes())
                    .extracting(CoalescedWrite::value)
                    .containsExactly(0.5, 0.5);
        }

        @Test
        void offer_upToTheBoundOfKeys_isTaken() {
            buffer = buffer(3, ByteSize.ofMebibytes(64), RETAIN);

            assertThat(buffer.offer(
                            List.of(
                                    write(1, "a", 0.5),
                                    write(1, "a", 1.0),
                                    write(2, "a", 1.0),
                                    write(1, "b", 0.5),
                                    write(1, "a", 0.5)),
                            null))
                    .isTrue();
            assertThat(buffer.pendingKeys()).isEqualTo(3);
        }

        @Test
        void offer_ofPendingKeysAtTheBound_isTaken() {
            buffer = buffer(2, ByteSize.ofMebibytes(64), RETAIN);
            offer(write(1, "a", 0.5), write(1, "b", 0.5));

            assertThat(buffer.offer(List.of(write(1, "a", 1.0), write(1, "b", 1.0), write(1, "a", 0.0)), null))
                    .isTrue();
            List<CoalescedWrite> inFlight = buffer.drain().writes();
            assertThat(buffer.offer(List.of(write(1, "b", 0.0), write(1, "a", 0.25)), null))
                    .isTrue();
            assertThat(buffer.offer(List.of(write(1, "c", 0.0)), null)).isFalse();
            assertThat(buffer.pendingKeys()).isEqualTo(2);
            buffer.settle(inFlight);
            assertThat(buffer.drain().writes())
                    .extracting(CoalescedWrite::value)
                    .containsExactlyInAnyOrder(0.0, 0.25);
        }

        @Test
        void offer_whileTheBoundIsInFlight_isRefusedUntilSettled() {
            buffer = buffer(2, ByteSize.ofMebibytes(64), RETAIN);
            offer(write(1, "a", 0.5), write(1, "b", 0.5));
            List<CoalescedWrite> inFlight = buffer.drain().writes();

            assertThat(buffer.offer(List.of(write(1, "c", 0.5)), null)).isFalse();
            buffer.settle(inFlight.subList(0, 1));
            assertThat(buffer.offer(List.of(write(1, "c", 0.5)), null)).isTrue();
            assertThat(buffer.offer(List.of(write(1, "d", 0.5)), null)).isFalse();
        }

        @Test
        void offer_overTheBoundOfBytes_takesNone() {
            long each = Charges.bytes(key(1, "a"), false, false, true);
            long entry = Charges.bytes(key(1, "a"), true, true, true) - each;
            buffer = buffer(1_000, new ByteSize(entry + 4 * each), RETAIN);
            offer(write(1, "a", 0.5), write(1, "b", 0.5));

            assertThat(buffer.offer(List.of(write(1, "c", 0.5), write(1, "d", 0.5), write(1, "e", 0.5)), null))
                    .isFalse();
            assertThat(buffer.pendingBytes()).isEqualTo(entry + 2 * each);
            assertThat(buffer.pendingKeys()).isEqualTo(2);
            assertThat(buffer.offer(List.of(write(1, "c", 0.5), write(1, "d", 0.5)), null))
                    .isTrue();
            assertThat(buffer.offer(List.of(write(1, "a", 1.0), write(1, "c", 1.0)), null))
                    .isTrue();
            assertThat(buffer.pendingBytes()).isEqualTo(entry + 4 * each);

            buffer.settle(buffer.drain().writes());
            assertThat(buffer.pendingBytes()).isZero();
            assertThat(buffer.pendingKeys()).isZero();
        }

        @Test
        void pendingBytes_ofKeysSpelledOtherwise_areFreedAsTheyWereCharged() {
            offer(write(1, "İ", 0.5));
            buffer.settle(buffer.drain().writes());
            offer(write(1, "i̇", 0.5));
            buffer.settle(buffer.drain().writes());

            assertThat(buffer.pendingBytes()).isZero();
            assertThat(buffer.pendingKeys()).isZero();
        }
    }

    @Nested
    class Retaining {
        @Test
        void pending_neverExpires() {
            offer(write(1, "a", 0.5), write(1, "b", 0.5));
            List<CoalescedWrite> first = buffer.drain().writes();
            offer(write(1, "a", 1.0), write(2, "a", 1.0));

            for (int day = 0; day < 30; day++) {
                pass(Duration.ofDays(1));
                buffer.cleanUp();
            }

            assertThat(buffer.view(1, pool.course(COURSE)).pending()).hasSize(3);
            assertThat(buffer.pendingKeys()).isEqualTo(3);
            buffer.settle(first);
            assertThat(buffer.drain().writes()).hasSize(2);
        }

        @Test
        void pending_besideARunThatIsKeptForReads_neverExpires() {
            offer(write(1, "a", 0.5));
            buffer.settle(buffer.drain().writes());
            offer(write(1, "b", 0.5));

            pass(Duration.ofDays(1));
            buffer.cleanUp();

            assertThat(buffer.drain().writes()).extracting(CoalescedWrite::key).containsExactly(key(1, "b"));
        }

        @Test
        void flushed_ofAnEntryThatWasChangedWhilePinned_expires() {
            offer(write(1, "a", 0.5));
            offer(write(1, "a", 1.0));
            buffer.settle(buffer.drain().writes());

            pass(Duration.ofDays(1));
            buffer.cleanUp();

            assertThat(buffer.entryCount()).isZero();
        }

        @Test
        void pending_amongFarMoreFlushedThanAreKept_isNeverEvicted() {
            buffer = buffer(1_000_000, ByteSize.ofMebibytes(4096), RETAIN);
            offer(write(1, "inFlight", 0.5));
            List<CoalescedWrite> inFlight = buffer.drain().writes();
            offer(write(2, "pending", 0.5));

            flushOthers(300_000);
            buffer.cleanUp();

            assertThat(buffer.entryCount()).isBetween(200_000L, 200_002L);
            assertThat(buffer.pendingKeys()).isEqualTo(2);
            assertThat(buffer.view(1, pool.course(COURSE)).pending()).isEqualTo(inFlight);
            assertThat(buffer.view(2, pool.course(COURSE)).pending()).hasSize(1);
            buffer.settle(inFlight);
            buffer.settle(buffer.drain().writes());
            assertThat(buffer.pendingKeys()).isZero();
            assertThat(buffer.pendingBytes()).isZero();
        }

        /** After an outage: what waited is settled in seconds, although it is more than is kept readable. */
        @Test
        @Timeout(300)
        void settle_ofALargeBacklog_takesSeconds() {
            buffer = buffer(1_000_000, ByteSize.ofMebibytes(4096), RETAIN);
            for (int userId = 1; userId <= 500_000; userId++) {
                offer(write(userId, "b", 1.0));
            }

            buffer.settle(buffer.drain().writes());

            assertThat(buffer.pendingKeys()).isZero();
        }

        @Test
        void flushed_isReadableForRetain_thenGone() {
            offer(write(1, "a", 0.5));
            List<CoalescedWrite> run = buffer.drain().writes();
            buffer.settle(run);

            pass(RETAIN.minusMillis(1));
            buffer.cleanUp();
            assertThat(buffer.view(1, pool.course(COURSE)).flushed()).isEqualTo(run);
            assertThat(buffer.view(1, pool.course(COURSE)).pending()).isEmpty();

            pass(Duration.ofMillis(1));
            assertThat(buffer.view(1, pool.course(COURSE)).flushed()).isEmpty();
            pass(RETAIN);
            buffer.cleanUp();
            assertThat(buffer.entryCount()).isZero();
        }

        @Test
        void flushed_inAnEntryThatStaysPinned_isForgottenAfterRetain() {
            offer(write(1, "a", 0.5));
            buffer.settle(buffer.drain().writes());
            for (int i = 0; i < 5; i++) {
                pass(RETAIN.dividedBy(2));
                offer(write(1, "b", i % 2));
                List<CoalescedWrite> inFlight = buffer.drain().writes();
                offer(write(1, "b", 0.5));
                buffer.settle(inFlight);
            }

            assertThat(buffer.view(1, pool.course(COURSE)).flushed())
                    .extracting(CoalescedWrite::key)
                    .containsExactly(key(1, "b"));
        }

        @Test
        void flushed_withRetainZero_isGoneAtOnce() {
            buffer = buffer(1_000, ByteSize.ofMebibytes(64), Duration.ZERO);
            offer(write(1, "a", 0.5));
            List<CoalescedWrite> run = buffer.drain().writes();
            View before = buffer.view(1, pool.course(COURSE));

            buffer.settle(run);

            assertThat(before.pending()).isEqualTo(run);
            assertThat(buffer.entryCount()).isZero();
            assertThat(buffer.view(1, pool.course(COURSE)).flushed()).isEmpty();
            buffer.remember(before, List.of(row("a", 0.5, 1)));
            assertThat(buffer.view(1, pool.course(COURSE)).rows()).isEmpty();
        }
    }

    @Nested
    class Reading {
        @Test
        void view_showsFlushedAndPendingOldestFirst() {
            offer(write(1, "a", 0.25));
            List<CoalescedWrite> first = buffer.drain().writes();
            buffer.settle(first);
            micros.set(2_000);
            offer(write(1, "a", 0.5));
            List<CoalescedWrite> second = buffer.drain().writes();
            micros.set(3_000);
            offer(write(1, "a", 1.0), write(2, "a", 1.0));
            offer(new CompletionWrite(new CompletionKey(1, pool.course("other"), pool.block("a")), 1.0));

            View view = buffer.view(1, pool.course(COURSE));

            assertThat(view.flushed()).isEqualTo(first);
            assertThat(view.pending()).containsExactly(second.get(0), CoalescedWrite.of(write(1, "a", 1.0), 3_000));
        }

        @Test
        void view_ofNothing_isEmpty() {
            View view = buffer.view(1, pool.course(COURSE));

            assertThat(view.flushed()).isEmpty();
            assertThat(view.pending()).isEmpty();
            assertThat(view.rows()).isEmpty();
        }

        @Test
        void view_whileTheSnapshotIsFresh_answersItsRows() {
            buffer.remember(buffer.view(1, pool.course(COURSE)), List.of(row("a", 0.5, 1)));

            pass(RETAIN.minusMillis(1));
            assertThat(buffer.view(1, pool.course(COURSE)).rows()).contains(List.of(row("a", 0.5, 1)));
            assertThat(buffer.view(2, pool.course(COURSE)).rows()).isEmpty();
            pass(Duration.ofMillis(1));
            assertThat(buffer.view(1, pool.course(COURSE)).rows()).isEmpty();
        }

        @Test
        void view_ofNoRows_remembersThatThereAreNone() {
            buffer.remember(buffer.view(1, pool.course(COURSE)), List.of());

            assertThat(buffer.view(1, pool.course(COURSE)).rows()).contains(List.of());
        }

        @Test
        void view_ofASnapshotThatTookLongToRead_expiresByTheTimeTheReadBegan() {
            View view = buffer.view(1, pool.course(COURSE));
            pass(RETAIN.minusMillis(1));
            buffer.remember(view, List.of(row("a", 0.5, 1)));

            assertThat(buffer.view(1, pool.course(COURSE)).rows()).isPresent();
            pass(Duration.ofMillis(1));
            assertThat(buffer.view(1, pool.course(COURSE)).rows()).isEmpty();
        }

        @Test
        void view_whileTheEntryStaysPinned_stillExpiresTheSnapshot() {
            offer(write(1, "a", 0.5));
            List<CoalescedWrite> inFlight = buffer.drain().writes();
            buffer.remember(buffer.view(1, pool.course(COURSE)), List.of(row("b", 0.5, 1)));
            for (int i = 0; i < 4; i++) {
                pass(RETAIN.dividedBy(4).plusNanos(1));
                offer(write(1, "a", i % 2));
            }

            View view = buffer.view(1, pool.course(COURSE));

            assertThat(view.rows()).isEmpty();
            assertThat(view.pending()).hasSize(2).contains(inFlight.get(0));
        }

        @Test
        void remember_ofAnOlderReadAfterANewer_keepsTheNewer() {
            View older = buffer.view(1, pool.course(COURSE));
            pass(Duration.ofSeconds(1));
            buffer.remember(buffer.view(1, pool.course(COURSE)), List.of(row("a", 1.0, 2)));
            buffer.remember(older, List.of(row("a", 0.5, 1)));

            assertThat(buffer.view(1, pool.course(COURSE)).rows()).contains(List.of(row("a", 1.0, 2)));
        }

        @Test
        void remember_afterTheFlushedEntryWasEvictedMeanwhile_storesNothing() {
            offer(write(1, "a", 0.5));
            List<CoalescedWrite> run = buffer.drain().writes();
            View view = buffer.view(1, pool.course(COURSE));
            buffer.settle(run);
            pass(RETAIN);
            buffer.cleanUp();
            pass(RETAIN);
            buffer.cleanUp();
            assertThat(buffer.entryCount()).isZero();

            buffer.remember(view, List.of());

            assertThat(buffer.view(1, pool.course(COURSE)).rows()).isEmpty();
        }

        /** Not by its age: as many others are kept as may be, and the run is flushed while the read is under way. */
        @Test
        void remember_afterTheFlushedRunWasNotKept_storesNothing() {
            buffer = buffer(1_000_000, ByteSize.ofMebibytes(4096), RETAIN);
            offer(write(1, "a", 0.5));
            List<CoalescedWrite> run = buffer.drain().writes();
            View view = buffer.view(1, pool.course(COURSE));
            View other = buffer.view(7, pool.course("other"));
            flushOthers(300_000);
            buffer.settle(run);
            assertThat(buffer.view(1, pool.course(COURSE)).flushed()).isEmpty();

            buffer.remember(view, List.of());

            assertThat(buffer.view(1, pool.course(COURSE)).rows()).isEmpty();
            assertThat(other.rows()).isEmpty();
        }

        @Test
        void settle_afterTheRead_isLaidOverItsRows() {
            View before = buffer.view(1, pool.course(COURSE));
            offer(write(1, "a", 0.5));
            List<CoalescedWrite> run = buffer.drain().writes();
            buffer.settle(run);
            buffer.remember(before, List.of());

            View after = buffer.view(1, pool.course(COURSE));

            assertThat(after.rows()).contains(List.of());
            assertThat(after.flushed()).isEqualTo(run);
            assertThat(after.flushed().get(0).applyTo(null)).isEqualTo(row("a", 0.5, 1_000));
        }

        /** Both runs came after the rows were read, so the reader must get both. */
        @Test
        void settle_twiceAfterTheRead_isLaidOverItsRowsWithBothRuns() {
            StoredCompletion read = row("a", 0.5, 10);
            buffer.remember(buffer.view(1, pool.course(COURSE)), List.of(read));
            StoredCompletion table = read;
            for (double value : new double[] {0.25, 0.5}) {
                micros.addAndGet(1_000);
                offer(write(1, "a", value));
                List<CoalescedWrite> run = buffer.drain().writes();
                table = run.get(0).applyTo(table);
                buffer.settle(run);
            }

            View view = buffer.view(1, pool.course(COURSE));

            assertThat(view.rows()).contains(List.of(read));
            StoredCompletion seen = read;
            for (CoalescedWrite run : view.flushed()) {
                seen = run.applyTo(seen);
            }
            assertThat(seen).isEqualTo(table);
        }
    }

    @Nested
    class Signalling {
        private final AtomicInteger signals = new AtomicInteger();

        @Test
        void onThreshold_isSignalledOncePerDrain() {
            buffer.onThreshold(3, signals::incrementAndGet);

            offer(write(1, "a", 0.5), write(1, "b", 0.5));
            offer(write(1, "a", 1.0));
            assertThat(signals).hasValue(0);
            offer(write(1, "c", 0.5));
            assertThat(signals).hasValue(1);
            offer(write(1, "d", 0.5), write(1, "e", 0.5), write(1, "f", 0.5));
            assertThat(signals).hasValue(1);

            List<CoalescedWrite> drained = buffer.drain().writes();
            offer(write(1, "a", 0.5), write(1, "b", 0.5));
            assertThat(signals).hasValue(1);
            offer(write(1, "x", 0.5));
            assertThat(signals).hasValue(2);
            buffer.settle(drained);
            offer(write(1, "y", 0.5));
            assertThat(signals).hasValue(2);
        }

        @Test
        void onThreshold_countsWhatWasReleased() {
            buffer.onThreshold(3, signals::incrementAndGet);
            offer(write(1, "a", 0.5), write(1, "b", 0.5));
            buffer.release(buffer.drain().writes());
            assertThat(signals).hasValue(0);

            offer(write(1, "c", 0.5));

            assertThat(signals).hasValue(1);
        }

        @Test
        void onThreshold_doesNotCountWhatIsInFlight() {
            buffer.onThreshold(2, signals::incrementAndGet);
            offer(write(1, "a", 0.5));
            buffer.drain();

            offer(write(1, "b", 0.5));

            assertThat(signals).hasValue(0);
        }
    }

    private void offer(CompletionWrite... writes) {
        offer(List.of(writes));
    }

    private void offer(List<CompletionWrite> writes) {
        assertThat(buffer.offer(writes, null)).isTrue();
    }

    /** Flushes keys of other learners, each once, some hundred at a time; what waits already stays so. */
    private void flushOthers(int count) {
        for (int from = 0; from < count; from += 300) {
            List<CompletionWrite> writes = new ArrayList<>();
            for (int i = from; i < from + 300; i++) {
                writes.add(write(1_000 + i, "b", 1.0));
            }
            offer(writes);
            Map<Boolean, List<CoalescedWrite>> others = buffer.drain().writes().stream()
                    .collect(Collectors.partitioningBy(run -> run.key().userId() >= 1_000));
            buffer.settle(others.get(true));
            buffer.release(others.get(false));
        }
    }

    private CompletionKey key(int userId, String block) {
        return new CompletionKey(userId, pool.course(COURSE), pool.block(block));
    }

    private CompletionWrite write(int userId, String block, double completion) {
        return new CompletionWrite(key(userId, block), completion);
    }

    private static StoredCompletion row(String block, double completion, long at) {
        return new StoredCompletion(block, "unknown", completion, at, at);
    }
}
