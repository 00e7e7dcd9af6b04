"""Several workers at once, workers that are killed, and a database that goes away."""

import os
import random
import signal
import threading
import time
from collections import Counter
from urllib.parse import urlsplit, urlunsplit

from .outbox import (NEEDS_DATABASE, OutboxTestCase, Workers, enter, interleaved, rows, until,
                     waiting)
from .proxy import Proxy

from django.db import connection  # noqa: E402

from completion.models import BlockCompletion  # noqa: E402
from writebehind_lms.outbox import Outbox  # noqa: E402


@NEEDS_DATABASE
class SeveralWorkersTest(OutboxTestCase):
    """Workers as processes; each learner's news in the order of the entries, none missing."""

    learners = 8

    def test_two_keepEachLearnersOrder(self):
        self._several(2, batch=7)

    def test_four_keepEachLearnersOrder(self):
        self._several(4, batch=5)

    def _several(self, count, batch):
        entries = []
        workers = Workers(self, seconds=0.001)
        processes = [workers.start("--batch", str(batch)) for _ in range(count)]
        for _ in range(20):
            more = interleaved(self.users, 60)
            entries += more
            for start in range(0, len(more), 20):
                enter(more[start:start + 20])
                time.sleep(0.01)
            until(lambda: not waiting())
            if len({line["pid"] for line in workers.heard()}) > 1:  # the others may start late
                break
        for process in processes:
            process.terminate()
        said = [process.communicate(timeout=120)[0] for process in processes]
        heard = workers.heard()
        self.assert_in_order(heard, entries)
        self.assertEqual(len(heard), len(entries), "more than once, though nobody was killed")
        self.assertGreater(len({line["pid"] for line in heard}), 1, said)

    def test_killedTwentyTimes_missesNothing(self):
        entries = interleaved(self.users, 150)
        workers = Workers(self, seconds=0.002)
        entering = threading.Thread(target=self._enter_slowly, args=(entries,))
        entering.start()
        chance = random.Random(14)
        running = [workers.start("--batch", "20") for _ in range(2)]
        for _ in range(20):
            heard = len(workers.heard())
            until(lambda: len(workers.heard()) > heard or not waiting())
            time.sleep(chance.random() * 0.2)
            victim = running.pop(0)
            victim.send_signal(signal.SIGKILL)
            running.append(workers.start("--batch", "20"))
        entering.join()
        until(lambda: not waiting())
        heard = workers.heard()
        self.assert_in_order(heard, entries)
        again = len(heard) - len(entries)
        print("killed 20 times: %d announced, %d of them again" % (len(heard), again))
        self.assertLessEqual(again, 20 * 20)

    def _enter_slowly(self, entries):
        try:
            for start in range(0, len(entries), 10):
                enter(entries[start:start + 10])
                time.sleep(0.04)
        finally:
            connection.close()

    def test_connectionsKilled_bothComeBack(self):
        entries = interleaved(self.users, 20)
        workers = Workers(self, seconds=0.002)
        process = workers.start("--batch", "10")
        for start in range(0, len(entries), 10):
            enter(entries[start:start + 10])
            self._kill_connections()
            time.sleep(0.05)
        until(lambda: not waiting())
        process.terminate()
        said, _ = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, said)
        self.assert_in_order(workers.heard(), entries)
        self.assertIn("errors of receivers: none", said)

    def test_databaseAway_isWaitedFor(self):
        database = urlsplit(os.environ["WRITEBEHIND_LMS_DATABASE"])
        proxy = Proxy(database.hostname, database.port or 3306)
        self.addCleanup(proxy.close)
        behind = database._replace(netloc="%s@127.0.0.1:%d" % (
            database.netloc.rpartition("@")[0], proxy.port))
        entries = interleaved(self.users, 20)
        workers = Workers(self, seconds=0.01, database=urlunsplit(behind))
        process = workers.start("--batch", "10")
        enter(entries)
        for heard in (15, 70):
            until(lambda: len(workers.heard()) > heard)
            proxy.cut()
            time.sleep(0.7)
            proxy.join()
        until(lambda: not waiting())
        process.terminate()
        said, _ = process.communicate(timeout=120)
        self.assert_in_order(workers.heard(), entries)
        self.assertEqual(said.count("The database refused"), 2, said)
        self.assertEqual(said.count("The database works again"), 2, said)
        self.assertIn("errors of receivers: none", said)

    def _kill_connections(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM information_schema.processlist"
                           " WHERE db = DATABASE() AND id <> CONNECTION_ID()")
            for (thread,) in cursor.fetchall():
                try:
                    cursor.execute("KILL %s", [thread])
                except Exception:  # it has ended by itself
                    connection.close_if_unusable_or_obsolete()


@NEEDS_DATABASE
class OutboxOrderTest(OutboxTestCase):
    """What one worker may take while another holds entries."""

    def setUp(self):
        super().setUp()
        self.one, self.other = Outbox("default"), Outbox("default")
        self.addCleanup(self.one.close)
        self.addCleanup(self.other.close)

    def _entries(self, *users):
        entries = [rows(self.users[user], 1)[0] for user in users]
        enter(entries)
        return [row.pk for row in entries]

    def _take(self, outbox, limit=10, share=10):
        return [entry.completion_id for entry in outbox.take(limit, share)]

    def test_learnerOfAnother_isLeft_andOthersComeForward(self):
        entries = self._entries(0, 1, 0, 0, 0, 2)
        self.assertEqual(self._take(self.one, 2), entries[:2])
        self.assertEqual(self._take(self.other, 2), [entries[5]])

    def test_entryLeftByAnother_isNotOvertaken(self):
        entries = self._entries(0, 0)
        self.one.take(1, 1)
        self.assertEqual(self._take(self.other), [])
        self.one.finish([])
        entries += self._entries(0)
        self.assertEqual(self._take(self.one), [entries[0]])

    def test_uncommittedEntry_ofAnotherLearner_keepsNobodyWaiting(self):
        flush = Outbox("default")
        self.addCleanup(flush.close)
        flush.take(1, 1)
        row, = rows(self.users[0], 1)
        flush._rows("INSERT INTO completion_writebehind_outbox (completion_id, user_id, is_new,"
                    " modified) VALUES (%s, %s, 1, NOW(6))", [row.pk, row.user_id])
        entries = self._entries(1)
        self.assertEqual(self._take(self.one), entries)
        self.one.finish([])
        flush._db.commit()
        self.assertEqual(self._take(self.one), [row.pk] + entries)

    def test_share_leavesTheRest_andSaysThatThereIsMore(self):
        entries = self._entries(0, 0, 0, 1)
        self.assertEqual(self._take(self.one, 4, 2), entries[:2] + [entries[3]])
        self.assertTrue(self.one.more)

    def test_nothingLeft_saysSo(self):
        self._entries(0)
        self._take(self.one)
        self.assertFalse(self.one.more)

    def test_finish_removesTheAnnounced_andFreesTheRest(self):
        entries = self._entries(0, 1, 2)
        taken = self.one.take(10, 10)
        self.one.finish([taken[0].id])
        self.assertEqual(self._take(self.other), entries[1:])
        self.assertEqual(Counter(BlockCompletion.objects.values_list("id", flat=True)),
                         Counter(entries))
