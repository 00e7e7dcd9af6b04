"""What a row's times tell of a write."""

import datetime
import types
import unittest

from writebehind_lms.stamps import SKEW, Taken

ASKED = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.timezone.utc)
MOMENT = datetime.timedelta(microseconds=1)
SECOND = datetime.timedelta(seconds=1)


def row(created, modified):
    """Returns a row's times, relative to when the write was taken, or asked for."""
    return types.SimpleNamespace(created=ASKED + created, modified=ASKED + modified)


class TakenTest(unittest.TestCase):

    def test_exactly_tellsExactly(self):
        for created, modified, is_new, is_change in (
                (0 * SECOND, 0 * SECOND, True, True),
                (0 * SECOND, SECOND, True, True),
                (-MOMENT, 0 * SECOND, False, True),
                (-MOMENT, -MOMENT, False, False)):
            with self.subTest(created=created, modified=modified):
                found = row(created, modified)
                self.assertEqual((Taken(ASKED).is_new(found), Taken(ASKED).is_change(found)),
                                 (is_new, is_change))

    def test_notExactly_takesForNew_whatMayBe_andWasNotChangedSince(self):
        for created, modified, is_new, is_change in (
                (SECOND, SECOND, True, True),
                (SECOND, 2 * SECOND, True, True),
                (-SECOND, -SECOND, True, True),
                (-SECOND, SECOND, False, True),
                (-SKEW, -SKEW, True, True),
                (-SKEW - MOMENT, -SKEW - MOMENT, False, False),
                (-SKEW - MOMENT, SECOND, False, True)):
            with self.subTest(created=created, modified=modified):
                taken, found = Taken.after(ASKED), row(created, modified)
                self.assertEqual((taken.is_new(found), taken.is_change(found)),
                                 (is_new, is_change))
