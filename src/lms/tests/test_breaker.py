"""The breaker, by a clock of the test's."""

import unittest

from writebehind_lms.breaker import Breaker


class BreakerTest(unittest.TestCase):

    def setUp(self):
        self.now = 0.0
        self.ranges = []
        self.breaker = Breaker("a service", 3, 5.0, lambda: self.now, self.uniform)
        self.share = 1.0

    def uniform(self, least, most):
        self.ranges.append((least, most))
        return self.share

    def open(self):
        with self.assertLogs("writebehind_lms.breaker", "WARNING") as log:
            for _ in range(3):
                self.assertTrue(self.breaker.allows())
                self.breaker.failed()
        self.assertEqual(len(log.output), 1)

    def test_opens_afterSoManyFailuresInARow(self):
        self.breaker.failed()
        self.breaker.failed()
        self.breaker.succeeded()
        self.breaker.failed()
        self.breaker.failed()
        self.assertTrue(self.breaker.allows())
        with self.assertLogs("writebehind_lms.breaker", "WARNING"):
            self.breaker.failed()
        self.assertFalse(self.breaker.allows())

    def test_letsOneProbeThrough_afterThePause(self):
        self.open()
        self.now = 4.9
        self.assertFalse(self.breaker.allows())
        self.now = 5.1
        self.assertTrue(self.breaker.allows())
        self.assertFalse(self.breaker.allows())

    def test_closes_whenTheProbeSucceeds_andTellsOnce(self):
        self.open()
        self.now = 5.1
        self.breaker.allows()
        with self.assertLogs("writebehind_lms.breaker", "WARNING") as log:
            self.breaker.succeeded()
            self.breaker.succeeded()
        self.assertEqual(len(log.output), 1)
        self.assertTrue(self.breaker.allows() and self.breaker.allows())

    def test_staysOpen_whenTheProbeFails_aPauseFromThen(self):
        self.open()
        self.now = 6.0
        self.breaker.allows()
        self.now = 8.0
        self.breaker.failed()
        self.now = 12.9
        self.assertFalse(self.breaker.allows())
        self.now = 13.1
        self.assertTrue(self.breaker.allows())

    def test_probeThatNeverComesBack_isFollowedByAnother(self):
        self.open()
        self.now = 5.1
        self.assertTrue(self.breaker.allows())
        self.now = 10.2
        self.assertTrue(self.breaker.allows())

    def test_pause_isSpreadByAFifth(self):
        self.share = 0.8
        self.open()
        self.assertEqual(set(self.ranges), {(0.8, 1.2)})
        self.now = 4.1
        self.assertTrue(self.breaker.allows())
