"""Jobs that are tried again, in the process and by Celery."""

import os
import signal
import sys
import threading
import time
import types
import unittest
from unittest import mock

from . import standin

standin.install()

from django.db import InterfaceError, connections  # noqa: E402
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402

from writebehind_lms import jobs, later, services, tasks  # noqa: E402


class QueueTest(unittest.TestCase):

    def setUp(self):
        self.tried = []
        self.enough = threading.Event()

    def queue(self, answers, delays=(0.01, 0.01, 0.01), **options):
        def run(name, arguments):
            self.tried.append((name, arguments))
            answer = answers.pop(0)
            if not answers:
                self.enough.set()
            if isinstance(answer, Exception):
                raise answer
            return answer

        return later.Queue(run, delays, **options)

    def test_job_isTriedUntilItIsDone(self):
        queue = self.queue([False, ValueError(), True])
        queue.add("a job", (1, "two"))
        self.assertTrue(self.enough.wait(60))
        self.assertEqual(self.tried, [("a job", (1, "two"))] * 3)
        self.assertEqual(len(queue), 0)

    def test_job_isGivenUp_andThatIsLogged(self):
        logged = threading.Event()
        with mock.patch.object(later.log, "error", side_effect=lambda *_: logged.set()):
            self.queue([False, False, False]).add("a job", ())
            self.assertTrue(logged.wait(60))
        self.assertEqual(len(self.tried), 3)

    def test_queue_isBounded_andWhatIsLostIsLogged(self):
        queue = self.queue([True], delays=(1000,), most=2)
        with self.assertLogs("writebehind_lms.later", "ERROR"):
            for _ in range(3):
                queue.add("a job", ())
        self.assertEqual(len(queue), 2)

    def test_soonerJob_isNotHeldUpByALaterOne(self):
        queue = self.queue([True], delays=(0.01,))
        queue.add("late", (), delay=1000)
        queue.add("soon", ())
        self.assertTrue(self.enough.wait(60))
        self.assertEqual(self.tried, [("soon", ())])

    def test_end_triesEachJobOnceMore_andTellsHowManyAreLost(self):
        queue = self.queue([True, ValueError(), False, True], delays=(1000,))
        for name in "abcd":
            queue.add(name, ())
        self.assertEqual(queue.finish(60), 2)
        self.assertEqual([name for name, _ in self.tried], list("abcd"))
        self.assertEqual(len(queue), 0)
        queue.add("e", ())
        self.assertEqual(queue.finish(0), 1)

    def test_thread_thatCantBeStarted_harmsNoCaller_andTheNextJobTriesItAgain(self):
        queue = self.queue([True, True])
        with mock.patch.object(threading.Thread, "start", side_effect=RuntimeError("no more")), \
                self.assertLogs("writebehind_lms.later", "ERROR"):
            queue.add("a job", ())
        self.assertEqual(len(queue), 1)
        queue.add("another", ())
        self.assertTrue(self.enough.wait(5))
        self.assertEqual([name for name, _ in self.tried], ["a job", "another"])

    def test_thread_outlivesAConnectionThatCantBeClosed(self):
        def run(name, arguments):
            connections["default"]
            self.tried.append(name)
            if len(self.tried) == 2:
                self.enough.set()
            return True

        queue = later.Queue(run, (0.01,))
        with mock.patch.object(BaseDatabaseWrapper, "close", side_effect=InterfaceError(0, "")):
            queue.add("a job", ())
            queue.add("another", (), delay=0.05)
            self.assertTrue(self.enough.wait(5))

    def test_job_remembersNothingOfTheOneBefore(self):
        cache = mock.Mock()
        with mock.patch.dict(sys.modules, {
                "edx_django_utils": types.ModuleType("edx_django_utils"),
                "edx_django_utils.cache": types.SimpleNamespace(RequestCache=cache)}):
            queue = self.queue([True])
            queue.add("a job", ())
            self.assertTrue(self.enough.wait(5))
        cache.clear_all_namespaces.assert_called_once_with()

    def test_child_hasAQueueOfItsOwn_andServicesOfItsOwn(self):
        def run(name, arguments):
            self.tried.append(name)
            self.enough.set()

        service = services._service("http://127.0.0.1:9", "", 1.0, 1.0, 1, 1.0)
        parents = self.queue([True], delays=(1000,))
        with mock.patch.object(later, "_queue", parents):
            later._own().add("a job", ())
            service.breaker._lock.acquire()  # as another thread's at the moment of the fork
            child = os.fork()
            if child == 0:
                try:
                    mine = services._service("http://127.0.0.1:9", "", 1.0, 1.0, 1, 1.0)
                    fits = later.waiting() == 0 and mine.breaker.allows()
                    later._queue._run = run
                    later._own().add("a child's", (), delay=0)
                    fits &= self.enough.wait(10) and self.tried == ["a child's"]
                    os._exit(0 if fits else 1)
                except BaseException:
                    os._exit(2)
            service.breaker._lock.release()
            self.assertEqual(self.ended(child), 0)
            self.assertEqual(later.waiting(), 1)

    def test_childOfWhichPythonWasNotTold_hasThemToo(self):
        service = services._service("http://127.0.0.1:9", "", 1.0, 1.0, 1, 1.0)
        parents = self.queue([True], delays=(1000,))
        with mock.patch.object(later, "_queue", parents):
            later._own().add("a job", ())
            with mock.patch("os.getpid", return_value=os.getpid() + 1):
                self.assertEqual(later.waiting(), 0)
                self.assertIsNot(later._own(), parents)
                mine = services._service("http://127.0.0.1:9", "", 1.0, 1.0, 1, 1.0)
                self.assertIsNot(mine, service)

    def ended(self, child):
        """Returns a child's status once it has ended, which it has to soon."""
        for _ in range(600):
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                return status
            time.sleep(0.05)
        os.kill(child, signal.SIGKILL)
        return os.waitpid(child, 0)[1]


class CeleryTest(unittest.TestCase):
    """Which of the two gets a job; Celery itself is not here."""

    def give(self, conf, attempt):
        app = types.SimpleNamespace(conf=types.SimpleNamespace(**conf))
        with mock.patch.object(tasks, "current_app", app), \
                mock.patch.object(tasks, "attempt", attempt, create=True), \
                mock.patch.object(later._queue, "add") as added:
            later.add("reset", 1, "course")
        return added.call_count

    def test_celeryWithABroker_getsTheJob(self):
        attempt = mock.Mock()
        conf = {"broker_url": "redis://", "task_always_eager": False}
        self.assertEqual(self.give(conf, attempt), 0)
        (arguments,), options = attempt.apply_async.call_args
        self.assertEqual(arguments, ("reset", [1, "course"]))
        self.assertFalse(options["retry"])

    def test_celeryWithoutABroker_orInPlace_orAway_leavesItToTheProcess(self):
        for conf in ({"broker_url": None, "task_always_eager": False},
                     {"broker_url": "redis://", "task_always_eager": True}):
            self.assertEqual(self.give(conf, mock.Mock()), 1)
        away = mock.Mock()
        away.apply_async.side_effect = OSError
        with self.assertLogs("writebehind_lms.later", "WARNING"):
            self.assertEqual(
                self.give({"broker_url": "redis://", "task_always_eager": False}, away), 1)

    @unittest.skipUnless(tasks.current_app, "needs Celery")
    def test_job_isTriedAgainByARealWorker(self):
        from celery import Celery, _state
        from celery.contrib.testing.worker import start_worker

        answers, enough = [False, ValueError(), True], threading.Event()

        def run(name, arguments):
            self.assertEqual((name, arguments), ("reset", [1, "course"]))
            if len(answers) == 1:
                enough.set()
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        app = Celery("tests", broker="memory://", backend="cache+memory://")
        self.addCleanup(_state.set_default_app, _state.default_app)
        self.addCleanup(_state._set_current_app, _state._tls.current_app)
        app.set_default()
        with mock.patch.object(jobs, "run", run), mock.patch.object(later, "DELAYS", (0.01,) * 9), \
                start_worker(app, pool="solo", perform_ping_check=False, loglevel="CRITICAL"):
            later.add("reset", 1, "course")
            self.assertTrue(enough.wait(60))
            self.assertEqual(later.waiting(), 0)

    def test_jobs_areKnownByName(self):
        self.assertEqual(set(jobs._JOBS), {"announce", "reset"})
