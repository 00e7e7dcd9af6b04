"""The same writes in every mode, on a real service and database: all that can be seen of them."""

import json
import os
import unittest
import urllib.request
from unittest import mock

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import TestCase

from .site import COURSE, BlockCompletion, SiteTest, block, counted

from completion import waffle  # noqa: E402
from completion.keys import LearningContextKey, UsageKey  # noqa: E402
from writebehind_lms import services  # noqa: E402

URL = os.environ.get("WRITEBEHIND_LMS_URL")
MANAGEMENT = os.environ.get("WRITEBEHIND_LMS_MANAGEMENT")
NEEDED = unittest.skipUnless(
    URL and MANAGEMENT and os.environ.get("WRITEBEHIND_LMS_DATABASE"),
    "needs a service and a database: WRITEBEHIND_LMS_URL, …_MANAGEMENT and …_DATABASE")
CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases.json")
KEYS = {
    "a course": "block-v1:O+C+R+type@html+block@a",
    "unicode": "block-v1:Ö+ç+R+type@html+block@日本語",
    "beyond the first plane": "block-v1:O+C+R+type@html+block@𠮷",
    "ccx": "ccx-block-v1:O+C+R+ccx@5+type@video+block@b",
    "an old library": "lib-block-v1:O+L+type@problem+block@b",
    "a library": "lb:O:lib:html:b-1",
    "a branch": "block-v1:O+C+R+branch@draft+type@html+block@branched",
}


def settle():
    """Has the service write what it holds."""
    request = urllib.request.Request(MANAGEMENT + "/admin/flush", method="POST")
    urllib.request.urlopen(request, timeout=30).close()


def same_again(first, second):
    """Two writes of a block."""
    return lambda site: [site.submit("a", first), site.submit("a", second)]


def key_of(text):
    """A write, a change and the same again, of that key."""
    key = UsageKey.from_string(text)
    return lambda site: [site.submit(key, value) for value in (0.25, 1.0, 1.0)]


def batches(site):
    site.submit("b", 0.5)
    return [
        site.batch([("a", 1.0), ("b", 1.0), ("c", 0.0)]),
        site.batch([("a", 1.0), ("b", 0.5), ("d", 0.3)]),
        site.batch([]),
    ]


def reset(site):
    site.batch([("a", 1.0), ("b", 0.5)])
    return [site.clear(), site.submit("a", 0.5), site.clear()]


def errors(site):
    site.batch([("a", 0.5), ("b", 0.5)])
    site.submit("a", 1.2)
    site.submit("a", -0.1)
    site.submit("not a key", 1.0)
    site.batch([("a", 1.0), ("b", 1.5)])
    with waffle.tracking_enabled(False):
        site.submit("a", 1.0)


def rolled_back(site):
    site.submit("a", 0.5)
    with site.expecting(LookupError), transaction.atomic():
        site.submit("a", 1.0)
        site.submit("b", 1.0)
        with site.expecting(LookupError), transaction.atomic():
            site.submit("c", 1.0)
            raise LookupError
        raise LookupError


def savepoints(site):
    with transaction.atomic():
        site.submit("a", 1.0)
        with site.expecting(LookupError), transaction.atomic():
            site.submit("b", 1.0)
            raise LookupError
        site.submit("c", 1.0)
        site.clear()
        site.submit("d", 1.0)


SCENARIOS = dict({
    "new, changed": same_again(0.5, 1.0),
    "down again": same_again(1.0, 0.0),
    "unchanged": same_again(1.0, 1.0),
    "integers and booleans": lambda site: [site.submit("a", 1), site.submit("b", True)],
    "batches": batches,
    "a reset": reset,
    "errors": errors,
    "rolled back": rolled_back,
    "savepoints": savepoints,
}, **{"key: " + name: key_of(text) for name, text in KEYS.items()})


class Site:
    """What a scenario does to a site, step by step, and what it sees of each."""

    def __init__(self, test, mode):
        self.test = test
        self.mode = mode
        self.steps = []
        self._modified = {}

    def submit(self, name, value):
        key = block(name) if isinstance(name, str) and " " not in name else name
        return self._step(lambda: [BlockCompletion.objects.submit_completion(
            self.test.user, key, value)])

    def batch(self, blocks):
        blocks = [(block(name), value) for name, value in blocks]
        return self._step(lambda: list(BlockCompletion.objects.submit_batch_completion(
            self.test.user, blocks).items()))

    def clear(self):
        course = LearningContextKey.from_string(COURSE)
        return self._step(lambda: BlockCompletion.objects.clear_learning_context_completion(
            self.test.user, course))

    def expecting(self, error):
        return self.test.assertRaises(error)

    def _step(self, act):
        self.test.heard.told.clear()
        try:
            answer = act()
            error = None
        except (ValidationError, ValueError, RuntimeError) as raised:
            answer, error = None, type(raised)
        if not connection.in_atomic_block:
            settle()
            self.test.announce(self.mode)
        told = [] if error else list(self.test.heard.told)  # upstream tells what it takes back
        changed = self._changed()
        self.steps.append({
            "answer": self._answer(answer, changed), "error": error, "told": told,
            "rows": self._rows(), "changed": changed})
        return answer

    def _answer(self, answer, changed):
        if not isinstance(answer, list):
            return answer
        return [(str(row.block_key), float(row.completion), row.block_type, row.user_id and True,
                 is_new, row.pk is not None and row == self._row(row),
                 row.pk is not None and self._is_stored_so(row)) for row, is_new in answer]

    def _row(self, row):
        return BlockCompletion.objects.filter(pk=row.pk).first()

    def _is_stored_so(self, row):
        stored = self._row(row)
        return (stored.created, stored.modified) == (row.created, row.modified)

    def _changed(self):
        now = dict(BlockCompletion.objects.values_list("id", "modified"))
        changed = sorted(
            str(BlockCompletion.objects.get(pk=pk).block_key) for pk, modified in now.items()
            if self._modified.get(pk) != modified)
        self._modified = now
        return changed

    def _rows(self):
        return sorted((str(row.context_key), str(row.block_key), row.block_type, row.completion,
                       row.user_id == self.test.user.pk, row.created == row.modified)
                      for row in BlockCompletion.objects.all())


@NEEDED
class ModesTest(SiteTest):
    """Each scenario in each mode is as it is when written directly."""

    maxDiff = None

    def setUp(self):
        super().setUp()
        settle()
        database_is_clean()

    def announce(self, mode):
        """Has the worker announce, where there is one and the service writes for it."""
        if mode == "announced" and OUTBOX:
            from writebehind_lms.announce import Worker

            Worker(BlockCompletion).work()

    def run_in(self, mode, scenario):
        self.setUp()
        self.set(URL="" if mode == "direct" else URL,
                 MODE="committed" if mode == "direct" else mode, TIMEOUT=20.0)
        site = Site(self, mode)
        with mock.patch.object(services, "of_user", wraps=services.of_user) as asked:
            scenario(site)
        self.doCleanups()
        return site.steps, asked.call_count

    def test_committed_isAsDirect(self):
        for name, scenario in SCENARIOS.items():
            with self.subTest(name):
                expected, none = self.run_in("direct", scenario)
                actual, asked = self.run_in("committed", scenario)
                self.assertEqual((none, asked > 0), (0, name not in ("rolled back",) or asked > 0))
                self.assertEqual(actual, expected)

    def test_announced_leavesTheRowsOfDirectWrites(self):
        for name, scenario in SCENARIOS.items():
            with self.subTest(name):
                expected, _ = self.run_in("direct", scenario)
                actual, _ = self.run_in("announced", scenario)
                for was, should in zip(actual, expected):
                    for part in ("rows", "changed", "error"):
                        self.assertEqual(was[part], should[part], part)
                    if isinstance(should["answer"], list):
                        self.assertEqual([_plain(one) for one in was["answer"]],
                                         [_plain(one) for one in should["answer"]])
                    else:
                        self.assertEqual(was["answer"], should["answer"])

    def test_announced_workerTellsWhatADirectWriteWouldHave(self):
        if not OUTBOX:
            self.skipTest("the service has no outbox: openedx.announce")
        for name, scenario in SCENARIOS.items():
            with self.subTest(name):
                expected, _ = self.run_in("direct", scenario)
                actual, _ = self.run_in("announced", scenario)
                for was, should in zip(actual, expected):
                    self.assertEqual(_posts(was), _posts(should))

    def test_batchOf200_isThreeStatementsAtMost(self):
        self.set(URL=URL, TIMEOUT=20.0)
        blocks = [(block("n%d" % number), 1.0) for number in range(200)]
        BlockCompletion.objects.submit_batch_completion(self.user, blocks[:1])
        with mock.patch("django.db.models.signals.post_save.send"), counted() as queries:
            done = BlockCompletion.objects.submit_batch_completion(self.user, blocks)
        self.assertLessEqual(len(queries), 3)
        self.assertEqual(len(done), 200)
        self.assertEqual(sum(done.values()), 199)
        self.assertEqual(BlockCompletion.objects.filter(completion=1.0).count(), 200)

    def test_bigBatch_ofSeveralCourses(self):
        self.set(URL=URL, TIMEOUT=20.0)
        blocks = [(UsageKey.from_string("block-v1:O+C+R%d+type@html+block@%d" % (i % 2, i)), 1.0)
                  for i in range(1200)]
        done = BlockCompletion.objects.submit_batch_completion(self.user, blocks)
        self.assertEqual((len(done), all(done.values())), (1200, True))
        self.assertEqual(len(self.heard.signals()), 1200)

    def test_duplicatesInABatch_areAsUpstreams(self):
        blocks = [(block("a"), 0.5), (block("b"), 1.0), (block("a"), 1.0)]
        for url in ("", URL):
            self.setUp()
            self.set(URL=url, TIMEOUT=20.0)
            done = BlockCompletion.objects.submit_batch_completion(self.user, blocks)
            self.assertEqual({str(row.block_key): new for row, new in done.items()},
                             {str(block("a")): False, str(block("b")): True})
            self.assertEqual(self.row("a").completion, 1.0)
            self.assertEqual([told[2] for told in self.heard.signals()], [True, True, False])

    def test_longKeys_areRefusedAsUpstreamDoes(self):
        for mode in ("direct", "committed", "announced"):
            self.set(URL="" if mode == "direct" else URL,
                     MODE=mode if mode == "announced" else "committed")
            with self.assertRaises(Exception) as caught:
                BlockCompletion.objects.submit_completion(self.user, block("x" * 255), 1.0)
            self.assertEqual(type(caught.exception).__name__, "DataError")

    def test_recordedCases_haveTheSameRowsAndEvents(self):
        with open(CASES, encoding="utf-8") as file:
            cases = json.load(file)
        self.assertGreater(len(cases), 10)
        for case in cases:
            for mode in ("committed", "announced"):
                with self.subTest(case["id"], mode=mode):
                    self.play(case, mode)

    def play(self, case, mode):
        self.setUp()
        self.set(URL=URL, MODE=mode, TIMEOUT=20.0)
        for row in case["before"]:
            BlockCompletion.objects.bulk_create([BlockCompletion(
                user=self.user, context_key=row["course_key"], block_key=row["block_key"],
                block_type=row["block_type"], completion=row["completion"])])
        old = dict(BlockCompletion.objects.values_list("id", "modified"))
        blocks = [(UsageKey.from_string(key), float(value)) for key, value in case["blocks"]]
        if case["refused"]:
            with self.assertRaises(ValidationError):
                BlockCompletion.objects.submit_batch_completion(self.user, blocks)
        else:
            BlockCompletion.objects.submit_batch_completion(self.user, blocks)
        settle()
        rows = sorted((str(row.context_key), str(row.block_key), row.block_type, row.completion)
                      for row in BlockCompletion.objects.all())
        self.assertEqual(rows, sorted(
            (row["course_key"], row["block_key"], row["block_type"], row["completion"])
            for row in case["after"]))
        changed = [pk for pk, modified in old.items()
                   if BlockCompletion.objects.get(pk=pk).modified != modified]
        self.assertEqual(len(changed), case["changed"])
        if mode == "committed":
            self.assertEqual(len(self.heard.events()), case["events"])


def _plain(answer):
    """What is known of an answer before there is a row; its key without branch."""
    return (str(UsageKey.from_string(answer[0]).plain()),) + answer[1:4]


def _posts(step):
    """The `post_save` of a step: of rows as they are, without branch, in whatever order."""
    return sorted((str(UsageKey.from_string(told[1]).plain()),) + told[2:]
                  for told in step["told"] if told[0] == "post_save")


def database_is_clean():
    """Fails where an earlier test's writes came after its end."""
    assert not BlockCompletion.objects.exists()


def _has_outbox():
    if not (URL and MANAGEMENT):
        return False
    try:
        import writebehind_lms.announce  # noqa: F401
    except ImportError:
        return False
    with urllib.request.urlopen(MANAGEMENT + "/admin/config", timeout=10) as answer:
        return '"openedx.announce"' in answer.read().decode()


OUTBOX = _has_outbox()


@NEEDED
class TransactionsTest(TestCase):
    """Django's own TestCase: a transaction around each test."""

    def test_nothingIsSent(self):
        from django.contrib.auth.models import User

        user = User.objects.create(username="in-a-test")
        with self.settings(COMPLETION_WRITEBEHIND_URL=URL), \
                mock.patch.object(services, "of_user", side_effect=AssertionError):
            row, is_new = BlockCompletion.objects.submit_completion(user, block("t"), 1.0)
            self.assertTrue(is_new)
            self.assertEqual(BlockCompletion.objects.get(user=user), row)
