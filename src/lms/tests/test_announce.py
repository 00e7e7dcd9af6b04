"""What receivers hear of the outbox's entries, and what becomes of the entries."""

import functools
import logging
import sys
import threading
import time
import unittest
from unittest import mock

import django

from .outbox import NEEDS_DATABASE, OutboxTestCase, Workers, enter, rows, until, waiting

from django.db import OperationalError, connection, transaction  # noqa: E402
from django.db.models.signals import post_save  # noqa: E402

from completion import tracking  # noqa: E402
from completion.models import BlockCompletion  # noqa: E402
from writebehind_lms.announce import FRESH, Receivers, Stop, Worker  # noqa: E402
from writebehind_lms.outbox import Outbox, Unfit  # noqa: E402


@NEEDS_DATABASE
class AnnounceTest(OutboxTestCase):
    """One worker in this process."""

    def setUp(self):
        super().setUp()
        self.heard = []
        self.listen(self._hear)
        del tracking.emitted[:]
        logging.disable(logging.CRITICAL)
        self.addCleanup(logging.disable, logging.NOTSET)
        self.worker = Worker(BlockCompletion, batch=10)
        self.addCleanup(self.worker.close)

    def listen(self, receiver):
        post_save.connect(receiver, sender=BlockCompletion)
        self.addCleanup(post_save.disconnect, receiver, sender=BlockCompletion)

    def _hear(self, sender, instance, created, update_fields, raw, using, **_):
        self.heard.append((instance.block_key, created, update_fields, raw, using))

    def test_new_isAnnouncedAsCreated_changed_asUpdate(self):
        first, second = rows(self.users[0], 2)
        enter([first])
        enter([second], is_new=False)
        self.worker.drain()
        self.assertEqual(self.heard, [
            (first.block_key, True, None, False, "default"),
            (second.block_key, False, frozenset({"completion", "modified"}), False, "default")])
        self.assertEqual([event["block_id"] for _, event in tracking.emitted],
                         [str(first.block_key), str(second.block_key)])
        self.assertEqual(waiting(), 0)

    def test_receiver_isInAutocommit_andSeesTheRow(self):
        seen = []

        def receiver(instance, **_):
            seen.append((connection.in_atomic_block, connection.get_autocommit(),
                         BlockCompletion.objects.filter(pk=instance.pk).count()))
            transaction.on_commit(lambda: seen.append("at once"))
            seen.append("after")

        self.listen(receiver)
        enter(rows(self.users[0], 1))
        self.worker.drain()
        self.assertEqual(seen, [(False, True, 1), "at once", "after"])

    def test_receiverThatRaises_harmsNoOther_andIsCountedByName(self):
        def broken(**_):
            raise ValueError("a plugin's fault")

        def after(instance, **_):
            told.append(instance.pk)

        told = []
        self.listen(broken)
        self.listen(after)
        entries = rows(self.users[0], 25)
        enter(entries)
        self.worker.drain()
        self.assertEqual(told, [row.pk for row in entries])
        self.assertEqual(len(tracking.emitted), 25)
        (name, count), = self.worker.receivers.errors.items()
        self.assertTrue(name.endswith("broken"), name)
        self.assertEqual((count, waiting()), (25, 0))

    def test_receiverWithoutAName_stopsNobody_andNothingElseLogsItsFailures(self):
        def broken(**_):
            raise ValueError("a plugin's fault")

        receiver = functools.partial(broken)
        post_save.connect(receiver, sender=BlockCompletion, weak=False)
        self.addCleanup(post_save.disconnect, receiver, sender=BlockCompletion)
        self.listen(self._hear)
        enter(rows(self.users[0], 3))
        logging.disable(logging.NOTSET)
        with self.assertLogs(level="ERROR") as logged:
            self.worker.drain()
        self.assertEqual((len(self.heard), waiting()), (3, 0))
        self.assertEqual([record.name for record in logged.records], ["writebehind_lms.announce"])
        self.assertEqual(dict(self.worker.receivers.errors), {"functools.partial": 3})

    @unittest.skipIf(django.VERSION < (5,), "needs Django 5, which awaits receivers")
    def test_receiverThatIsAwaited_hears_andIsAskedAgain(self):
        async def awaited(instance, **_):
            told.append(instance.pk)
            if len(told) == 1:
                raise OperationalError(1213, "Deadlock found")

        told = []
        self.listen(awaited)
        row, = rows(self.users[0], 1)
        enter([row])
        self.worker.drain()
        self.assertEqual(told, [row.pk] * 2)
        self.assertFalse(self.worker.receivers.errors)

    def test_receiverThatMeetsADeadlock_isAskedAgain_andOnlyIt(self):
        def deadlocked(**_):
            calls.append(1)
            if len(calls) < 3:
                raise OperationalError(1213, "Deadlock found")

        calls = []
        self.listen(deadlocked)
        enter(rows(self.users[0], 1))
        self.worker.drain()
        self.assertEqual((len(calls), len(self.heard)), (3, 1))
        self.assertFalse(self.worker.receivers.errors)

    def test_receiverThatMeetsNothingButDeadlocks_isAskedThreeTimes(self):
        def deadlocked(**_):
            calls.append(1)
            raise OperationalError(1213, "Deadlock found")

        calls = []
        self.listen(deadlocked)
        enter(rows(self.users[0], 1))
        self.worker.drain()
        self.assertEqual((len(calls), waiting()), (3, 0))
        self.assertEqual(list(self.worker.receivers.errors.values()), [1])

    def test_receiverWhoseConnectionIsKilled_isAskedAgain(self):
        def reads(instance, **_):
            if not killed:
                killed.append(1)
                with connection.cursor() as cursor:
                    cursor.execute("KILL CONNECTION_ID()")
            read.append(BlockCompletion.objects.get(pk=instance.pk).pk)

        killed, read = [], []
        self.listen(reads)
        entries = rows(self.users[0], 3)
        enter(entries)
        self.worker.drain()
        self.assertEqual(read, [row.pk for row in entries])
        self.assertFalse(self.worker.receivers.errors)

    def test_receiverThatLeavesATransactionOpen_doesNotSpoilTheNext(self):
        def leaves(**_):
            states.append(connection.get_autocommit())
            leave()

        self.listen(leaves)
        for leave in (lambda: transaction.set_autocommit(False),
                      lambda: transaction.atomic().__enter__()):
            states = []
            enter(rows(self.users[0], 2))
            self.worker.drain()
            self.assertEqual((states, waiting()), ([True, True], 0))

    def test_rowThatChangesMeanwhile_isAnnouncedAsItIs(self):
        def slow(instance, **_):
            values.append(instance.completion)
            if len(values) == 1:
                BlockCompletion.objects.filter(pk=entries[1].pk).update(completion=0.25)
                time.sleep(FRESH * 1.5)

        values = []
        self.listen(slow)
        entries = rows(self.users[0], 2)
        enter(entries)
        self.worker.drain()
        self.assertEqual(values, [1.0, 0.25])

    def test_rowThatIsGone_isNoNews(self):
        entries = rows(self.users[0], 3)
        enter(entries)
        entries[1].delete()
        self.worker.drain()
        self.assertEqual([key for key, *_ in self.heard],
                         [entries[0].block_key, entries[2].block_key])
        self.assertEqual((self.worker.counts.gone, waiting()), (1, 0))

    def test_rowThatCannotBeRead_stopsNobody(self):
        entries = rows(self.users[0], 3)
        enter(entries)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE completion_blockcompletion SET block_key = 'no key'"
                           " WHERE id = %s",
                           [entries[1].pk])
        self.worker.drain()
        self.assertEqual(len(self.heard), 2)
        self.assertEqual(waiting(), 0)

    def test_userWhoIsGone_stopsNobody(self):
        entries = rows(self.users[0], 1) + rows(self.users[1], 1)
        enter(entries)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM auth_user WHERE id = %s", [self.users[0].pk])
        self.worker.drain()
        self.assertEqual(len(self.heard), 2)
        self.assertEqual(waiting(), 0)

    def test_learnerWithThousands_letsOthersThrough(self):
        many = rows(self.users[0], 60)
        enter(many)
        enter(rows(self.users[1], 2))
        self.worker.work()
        self.assertEqual([event["user_id"] for _, event in tracking.emitted],
                         [self.users[0].pk] * 2 + [self.users[1].pk] * 2)
        self.worker.drain()
        mine = [str(event["block_id"]) for _, event in tracking.emitted
                if event["user_id"] == self.users[0].pk]
        self.assertEqual(mine, [str(row.block_key) for row in many])

    def test_smallestBatch_hasAShareOfOne(self):
        self.worker = Worker(BlockCompletion, batch=1)
        self.addCleanup(self.worker.close)
        enter(rows(self.users[0], 2))
        self.worker.drain()
        self.assertEqual((len(self.heard), waiting()), (2, 0))

    def test_batchThatTakesLong_isGivenUpInTime_andTheRestFollowsAtOnce(self):
        def stops(**_):
            if len(self.heard) == 3:
                self.worker.stop()

        self.listen(stops)
        self.worker = Worker(BlockCompletion, batch=10, interval=60, seconds=0)
        self.addCleanup(self.worker.close)
        enter(rows(self.users[0], 1) + rows(self.users[1], 1) + rows(self.users[2], 1))
        began = time.monotonic()
        self.worker.run()
        self.assertLess(time.monotonic() - began, 30)
        self.assertEqual((len(self.heard), waiting()), (3, 0))

    def test_receiverThatChangesItsInstance_changesNoOther(self):
        def changes(instance, **_):
            values.append(instance.completion)
            instance.completion = 0.125

        values = []
        self.listen(changes)
        entries = rows(self.users[0], 1)
        enter(entries * 2, is_new=False)
        self.worker.drain()
        self.assertEqual(values, [1.0, 1.0])

    def test_receiverThatFailsOften_isLoggedOnceAMinute_withItsCount(self):
        def broken(**_):
            raise ValueError("a plugin's fault")

        self.listen(broken)
        at = [0.0]
        receivers = Receivers(BlockCompletion, "default", clock=lambda: at[0])
        row, = rows(self.users[0], 1)
        logging.disable(logging.NOTSET)
        with self.assertLogs("writebehind_lms.announce", "ERROR") as logged:
            for at[0] in (0.0, 30.0, 59.0, 61.0, 62.0, 122.0):
                receivers.tell(row, True)
        self.assertEqual([record.args[1] for record in logged.records], [1, 4, 6])

    def test_stop_endsAfterTheEntryAtHand_andKeepsTheRest(self):
        def stops(**_):
            if len(self.heard) == 3:
                self.worker.stop()

        self.listen(stops)
        enter(rows(self.users[0], 2) + rows(self.users[1], 2) + rows(self.users[2], 2))
        self.worker.run()
        self.assertEqual((len(self.heard), waiting()), (3, 3))

    def test_lostOutboxConnection_removesWhatWasAnnounced(self):
        def kills(**_):
            if len(self.heard) == 2:
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT trx_mysql_thread_id FROM information_schema.innodb_trx"
                        " WHERE trx_mysql_thread_id <> CONNECTION_ID() AND trx_rows_locked > 0"
                        " AND trx_mysql_thread_id IN (SELECT id FROM information_schema.processlist"
                        " WHERE db = DATABASE())")
                    (thread,), = cursor.fetchall()
                    cursor.execute("KILL %s", [thread])

        self.listen(kills)
        enter(rows(self.users[0], 2) + rows(self.users[1], 2))
        self.worker.drain()
        self.assertEqual((len(self.heard), waiting()), (4, 0))

    def test_held_doesNotKeepAFlushFromItsInserts(self):
        def inserts(**_):
            begin = time.monotonic()
            enter(more)
            took.append(time.monotonic() - begin)

        took = []
        more = rows(self.users[2], 1)
        enter(rows(self.users[0], 2) + rows(self.users[1], 2))
        post_save.connect(inserts, sender=BlockCompletion)
        try:
            self.worker.work()
        finally:
            post_save.disconnect(inserts, sender=BlockCompletion)
        self.assertEqual(len(took), 4)
        self.assertLess(max(took), 20)  # a lock is waited for much longer
        self.worker.drain()
        self.assertEqual((len(self.heard), waiting()), (8, 0))


class PausesTest(unittest.TestCase):
    """How long a worker waits that finds nothing, or no database."""

    def pauses(self, *found):
        """Returns what it waits after each batch, of so many entries or with that error."""
        def pause(seconds):
            paused.append(seconds)
            worker._stop.is_asked = len(paused) == len(found)

        paused, self.said = [], []
        worker = Worker(BlockCompletion, interval=1, say=self.said.append)
        with mock.patch.object(worker, "work", side_effect=found), \
                mock.patch.object(worker._stop, "pause", pause):
            worker.run()
        return paused

    def test_pause_growsToFourIntervals_andBeginsAnewWithWork(self):
        self.assertEqual(self.pauses(0, 0, 0, 0, 3, 0), [2, 4, 4, 4, 1, 2])

    def test_databaseAway_isTriedMoreAndMoreSeldom_andSaidOnce(self):
        away = OperationalError(2003, "away")
        self.assertEqual(self.pauses(*[away] * 7, 1), [0.5, 1, 2, 4, 8, 15, 15, 1])
        self.assertEqual(len(self.said), 2)


class StopTest(unittest.TestCase):
    """A stop that a signal's handler asks for, wherever it interrupts."""

    def test_stop_isTakenAtAnyPointOfAPause(self):
        for point in range(40):
            stop, passed = Stop(), []

            def interrupt(frame, event, argument):
                if event in ("line", "call"):
                    passed.append(frame.f_lineno)
                    if len(passed) == point:
                        sys.settrace(None)
                        stop.ask()
                return interrupt

            def pause():
                sys.settrace(interrupt)
                try:
                    stop.pause(0.01)
                finally:
                    sys.settrace(None)

            pausing = threading.Thread(target=pause, daemon=True)
            pausing.start()
            pausing.join(10)
            self.assertFalse(pausing.is_alive(), "it waits for a lock that it holds itself")

    def test_stop_endsThePauseUnderWay_andEveryOther(self):
        stop = Stop()
        threading.Timer(0.05, stop.ask).start()
        began = time.monotonic()
        for _ in range(3):
            stop.pause(60)
        self.assertLess(time.monotonic() - began, 30)


@NEEDS_DATABASE
class CommandTest(OutboxTestCase):
    """The command's process."""

    def test_once_announcesWhatIsThere_andCounts(self):
        enter(rows(self.users[0], 3))
        code, said = Workers(self).once()
        self.assertEqual(code, 0, said)
        self.assertIn("3 announced in 1 batches", said)

    def test_withoutTable_saysWhatToSwitchOn(self):
        with connection.cursor() as cursor:
            cursor.execute("RENAME TABLE completion_writebehind_outbox TO put_away")
        try:
            code, said = Workers(self).once()
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RENAME TABLE put_away TO completion_writebehind_outbox")
        self.assertEqual(code, 1, said)
        self.assertIn("openedx.announce: true", said)

    def test_otherDatabase_saysWhichItNeeds(self):
        code, said = Workers(self, database="").once()
        self.assertEqual(code, 1, said)
        self.assertIn("MySQL or MariaDB", said)

    def test_oldServer_saysWhichItNeeds(self):
        outbox = Outbox("default")
        self.addCleanup(outbox.close)
        with self.assertRaisesRegex(Unfit, "MySQL 8.0 or MariaDB 10.6"):
            outbox._rows("SELECT 1 FOR UPDATE SKIP THIS")

    def test_sigterm_endsInOrder(self):
        workers = Workers(self, seconds=0.05)
        enter(rows(self.users[0], 40) + rows(self.users[1], 40))
        process = workers.start()
        until(lambda: len(workers.heard()) >= 5)
        process.terminate()
        said, _ = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, said)
        self.assertEqual(len(workers.heard()) + waiting(), 80)
