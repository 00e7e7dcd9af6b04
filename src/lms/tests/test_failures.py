"""What the app does with each answer, and without one: rows, news, and what the caller gets."""

import datetime
import unittest
from unittest import mock
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils.timezone import now

from . import misbehaving
from .misbehaving import Server, answer, problem, taken
from .site import COURSE, BlockCompletion, SiteTest, block, counted, database

from completion import waffle  # noqa: E402
from completion.keys import LearningContextKey, UsageKey  # noqa: E402
from writebehind_lms import direct, later, services, table  # noqa: E402

LONG_AGO = datetime.datetime(2020, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.timezone.utc)
SECOND = datetime.timedelta(seconds=1)
FAILURES = {
    "401": problem(401),
    "403": problem(403),
    "404": problem(404),
    "408": problem(408),
    "429": problem(429),
    "500": problem(500),
    "503": problem(503, "buffer-full"),
    "503, perhaps taken": problem(503, "not-acknowledged"),
    "504 of a proxy": problem(504),
    "302": answer(302),
    "another server's 200": answer(200, {"hello": "world"}),
    "fewer accepted": answer(200, {"accepted": 0}),
    "half an answer": misbehaving.half,
    "no answer": misbehaving.end,
    "reset": misbehaving.reset,
    "no HTTP": misbehaving.garbage,
}


class FailuresTest(SiteTest):

    def serve(self, *answers, **settings):
        server = Server(*answers)
        self.addCleanup(server.stop)
        self.set(URL=server.url, **dict({"TIMEOUT": 5.0, "FAILURES": 1000}, **settings))
        self.jobs = []
        patch = mock.patch.object(
            later, "add", lambda name, *arguments, **_: self.jobs.append((name,) + arguments))
        patch.start()
        self.addCleanup(patch.stop)
        return server

    def submit(self, value, name="a"):
        return BlockCompletion.objects.submit_completion(self.user, block(name), value)

    def test_eachFailure_isWrittenDirectly_withTheNewsOfADirectWrite(self):
        for name, failure in FAILURES.items():
            with self.subTest(name):
                self.setUp()
                self.serve(failure)
                row, is_new = self.submit(0.5)
                self.assertTrue(is_new)
                self.assertEqual(self.row(), row)
                row, is_new = self.submit(1.0)
                self.assertFalse(is_new)
                self.assertEqual(self.row().completion, 1.0)
                key = str(block("a"))
                self.assertEqual(self.heard.signals(), [(key, 0.5, True), (key, 1.0, False)])
                self.assertEqual(self.heard.events(), [(key, 0.5), (key, 1.0)])

    def test_nobodyThere_isWrittenDirectly(self):
        server = self.serve(taken())
        server.stop()
        self.assertTrue(self.submit(0.5)[1])
        self.assertEqual(self.row().completion, 0.5)

    def test_noAnswerInTime_isWrittenDirectly(self):
        for behaviour in (misbehaving.hang, misbehaving.drip):
            self.serve(behaviour, TIMEOUT=0.3)
            self.assertEqual(self.submit(0.5)[0].completion, 0.5)

    def test_equalValueWrittenDirectly_touchesModified_soThatAnOlderOneCantWin(self):
        for name, failure in (("refused", problem(503, "stopping")), ("unknown", misbehaving.end)):
            with self.subTest(name):
                self.setUp()
                self.store(1.0, at=LONG_AGO)
                self.serve(failure)
                before = now()
                row, is_new = self.submit(1.0)
                self.assertFalse(is_new)
                self.assertGreaterEqual(self.row().modified, before)
                self.assertEqual(self.row().modified, row.modified)
                self.assertEqual(self.row().created, LONG_AGO)
                self.assertEqual(self.heard.signals(), [])

    def test_equalValuesOfABatch_areTouchedToo(self):
        for name in "ab":
            self.store(1.0, name, LONG_AGO)
        self.serve(problem(503))
        done = BlockCompletion.objects.submit_batch_completion(
            self.user, [(block(name), 1.0) for name in "abc"])
        self.assertEqual(list(done.values()), [False, False, True])
        for name in "abc":
            self.assertGreater(self.row(name).modified, LONG_AGO)

    def test_answerLostAfterTheCommit_isAnnouncedNevertheless(self):
        self.store(1.0, at=now())
        self.serve(misbehaving.end)
        self.submit(1.0)
        self.assertEqual(self.heard.signals(), [(str(block("a")), 1.0, True)])

    def test_answerLostAfterTheCommit_ofAChange_isAnnouncedAsOne(self):
        self.store(1.0, at=LONG_AGO)
        BlockCompletion.objects.update(modified=now())
        self.serve(misbehaving.end)
        self.submit(1.0)
        self.assertEqual(self.heard.signals(), [(str(block("a")), 1.0, False)])

    def test_answerLostAfterTheCommit_thenAnotherOne_isAnnouncedNevertheless(self):
        key = str(block("a"))
        with self.subTest("over a connection that was kept"):
            self.store(0.5, at=LONG_AGO)
            self.serve(taken(stamps=[now()]), misbehaving.end, taken(stamps=[now() + SECOND]))
            self.submit(0.5)
            BlockCompletion.objects.update(completion=1.0, modified=now())
            self.submit(1.0)
            self.assertEqual(self.heard.signals(), [(key, 1.0, False)])
        self.heard.told.clear()
        with self.subTest("after the database has failed too"), mock.patch.object(
                BlockCompletion.objects, "get_or_create", side_effect=OperationalError("away")):
            self.serve(misbehaving.end, taken(stamps=[now() + SECOND]))
            BlockCompletion.objects.update(completion=0.0, modified=now())
            self.submit(0.0)
            self.assertEqual(self.heard.signals(), [(key, 0.0, False)])

    def test_badRequest_isLoggedOnce_andWrittenDirectly_withoutTheBreaker(self):
        server = self.serve(problem(400), FAILURES=2)
        with self.assertLogs("writebehind_lms.services", "ERROR") as log:
            for value in (0.1, 0.2, 0.3, 0.4):
                self.submit(value)
        self.assertEqual(len(log.output), 1)
        self.assertEqual(len(server.requests), 4)
        self.assertEqual(self.row().completion, 0.4)

    def test_refusedByTheDatabase_isADatabaseError(self):
        self.serve(problem(422, "refused-by-database"))
        with self.assertRaises(DatabaseError):
            self.submit(0.5)
        self.assertIsNone(self.row())
        self.assertEqual(self.jobs, [])

    def test_refusedByTheDatabase_theOthersOfTheBatchAreAnnouncedLater(self):
        self.serve(problem(422, "refused-by-database"))
        with self.assertRaises(DatabaseError):
            BlockCompletion.objects.submit_batch_completion(
                self.user, [(block(name), 1.0) for name in "ab"])
        self.assertEqual([job[3] for job in self.jobs], [str(block("a")), str(block("b"))])

    def test_keptButNotYetInTheTable_isASuccess_announcedOnceTheRowIsThere(self):
        self.serve(problem(504, "not-yet-flushed"))
        row, is_new = self.submit(0.5)
        self.assertIsNone(row.pk)
        self.assertEqual((row.completion, row.user, is_new), (0.5, self.user, False))
        self.assertEqual(self.heard.told, [("tracked", str(block("a")), 0.5, "problem")])
        (job,) = self.jobs
        self.assertFalse(self.run_job(job))
        self.store(0.5)
        self.assertTrue(self.run_job(job))
        self.assertEqual(self.heard.signals(), [(str(block("a")), 0.5, True)])

    def test_keptChange_isAnnouncedOnceItIsThere_andNotBefore(self):
        self.store(0.5, at=LONG_AGO)
        self.serve(problem(504, "not-yet-flushed"))
        self.submit(1.0)
        (job,) = self.jobs
        self.assertFalse(self.run_job(job))
        BlockCompletion.objects.update(completion=1.0, modified=now())
        self.assertTrue(self.run_job(job))
        self.assertEqual(self.heard.signals(), [(str(block("a")), 1.0, False)])

    def test_keptChange_ofARowFromAMomentAgo_isNotAnnouncedAsThatRow(self):
        """When it was taken is not known: the row may be as it was before."""
        self.store(0.5, at=LONG_AGO)
        BlockCompletion.objects.update(modified=now())
        self.serve(problem(504, "not-yet-flushed"))
        self.submit(1.0)
        (job,) = self.jobs
        self.assertFalse(self.run_job(job))
        BlockCompletion.objects.update(completion=1.0, modified=now())
        self.assertTrue(self.run_job(job))
        self.assertEqual([signal[1:] for signal in self.heard.signals()], [(1.0, False)])

    def test_keptChange_thatSomebodyElseHasChangedSince_isAnnouncedAsItIsNow(self):
        self.store(0.5, at=LONG_AGO)
        self.serve(problem(504, "not-yet-flushed", stamps=[now()]))
        self.submit(1.0)
        (job,) = self.jobs
        BlockCompletion.objects.update(completion=0.25, modified=now())
        self.assertTrue(self.run_job(job))
        self.assertEqual([signal[1:] for signal in self.heard.signals()], [(0.25, False)])

    def test_keptEqualValue_isNoNews(self):
        self.store(1.0, at=LONG_AGO)
        self.serve(problem(504, "not-yet-flushed"))
        self.submit(1.0)
        self.assertTrue(self.run_job(self.jobs[0]))
        self.assertEqual(self.heard.signals(), [])

    def run_job(self, job):
        from writebehind_lms import jobs

        return jobs.run(job[0], job[1:])

    def test_keptBatch_answersWhatCanBeWalkedLikeADict(self):
        self.serve(problem(504, "not-yet-flushed"))
        blocks = [(block(name), 1.0) for name in "abc"]
        done = BlockCompletion.objects.submit_batch_completion(self.user, blocks)
        self.assertEqual(len(done), 3)
        for (row, is_new), (key, _) in zip(done.items(), blocks):
            self.assertEqual((row.block_key, is_new, row in done, done[row]),
                             (key, False, True, False))

    def test_stamps_tellWhetherARowIsNewOrChanged(self):
        key = str(block("a"))
        row = self.store(0.5, at=LONG_AGO)
        for name, stamp, expected in (
                ("new", LONG_AGO, [(key, 0.5, True)]),
                ("before a later change", LONG_AGO - SECOND, [(key, 0.5, True)]),
                ("unchanged", LONG_AGO + SECOND, [])):
            with self.subTest(name):
                self.heard.told.clear()
                services.forget()
                self.serve(taken(stamps=[stamp]))
                found, is_new = self.submit(0.5)
                self.assertEqual((found, is_new), (row, bool(expected)))
                self.assertEqual(self.heard.signals(), expected)
                self.assertEqual(len(self.heard.events()), 1)
        BlockCompletion.objects.update(modified=LONG_AGO + SECOND)
        self.serve(taken(stamps=[LONG_AGO + SECOND]))
        self.heard.told.clear()
        self.assertFalse(self.submit(0.5)[1])
        self.assertEqual(self.heard.signals(), [(key, 0.5, False)])

    def test_answerWithoutStamps_orWithOthers_stillTellsTheNews(self):
        self.store(0.5, at=now())
        for body in ({}, {"stamps": ["yesterday"]}, {"stamps": []}, {"stamps": [1]}):
            self.serve(answer(200, dict(body, accepted=1)))
            self.heard.told.clear()
            self.assertTrue(self.submit(0.5)[1])
            self.assertEqual(len(self.heard.signals()), 1)

    def test_committedWrite_costsOneStatementHere(self):
        self.store(0.5, at=LONG_AGO)
        self.serve(taken(stamps=[LONG_AGO]))
        self.submit(0.5)
        self.heard.told.clear()
        with mock.patch.object(self.heard, "after"), counted() as queries:
            self.submit(0.5)
        self.assertEqual(len([q for q in queries if "auth_user" not in q["sql"]]), 2,
                         "one of them is the receiver's")

    def test_rowAsItWasBefore_isReadAnew_andAnnouncedLaterIfItStaysSo(self):
        self.store(0.5, at=LONG_AGO)
        self.serve(taken(stamps=[now()]))
        with mock.patch.object(connection, "close") as closed:
            row, _ = self.submit(1.0)
        self.assertEqual((row.completion, closed.call_count), (1.0, 1))
        self.assertEqual(self.heard.signals(), [])
        (job,) = self.jobs
        self.assertFalse(self.run_job(job))
        BlockCompletion.objects.update(completion=1.0, modified=now())
        self.assertTrue(self.run_job(job))
        self.assertEqual([signal[1:] for signal in self.heard.signals()], [(1.0, False)])

    def test_oneRowOfABatchAsItWasBefore_isReadAnewWithTheOthers(self):
        for name in "ab":
            self.store(0.5, name, LONG_AGO)
        self.serve(taken(stamps=[LONG_AGO, now()]))

        def closed():
            BlockCompletion.objects.filter(block_key=block("b")).update(
                completion=1.0, modified=now())

        with mock.patch.object(connection, "close", side_effect=closed):
            done = BlockCompletion.objects.submit_batch_completion(
                self.user, [(block("a"), 0.5), (block("b"), 1.0)])
        self.assertEqual([row.completion for row in done], [0.5, 1.0])
        self.assertEqual(self.jobs, [])

    def test_connectionThatIsNoGoodAnyMore_isReplacedToReadTheRows(self):
        row = self.store(0.5, at=LONG_AGO)
        self.serve(taken(stamps=[LONG_AGO]))
        original, steps = table.find, []

        def find(*args):
            steps.append("read")
            if len(steps) == 1:
                raise OperationalError(2006, "gone away")
            return original(*args)

        with mock.patch.object(table, "find", find), mock.patch.object(
                connection, "close_if_unusable_or_obsolete",
                side_effect=lambda: steps.append("looked at")):
            self.assertEqual(self.submit(0.5), (row, True))
        self.assertEqual(steps, ["read", "looked at", "read"])

    def test_rowsThatCantBeRead_areASuccess_announcedLater(self):
        self.serve(taken(stamps=[LONG_AGO]))
        with mock.patch("writebehind_lms.table.find", side_effect=OperationalError("away")), \
                self.assertLogs("writebehind_lms.sending", "WARNING"):
            row, is_new = self.submit(0.5)
        self.assertIsNone(row.pk)
        self.assertEqual([job[0] for job in self.jobs], ["announce"])
        self.assertEqual(len(self.heard.events()), 1)

    def test_lostConnection_isMadeAnew_forTheDirectWrite(self):
        self.serve(problem(503))
        original = BlockCompletion.objects.get_or_create
        for error in [InterfaceError(0, "")] + [
                OperationalError(code, "lost") for code in (2006, 2013, 2055, 4031)]:
            lost = [error]

            def once_lost(*args, **kwargs):
                if lost:
                    raise lost.pop()
                return original(*args, **kwargs)

            with self.subTest(error), mock.patch.object(
                    BlockCompletion.objects, "get_or_create", side_effect=once_lost), \
                    mock.patch.object(connection, "close") as closed:
                row, is_new = self.submit(0.5, "row %s" % error.args[0])
                self.assertEqual((row.completion, is_new, closed.call_count), (0.5, True, 1))
                self.assertEqual(self.row("row %s" % error.args[0]), row)

    def test_errorOfAConnectionThatIsThere_isNotTriedAgain_noMoreThanOneWithoutServer(self):
        self.serve(problem(503))
        for code in (1205, 1213, 2003):
            with self.subTest(code), mock.patch.object(
                    BlockCompletion.objects, "get_or_create",
                    side_effect=OperationalError(code, "no")) as tried:
                with self.assertRaises(OperationalError):
                    self.submit(0.5)
                self.assertEqual(tried.call_count, 1)

    def test_connectionLostAfterTheWrite_isNewsNevertheless(self):
        """The first try may have been committed: what the second one finds there is news."""
        key = str(block("a"))
        for name, mode in (("then written directly", "committed"),
                           ("then written directly", "announced"), ("then taken", "committed")):
            with self.subTest(name, mode=mode):
                self.setUp()
                self.store(0.5, at=LONG_AGO)
                self.serve(taken(stamps=[now() + SECOND]), MODE=mode, FAILURES=1, PAUSE=1000.0)
                with self.assertLogs("writebehind_lms.breaker", "WARNING"):
                    services.of_user(self.user.pk).breaker.failed()
                original, calls = BlockCompletion.objects.get_or_create, []

                def found(*args, **kwargs):
                    calls.append(1)
                    if len(calls) == 2 and name == "then taken":
                        raise OperationalError(2003, "away")
                    return original(*args, **kwargs)

                def lost(*_, **__):
                    BlockCompletion.objects.update(completion=1.0, modified=now())
                    raise OperationalError(2013, "lost")

                with mock.patch.object(BlockCompletion.objects, "get_or_create", found), \
                        mock.patch.object(BlockCompletion, "save", lost), \
                        mock.patch.object(connection, "close"):
                    self.assertFalse(self.submit(1.0)[1])
                self.assertEqual(len(calls), 2)
                self.assertEqual(self.heard.signals(), [(key, 1.0, False)])

    def test_connectionLostAfterTheWrite_announced_thenTaken_isAnnouncedLater(self):
        """The service finds the value there, and has nothing to tell."""
        self.serve(problem(503), taken(202, stamps=[now() + SECOND]), MODE="announced")
        for error, expected in ((2003, []), (2013, ["announce"])):
            with mock.patch.object(
                    BlockCompletion.objects, "get_or_create",
                    side_effect=OperationalError(error, "away")), \
                    mock.patch.object(connection, "close"):
                self.submit(1.0)
            self.assertEqual([job[0] for job in self.jobs], expected)
            self.serve(problem(503), taken(202, stamps=[now() + SECOND]), MODE="announced")

    def test_answerLost_ofARowThatWasThereBefore_isNotNew(self):
        """It was changed since it was created, and created before the service was asked."""
        self.store(1.0, at=now() - 2 * SECOND)
        BlockCompletion.objects.update(modified=now())
        key = str(block("a"))
        for name, answers in (("written directly", [misbehaving.end]),
                              ("taken", [taken(), misbehaving.end, taken()])):
            with self.subTest(name):
                services.forget()
                self.serve(*answers)
                for _ in answers[2:]:
                    self.submit(1.0, "another, over a connection that is kept")
                self.heard.told.clear()
                self.assertFalse(self.submit(1.0)[1])
                self.assertEqual(self.heard.signals(), [(key, 1.0, False)])

    def test_bothAway_isTheDirectWritesException(self):
        self.serve(problem(503))

        class Away(OperationalError):
            pass

        with mock.patch.object(BlockCompletion.objects, "get_or_create", side_effect=Away), \
                self.assertRaises(Away):
            self.submit(0.5)

    def test_databaseAway_asksTheServiceOnceMore_beBreakerOpenOrNot(self):
        away = mock.patch.object(
            BlockCompletion.objects, "get_or_create", side_effect=OperationalError("away"))
        server = self.serve(problem(503), taken(202, stamps=[LONG_AGO]), problem(503),
                            FAILURES=2, PAUSE=1000.0, MODE="announced")
        with away:
            self.assertEqual(self.submit(1.0)[0].created, LONG_AGO)
            self.assertEqual(len(server.requests), 2)
            with self.assertLogs("writebehind_lms.breaker", "WARNING"), \
                    self.assertRaisesRegex(OperationalError, "away"):
                self.submit(1.0)
            self.assertEqual(len(server.requests), 4)
            with self.assertRaisesRegex(OperationalError, "away"):
                self.submit(1.0)
            self.assertEqual(len(server.requests), 5)

    def test_databaseAway_committed_waitsForTheJournalAlone_andTellsLater(self):
        for error, ack, status in ((2003, "journal", 202), (2013, "journal", 202),
                                   (1213, "database", 200)):
            with self.subTest(error):
                self.setUp()
                server = self.serve(problem(503), taken(status, stamps=[now()]))
                with mock.patch.object(
                        BlockCompletion.objects, "get_or_create",
                        side_effect=OperationalError(error, "no")), \
                        mock.patch.object(connection, "close"):
                    row, is_new = self.submit(1.0)
                self.assertEqual((row.pk, row.completion, is_new), (None, 1.0, False))
                self.assertIn("?ack=%s&return=stamps&announce=false" % ack,
                              server.requests[1].target)
                self.assertEqual([job[0] for job in self.jobs], ["announce"])

    def test_openBreaker_sparesTheService_andAProbeClosesIt(self):
        server = self.serve(problem(503), problem(503), problem(503), taken(stamps=[LONG_AGO]),
                            FAILURES=3, PAUSE=1000.0)
        with self.assertLogs("writebehind_lms.breaker", "WARNING"):
            for value in range(6):
                self.submit(value / 10)
        self.assertEqual(len(server.requests), 3)
        breaker = services.of_user(self.user.pk).breaker
        with self.assertLogs("writebehind_lms.breaker", "WARNING"), \
                mock.patch.object(breaker, "_next_probe", 0.0):
            self.submit(0.7)
            self.assertFalse(breaker.is_open)
        breaker.succeeded()
        self.submit(0.8)
        self.assertEqual(len(server.requests), 5)

    def test_callersTimeLimit_countsAsAFailure_andReachesTheCaller(self):
        class TimeLimit(BaseException):
            pass

        self.serve(taken(), FAILURES=1, PAUSE=1000.0)
        service = services.of_user(self.user.pk)
        with mock.patch.object(service.client, "submit", side_effect=TimeLimit), \
                self.assertLogs("writebehind_lms.breaker", "WARNING"), \
                self.assertRaises(TimeLimit):
            self.submit(1.0)
        self.assertTrue(service.breaker.is_open)

    def test_argumentErrors_areUpstreams_beforeAnythingIsSent(self):
        server = self.serve(taken())
        old = UsageKey("block-v1:O+C+type@problem+block@b",
                       LearningContextKey("course-v1:O+C"), "problem")
        for key, error in (("block-v1:x", ValueError), (old, ValueError), (None, ValueError)):
            with self.assertRaises(error):
                BlockCompletion.objects.submit_completion(self.user, key, 1.0)
            with self.assertRaises(error):
                BlockCompletion.objects.submit_batch_completion(
                    self.user, [(block("a"), 1.0), (key, 1.0)])
        self.assertEqual(server.requests, [])
        self.assertIsNone(self.row())

    def test_switchOff_isUpstreamsError_beforeAnythingIsSent(self):
        server = self.serve(taken())
        with waffle.tracking_enabled(False):
            with self.assertRaises(RuntimeError):
                self.submit(1.0)
            with self.assertRaises(RuntimeError):
                BlockCompletion.objects.submit_batch_completion(self.user, [(block("a"), 1.0)])
        self.assertEqual(server.requests, [])

    def test_valuesOutOfRange_areRefused_forNewRowsToo(self):
        server = self.serve(taken())
        for value in (-0.1, 1.1, float("nan")):
            with self.assertRaises(ValidationError) as caught:
                self.submit(value)
            self.assertIn("completion", caught.exception.message_dict)
        self.assertEqual(server.requests, [])

    def test_keysThatNoColumnHolds_areLeftToTheOriginal(self):
        server = self.serve(taken())
        try:
            self.submit(1.0, "x" * 255)
        except DatabaseError:
            pass  # MySQL refuses them, SQLite does not
        self.assertEqual(server.requests, [])

    def test_inATransaction_nothingIsSent_andARollbackTakesAllBack(self):
        server = self.serve(taken())
        with self.assertRaises(LookupError), transaction.atomic():
            self.submit(1.0)
            self.assertEqual(self.row().completion, 1.0)
            raise LookupError
        self.assertIsNone(self.row())
        self.assertEqual(server.requests, [])

    def test_inATransaction_announced_equalValueIsTouched(self):
        self.store(1.0, at=LONG_AGO)
        self.serve(taken(), MODE="announced")
        with transaction.atomic():
            self.submit(1.0)
        self.assertGreater(self.row().modified, LONG_AGO)

    def test_inATransaction_committed_equalValueIsLeftAlone(self):
        self.store(1.0, at=LONG_AGO)
        self.serve(taken())
        with transaction.atomic():
            self.submit(1.0)
        self.assertEqual(self.row().modified, LONG_AGO)

    def test_announced_saysNothingItself_andAsksNoDatabase(self):
        server = self.serve(taken(202, stamps=[LONG_AGO]), MODE="announced")
        with counted() as queries:
            row, is_new = self.submit(0.5)
        self.assertEqual(len(queries), 0)
        self.assertEqual((row.pk, row.created, row.completion, is_new),
                         (None, LONG_AGO, 0.5, False))
        self.assertEqual(self.heard.told, [])
        self.assertEqual(self.jobs, [])
        self.assertIn("ack=journal", server.requests[0].target)

    def test_announced_onCommit_sendsAfterwards_andNothingAfterARollback(self):
        server = self.serve(taken(202), MODE="announced", IN_TRANSACTION="on_commit")
        with transaction.atomic():
            row, is_new = self.submit(0.5)
            with self.assertRaises(LookupError), transaction.atomic():
                self.submit(0.5, "b")
                raise LookupError
            self.assertEqual(server.requests, [])
        self.assertEqual([write["block_key"] for request in server.requests
                          for write in request.writes()], [str(block("a"))])
        self.assertEqual((row.pk, is_new), (None, False))

    def test_announced_onCommit_failing_isWrittenDirectly(self):
        self.serve(problem(503), MODE="announced", IN_TRANSACTION="on_commit")
        with transaction.atomic():
            BlockCompletion.objects.submit_batch_completion(
                self.user, [(block(name), 0.5) for name in "ab"])
        self.assertEqual([self.row(name).completion for name in "ab"], [0.5, 0.5])
        self.assertEqual(len(self.heard.signals()), 2)

    def test_receiverThatRaises_stopsNoOther_andIsToldInTheEnd(self):
        for name in "abc":
            self.store(0.5, name, LONG_AGO)
        self.heard.failing.add(str(block("a")))
        self.serve(taken(stamps=[LONG_AGO] * 3))
        with self.assertRaises(LookupError):
            BlockCompletion.objects.submit_batch_completion(
                self.user, [(block(name), 0.5) for name in "abc"])
        self.assertEqual([told[0] for told in self.heard.signals()],
                         [str(block(name)) for name in "abc"])

    @unittest.skipUnless(connection.vendor == "mysql", "needs a collation, as MySQL's tables have")
    def test_otherSpellingsOfTheTable_areFound(self):
        row = self.store(0.5, "Größe", LONG_AGO)
        self.serve(taken(stamps=[LONG_AGO] * 3))
        done = BlockCompletion.objects.submit_batch_completion(
            self.user, [(block(name), 0.5) for name in ("Größe", "größe", "GROSSE")])
        self.assertEqual(done, {row: True})

    def test_reset_deletesDirectly_thenTellsTheService(self):
        self.store(0.5)
        server = self.serve(taken(202))
        count = BlockCompletion.objects.clear_learning_context_completion(
            self.user, LearningContextKey.from_string(COURSE))
        self.assertEqual((count, self.row()), (1, None))
        self.assertEqual([request.method for request in server.requests], ["DELETE"])
        self.assertEqual(self.jobs, [])

    def test_reset_inATransaction_isToldOnCommit_andNotAfterARollback(self):
        server = self.serve(taken(202))
        course = LearningContextKey.from_string(COURSE)
        with self.assertRaises(LookupError), transaction.atomic():
            BlockCompletion.objects.clear_learning_context_completion(self.user, course)
            raise LookupError
        self.assertEqual(server.requests, [])
        with transaction.atomic():
            BlockCompletion.objects.clear_learning_context_completion(self.user, course)
            self.assertEqual(server.requests, [])
        self.assertEqual(len(server.requests), 1)

    def test_reset_thatFails_isTriedAgain(self):
        server = self.serve(problem(503), taken(202))
        self.store(0.5)
        BlockCompletion.objects.clear_learning_context_completion(
            self.user, LearningContextKey.from_string(COURSE))
        (job,) = self.jobs
        self.assertTrue(self.run_job(job))
        self.assertEqual([request.method for request in server.requests], ["DELETE", "DELETE"])

    def test_reset_triedLate_namesTheMoment_afterWhichEverythingStays(self):
        server = self.serve(problem(503), taken(202))
        begun = now()
        BlockCompletion.objects.clear_learning_context_completion(
            self.user, LearningContextKey.from_string(COURSE))
        (reset,) = self.jobs
        self.store(1.0, "new")
        self.assertTrue(self.run_job(reset))
        at_once, late = (parse_qs(urlsplit(request.target).query) for request in server.requests)
        self.assertNotIn("before", at_once)
        (moment,) = late["before"]
        self.assertTrue(begun <= datetime.datetime.fromisoformat(moment) <= now())
        self.assertEqual(late["course_key"], [COURSE])
        self.assertEqual(self.row("new").completion, 1.0)

    def test_reset_triedLate_tellsTheService_whereOnlyWhatIsOlderIsThere(self):
        server = self.serve(problem(503), taken(202))
        BlockCompletion.objects.clear_learning_context_completion(
            self.user, LearningContextKey.from_string(COURSE))
        (reset,) = self.jobs
        self.store(1.0, "replayed", LONG_AGO)
        self.assertTrue(self.run_job(reset))
        self.assertEqual([request.method for request in server.requests], ["DELETE", "DELETE"])
        self.assertEqual(self.jobs, [reset])

    def test_reset_triedLate_hasNobodyToTell_whereTheAppIsOff(self):
        server = self.serve(problem(503))
        BlockCompletion.objects.clear_learning_context_completion(
            self.user, LearningContextKey.from_string(COURSE))
        self.set(URL="")
        self.assertTrue(self.run_job(self.jobs[0]))
        self.assertEqual(len(server.requests), 1)

    def test_keptWrite_isNotAnotherLearners(self):
        self.store(1.0, at=LONG_AGO)
        other = database.users(1, "another")[0]
        job = ("announce", other.pk, COURSE, str(block("a")), 1.0, LONG_AGO.isoformat(), None)
        self.assertFalse(self.run_job(job))
        self.assertEqual(self.heard.signals(), [])

    def test_keptWrite_whoseReceiverFails_wasAnnounced(self):
        self.store(1.0, at=LONG_AGO)
        self.heard.failing.add(str(block("a")))
        at = LONG_AGO.isoformat()
        with self.assertLogs("writebehind_lms.jobs", "ERROR"):
            self.assertTrue(self.run_job(
                ("announce", self.user.pk, COURSE, str(block("a")), 1.0, at, at)))

    def test_equalValue_isNotTouched_whereSomebodyElseHasChangedItMeanwhile(self):
        row = self.store(1.0, at=LONG_AGO)
        later_on = LONG_AGO + SECOND
        BlockCompletion.objects.update(completion=0.5, modified=later_on)
        table.touch(row)
        self.assertEqual((row.modified, self.row().modified), (LONG_AGO, later_on))

    def test_keptWrite_isAnnouncedAsNew_byWhatIsKnownOfItsTime(self):
        at = now()
        for created, modified, stamp, receipt, is_new in (
                (at, at, at, at, True),
                (at, at + SECOND, at, at, True),
                (at - SECOND, at, at, at, False),
                (at - 2 * SECOND, at, at - 5 * SECOND, None, False),
                (at - 2 * SECOND, at + SECOND, at - 5 * SECOND, at, False),
                (at, at, at - 5 * SECOND, at, True)):
            with self.subTest(created=created - at, modified=modified - at, stamp=stamp - at):
                self.setUp()
                self.store(1.0, at=created)
                BlockCompletion.objects.update(modified=modified)
                self.assertTrue(self.run_job((
                    "announce", self.user.pk, COURSE, str(block("a")), 1.0, stamp.isoformat(),
                    receipt and receipt.isoformat())))
                self.assertEqual(self.heard.signals(), [(str(block("a")), 1.0, is_new)])

    def test_shadow_writesDirectly_andSendsACopy_whoseFailureNobodySees(self):
        for name, behaviour in dict(FAILURES, taken=taken(202)).items():
            with self.subTest(name):
                self.setUp()
                server = Server(behaviour)
                self.addCleanup(server.stop)
                self.set(SHADOW=server.url, URL="http://127.0.0.1:9", FAILURES=1000)
                self.assertTrue(self.submit(0.5)[1])
                done = BlockCompletion.objects.submit_batch_completion(
                    self.user, [(block("b"), 1.0), (block("c"), 1.0)])
                self.assertEqual(len(done), 3 - 1)
                self.assertEqual([len(request.writes()) for request in server.requests], [1, 2])
                self.assertEqual(len(self.heard.signals()), 3)

    def test_shadow_valueThatOnlyUpstreamTakes_isStoredAsUpstreamDoes(self):
        server = Server(taken(202))
        self.addCleanup(server.stop)
        self.set(SHADOW=server.url)
        self.assertEqual(self.submit(1.5)[0].completion, 1.5)
        self.assertEqual(server.requests, [])

    def test_shadow_inATransaction_isSentOnCommit(self):
        server = Server(taken(202))
        self.addCleanup(server.stop)
        self.set(SHADOW=server.url)
        with transaction.atomic():
            self.submit(0.5)
            BlockCompletion.objects.clear_learning_context_completion(
                self.user, LearningContextKey.from_string(COURSE))
            self.assertEqual(server.requests, [])
        self.assertEqual([request.method for request in server.requests], ["POST", "DELETE"])

    def test_severalServices_eachLearnerHasOne(self):
        servers = [Server(taken(202)) for _ in range(3)]
        for server in servers:
            self.addCleanup(server.stop)
        self.set(URL=[server.url for server in servers], MODE="announced")
        for user in [self.user] + database.users(3, "another"):
            for server in servers:
                del server.requests[:]
            for _ in range(2):
                BlockCompletion.objects.submit_completion(user, block("a"), 0.5)
            self.assertEqual([len(server.requests) for server in servers],
                             [2 if i == user.pk % 3 else 0 for i in range(3)])

    def test_off_isAsIfTheAppWereNotThere(self):
        self.set(URL="", SHADOW="")
        with mock.patch.object(services, "of_user", side_effect=AssertionError):
            self.submit(0.5)
            self.submit(0.5)
        self.assertEqual(len(self.heard.signals()), 1)
        self.assertFalse(direct.is_writing())
