"""The site for tests is what it claims to be."""

import unittest

from . import standin

standin.install()

from django.core.exceptions import ValidationError  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models.signals import post_save  # noqa: E402

from completion import tracking, waffle  # noqa: E402
from completion.keys import LearningContextKey, UsageKey  # noqa: E402
from completion.models import BlockCompletion  # noqa: E402
from tests.standin import database  # noqa: E402

COURSE = "course-v1:O+C+R"


def block(name, revision=""):
    return UsageKey.from_string("block-v1:O+C+R%s+type@problem+block@%s" % (revision, name))


class StandinTest(unittest.TestCase):
    """Rows, answers, signals and exceptions of the stand-in."""

    def setUp(self):
        database.ensure_schema()
        database.create_tables()
        database.empty_tables()
        self.user = database.users(1)[0]
        self.heard = []
        post_save.connect(self._hear, sender=BlockCompletion)
        self.addCleanup(post_save.disconnect, self._hear, sender=BlockCompletion)

    def _hear(self, instance, created, update_fields, **_):
        self.heard.append((instance.completion, created, update_fields))

    def test_submit_storesOnce_thenChanges_leavesEqualValueAlone(self):
        manager = BlockCompletion.objects
        first, is_new = manager.submit_completion(self.user, block("a"), 0.5)
        self.assertTrue(is_new)
        self.assertEqual(first.created, first.modified)
        changed, is_new = manager.submit_completion(self.user, block("a"), 1.0)
        self.assertFalse(is_new)
        self.assertEqual(changed.pk, first.pk)
        self.assertGreater(changed.modified, changed.created)
        manager.submit_completion(self.user, block("a"), 1.0)
        row = BlockCompletion.objects.get()
        self.assertEqual((row.completion, row.created, row.modified),
                         (1.0, first.created, changed.modified))
        self.assertEqual(row.block_key, block("a"))
        self.assertEqual(row.context_key, LearningContextKey.from_string(COURSE))
        self.assertEqual(self.heard, [(0.5, True, None),
                                      (1.0, False, frozenset({"completion", "modified"}))])

    def test_key_losesBranch_whenStored(self):
        BlockCompletion.objects.submit_completion(self.user, block("a", "+branch@draft"), 1.0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT course_key, block_key FROM completion_blockcompletion")
            self.assertEqual(cursor.fetchall()[0], (COURSE, str(block("a"))))

    def test_batch_answersEachObject_clearCountsThem(self):
        blocks = [(block("a"), 1.0), (block("b"), 0.25)]
        answer = BlockCompletion.objects.submit_batch_completion(self.user, blocks)
        self.assertEqual({str(row.block_key): new for row, new in answer.items()},
                         {str(block("a")): True, str(block("b")): True})
        cleared = BlockCompletion.objects.clear_learning_context_completion(
            self.user, LearningContextKey.from_string(COURSE))
        self.assertEqual(cleared, 2)

    def test_submit_refusesAsTheRealOneDoes(self):
        manager = BlockCompletion.objects
        with self.assertRaises(ValueError):
            manager.submit_completion(self.user, "block-v1:O+C+R+type@t+block@b", 1.0)
        manager.submit_completion(self.user, block("a"), 0.5)
        with self.assertRaises(ValidationError):
            manager.submit_completion(self.user, block("a"), 1.5)
        with waffle.tracking_enabled(False), self.assertRaises(RuntimeError):
            manager.submit_completion(self.user, block("a"), 1.0)

    def test_trackingEvent_evenForEqualValue(self):
        del tracking.emitted[:]
        for _ in range(2):
            BlockCompletion.objects.submit_completion(self.user, block("a"), 1.0)
        self.assertEqual([event["block_id"] for _, event in tracking.emitted],
                         [str(block("a"))] * 2)

    def test_keysOfEveryKind_areReadBack(self):
        for text in ("lb:O:lib:html:b-1", "ccx-block-v1:O+C+R+ccx@5+type@t+block@b",
                     "block-v1:Ö+ç+R+type@t+block@日本"):
            with self.subTest(text):
                try:
                    key = UsageKey.from_string(text)
                except ValueError as error:
                    self.fail(error)
                self.assertEqual(str(key.plain()), text)


if __name__ == "__main__":
    unittest.main()
