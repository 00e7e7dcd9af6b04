"""What tests of the worker share: rows with entries, workers as processes, what they heard."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from . import standin

standin.install()

from django.db import connection  # noqa: E402
from django.utils.timezone import now  # noqa: E402

from completion.keys import LearningContextKey, UsageKey  # noqa: E402
from completion.models import BlockCompletion  # noqa: E402
from tests.standin import database  # noqa: E402

COURSE = LearningContextKey.from_string("course-v1:O+C+R")
NEEDS_DATABASE = unittest.skipUnless(
    os.environ.get("WRITEBEHIND_LMS_DATABASE"),
    "needs a database: WRITEBEHIND_LMS_DATABASE=mysql://user:password@host:port/schema")


def rows(user, count, value=1.0):
    """Writes that many completions of a learner, past the manager and its signals."""
    begin = BlockCompletion.objects.filter(user=user).count()
    keys = [UsageKey.from_string("block-v1:O+C+R+type@html+block@b%d" % (begin + i))
            for i in range(count)]
    BlockCompletion.objects.bulk_create([
        BlockCompletion(user=user, context_key=COURSE, block_key=key, block_type="html",
                        completion=value, modified=now()) for key in keys])
    return list(BlockCompletion.objects.filter(user=user, block_key__in=keys).order_by("id"))


def enter(entries, is_new=True):
    """Puts entries into the outbox, as a flush does."""
    values = [(row.pk, row.user_id, is_new, row.modified.replace(tzinfo=None)) for row in entries]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO completion_writebehind_outbox (completion_id, user_id, is_new, modified)"
            " VALUES (%s, %s, %s, %s)", values)


def interleaved(users, each, seed=1):
    """Entries of these learners in turn, in a random order that keeps each one's own."""
    pick = random.Random(seed)
    queues = [rows(user, each) for user in users]
    entries = []
    while queues:
        queue = pick.choice(queues)
        entries.append(queue.pop(0))
        if not queue:
            queues.remove(queue)
    return entries


def waiting():
    """How many entries are in the outbox."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM completion_writebehind_outbox")
        return cursor.fetchone()[0]


def until(true, seconds=180):
    """Waits for what has to become true."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError("not within %s s" % seconds)
        time.sleep(0.02)


class Workers:
    """Workers as processes of their own, which record what their receivers hear."""

    def __init__(self, test, seconds=0.0, interval=0.05, database=None):
        handle, self.path = tempfile.mkstemp(prefix="writebehind-announced-")
        os.close(handle)
        self._interval = interval
        self._environment = dict(
            os.environ, RECORDING_FILE=self.path, RECORDING_SECONDS=str(seconds),
            WRITEBEHIND_LMS_APPS="recording", COMPLETION_WRITEBEHIND_URL="")
        if database is not None:
            self._environment["WRITEBEHIND_LMS_DATABASE"] = database
        self._running = []
        test.addCleanup(self._end)

    def start(self, *arguments):
        manage = os.path.join(standin.FOLDER, "manage.py")
        process = subprocess.Popen(
            [sys.executable, manage, "writebehind_announce", "--interval", str(self._interval),
             *arguments], env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            universal_newlines=True)
        self._running.append(process)
        return process

    def once(self, *arguments):
        """Runs one to its end; answers its exit code and what it said."""
        process = self.start("--once", *arguments)
        said, _ = process.communicate(timeout=180)
        return process.returncode, said

    def heard(self, what="post_save"):
        with open(self.path) as lines:
            return [line for line in map(json.loads, lines) if line["what"] == what]

    def _end(self):
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.communicate()
        os.unlink(self.path)


class OutboxTestCase(unittest.TestCase):
    """A site with an empty outbox and some learners."""

    learners = 3

    @classmethod
    def setUpClass(cls):
        database.ensure_schema()
        database.create_tables(outbox=True)

    def setUp(self):
        database.empty_tables()
        self.users = database.users(self.learners)

    def assert_in_order(self, heard, entries):
        """Every entry was heard, a learner's for the first time in the order of the entries."""
        first = {}
        for line in heard:
            first.setdefault(line["user"], {}).setdefault(line["row"])
        expected = {}
        for row in entries:
            expected.setdefault(row.user_id, []).append(row.pk)
        self.assertEqual({user: list(seen) for user, seen in first.items()}, expected)
