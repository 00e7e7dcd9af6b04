"""Jobs that are tried again until they are done: by Celery where the site has it, else by a thread.

The thread's jobs end with their process: it tries each once more then, and logs what is lost.
"""

import atexit
import heapq
import itertools
import logging
import os
import threading
import time

from . import between, jobs

log = logging.getLogger(__name__)
MOST_JOBS = 10_000
LAST_SECONDS = 3.0
DELAYS = (1, 2, 4, 8, 15, 30) + (60,) * 60


class Queue:
    """A bounded queue of jobs with a thread of its own, started by the first one.

    Safe for any thread.
    """

    def __init__(self, run=jobs.run, delays=DELAYS, most=MOST_JOBS, clock=time.monotonic):
        self._run = run
        self._delays = delays
        self._most = most
        self._clock = clock
        self._due = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._thread = None
        self.pid = os.getpid()

    def __len__(self):
        return len(self._due)

    def add(self, name, arguments, delay=None, attempt=0):
        """Has a job tried after that many seconds."""
        delay = self._delays[attempt] if delay is None else delay
        with self._changed:
            if len(self._due) >= self._most:
                log.error("A job %s is lost: %d others wait already", name, self._most)
                return
            entry = (self._clock() + delay, next(self._order), name, arguments, attempt)
            heapq.heappush(self._due, entry)
            self._changed.notify()
            self._ensure_thread()

    def finish(self, seconds):
        """Tries every job once more, for so long at most; returns how many are not done."""
        with self._changed:
            left, self._due[:] = [entry[2:4] for entry in sorted(self._due)], []
        end = self._clock() + seconds
        return sum(not (self._clock() < end and self._is_done(*job)) for job in left)

    def _ensure_thread(self):
        if self._thread is not None and self._thread.is_alive():
            return
        thread = threading.Thread(target=self._work, name="writebehind later", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no more threads, or the interpreter is ending: the next job tries it
            log.error("There is no thread for the jobs that wait, %d of them", len(self._due),
                      exc_info=True)
            return
        self._thread = thread

    def _work(self):
        while True:
            with self._changed:
                while not self._due or self._due[0][0] > self._clock():
                    self._changed.wait(self._due[0][0] - self._clock() if self._due else None)
                _, _, name, arguments, attempt = heapq.heappop(self._due)
            self._try(name, arguments, attempt)

    def _is_done(self, name, arguments):
        try:
            between.forget_the_last()
            return self._run(name, arguments)
        except Exception:  # pylint: disable=broad-except
            log.debug("a job %s failed", name, exc_info=True)
            return False
        finally:
            between.close_connections()

    def _try(self, name, arguments, attempt):
        if self._is_done(name, arguments):
            return
        if attempt + 1 < len(self._delays):
            self.add(name, arguments, attempt=attempt + 1)
        else:
            log.error("A job %s is given up after %d tries", name, len(self._delays))


_queue = Queue()


def add(name, *arguments, delay=None):
    """Has a job tried until it is done."""
    if not _give_to_celery(name, arguments, delay):
        _own().add(name, arguments, delay)


def waiting():
    """Returns how many jobs this process has waiting."""
    return len(_own())


def _own():
    """Returns this process's queue, not a parent's, whose thread did not come along.

    uWSGI forks without telling Python, unless it is told to.
    """
    if _queue.pid != os.getpid():
        _start_anew()
    return _queue


def _give_to_celery(name, arguments, delay):
    from . import tasks

    if not tasks.is_usable():
        return False
    try:
        tasks.attempt.apply_async(
            (name, list(arguments)), countdown=DELAYS[0] if delay is None else delay, retry=False)
        return True
    except Exception:  # pylint: disable=broad-except
        log.warning("Celery takes no job: this process tries it by itself", exc_info=True)
        return False


def _start_anew():
    global _queue
    _queue = Queue()


def _end():
    lost = _own().finish(LAST_SECONDS) + waiting()
    if lost:
        log.error("%d jobs of this process are lost with it", lost)


os.register_at_fork(after_in_child=_start_anew)
atexit.register(_end)
