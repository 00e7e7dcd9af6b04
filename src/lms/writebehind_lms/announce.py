"""Announcements: what Open edX's receivers hear of completions that the service wrote.

Each entry of the outbox becomes `pre_save`, `post_save` and a tracking event, after the commit of
its row and in the order of a learner's commits, at least once: a worker that is killed leaves its
entries to the next one. What is announced is the row as it is by then.
"""

import copy
import functools
import logging
import queue
import time
from collections import Counter
from typing import Callable, List

from django.db import Error, InterfaceError, OperationalError, connections, router
from django.db.models.signals import post_save, pre_save

from . import between
from .news import CHANGED
from .outbox import Entry, Outbox

log = logging.getLogger(__name__)

PASSING = (OperationalError, InterfaceError)
"""Errors that another try may not meet: deadlocks, time-outs, a lost connection."""
TRIES = 3
CHUNK = 100
FRESH = 0.05
"""Rows are read ahead for that many entries, and for that many seconds."""


class Receivers:
    """The site's receivers of the signals and its tracking log; what one raises harms no other."""

    def __init__(self, model, alias, pause: Callable[[float], object] = time.sleep,
                 clock: Callable[[], float] = time.monotonic):
        self._model = model
        self._alias = alias
        self._pause = pause
        self._clock = clock
        self._told = {}
        self.errors = Counter()

    def tell(self, row, is_new: bool) -> None:
        """Tells all of them; raises only when the database is away, for then nobody could hear."""
        news = {"instance": row, "update_fields": None if is_new else CHANGED, "raw": False,
                "using": self._alias}
        self._send(pre_save, news)
        self._send(post_save, dict(news, created=is_new))
        emit = getattr(row, "emit_tracking_log", None)
        if emit is not None:
            self._first("emit_tracking_log", emit)
        self._leave_no_transaction()

    def _send(self, signal, news):
        for receiver, call in _receivers(signal, self._model):
            self._first(_name(receiver), functools.partial(
                call, signal=signal, sender=self._model, **news))

    def _first(self, name, call):
        try:
            call()
        except Exception as error:  # noqa: B902 whatever a site's code raises
            self._again(name, error, call)

    def _again(self, name, error, call):
        for tried in range(1, TRIES):
            if not isinstance(error, PASSING):
                break
            self.reconnect()
            self._pause(0.1 * tried)
            try:
                call()
                return
            except Exception as another:  # noqa: B902
                error = another
        if isinstance(error, PASSING):
            self.reconnect()
        self._failed(name, error)

    def _failed(self, name, error):
        """Logs a receiver's first failure at once, and then how many once a minute."""
        self.errors[name] += 1
        now = self._clock()
        if now - self._told.get(name, now - 60) >= 60:
            self._told[name] = now
            log.error("%s failed (%d so far); the others were told: %r",
                      name, self.errors[name], error, exc_info=error)
        else:
            log.debug("%s failed again", name, exc_info=error)

    def reconnect(self) -> None:
        """Replaces a connection that is no good any more; raises when none can be had."""
        connection = connections[self._alias]
        if connection.connection is not None and not connection.is_usable():
            between.close(self._alias)
        connections[self._alias].ensure_connection()

    def _leave_no_transaction(self):
        connection = connections[self._alias]
        if connection.connection is not None and not connection.get_autocommit():
            log.error("A receiver left a transaction open; it is rolled back")
            between.close(self._alias)


class Counts:
    """What a worker has done so far."""

    def __init__(self):
        self.batches = self.announced = self.gone = 0

    def __str__(self):
        return "%d announced in %d batches, %d of rows that are gone" % (
            self.announced, self.batches, self.gone)


class Stop:
    """A stop that is asked for once, and pauses that end with it.

    Safe for any thread, and in a signal's handler, which may interrupt this very code: nothing here
    holds a lock in Python, as `threading.Event` does.
    """

    def __init__(self):
        self.is_asked = False
        self._wake = queue.SimpleQueue()

    def ask(self) -> None:
        """Asks for it, and ends the pause under way."""
        self.is_asked = True
        self._wake.put(None)

    def pause(self, seconds: float) -> None:
        """Waits for so long, or until the stop."""
        if not self.is_asked:
            try:
                self._wake.get(timeout=seconds)
            except queue.Empty:
                pass


class Worker:
    """Takes entries, announces them, removes them; until it is told to stop.

    Confined to one thread, but for `stop`.
    """

    def __init__(self, model, batch: int = 500, interval: float = 0.5, seconds: float = 10.0,
                 say: Callable[[str], object] = log.info):
        self._model = model
        self._alias = router.db_for_write(model)
        self._batch = batch
        self._interval = interval
        self._seconds = seconds
        self._say = say
        self._outbox = Outbox(self._alias)
        self._more = False
        self._stop = Stop()
        self.receivers = Receivers(model, self._alias, self._stop.pause)
        self.counts = Counts()

    def stop(self) -> None:
        """Ends the work after the entry at hand. Safe for any thread, and in a signal's handler."""
        self._stop.ask()

    def run(self) -> None:
        """Works until it is stopped, through outages of the database."""
        pause, away = self._interval, 0.0
        while not self._stop.is_asked:
            try:
                done = self.work()
            except Error as error:
                if not away:
                    self._say("The database refused, trying again until it works: %s" % error)
                log.debug("no batch", exc_info=error)
                away = min(max(0.5, away * 2), 15.0)
                self._stop.pause(away)
                continue
            if away:
                self._say("The database works again")
                away = 0.0
            pause = self._interval if done else min(pause * 2, self._interval * 4)
            if not (self._more and done):
                self._stop.pause(pause)
        self.close()

    def drain(self) -> None:
        """Works until nothing is left that it may take; raises when the database is away."""
        while not self._stop.is_asked and self.work():
            pass
        self.close()

    def work(self) -> int:
        """Announces one batch; answers how many entries it removed."""
        between.forget_the_last()
        done: List[int] = []
        try:
            entries = self._outbox.take(self._batch, max(1, self._batch // 4))
            if entries:
                self.receivers.reconnect()
                self._announce(entries, done)
        except Error:
            self._save(done)
            raise
        self._more = self._outbox.more or len(done) < len(entries)
        if entries:
            self._outbox.finish(done)
            self.counts.batches += 1
        else:
            self._outbox.release()
        return len(done)

    def close(self) -> None:
        """Closes the worker's own connection."""
        self._outbox.close()

    def _announce(self, entries: List[Entry], done: List[int]):
        until = time.monotonic() + self._seconds
        while len(done) < len(entries):
            chunk = entries[len(done):len(done) + CHUNK]
            read = time.monotonic()
            rows = self._rows({entry.completion_id for entry in chunk})
            for entry in chunk:
                self._tell(entry, rows.get(entry.completion_id))
                done.append(entry.id)
                if self._stop.is_asked or time.monotonic() > until:
                    return
                if time.monotonic() > read + FRESH:
                    break

    def _tell(self, entry, row):
        if row is None:
            self.counts.gone += 1
        else:
            self.receivers.tell(copy.copy(row), entry.is_new)
            self.counts.announced += 1

    def _rows(self, ids):
        """These rows as they are now, by id; without those that cannot be read."""
        rows = self._model._base_manager.using(self._alias).prefetch_related("user")
        try:
            return rows.in_bulk(ids)
        except Error:
            raise
        except Exception as error:  # noqa: B902 one bad key must not stop the others
            if len(ids) == 1:
                log.error("Completion %d cannot be read: %r", *ids, error, exc_info=error)
                return {}
            return {id: row for one in ids for id, row in self._rows({one}).items()}

    def _save(self, done):
        """Removes what was announced before the database went, if that can be."""
        try:
            if done:
                self._outbox.finish(done)
        except Error as error:
            log.debug("%d entries will be announced again", len(done), exc_info=error)
        self._outbox.close()


def _receivers(signal, sender):
    """Returns each receiver, and how it is called.

    `send_robust` would log every failure by itself, and fails for a receiver without a name.
    """
    live = signal._live_receivers(sender)
    if isinstance(live, tuple):  # since Django 5.0: those that are called, and those awaited
        from asgiref.sync import async_to_sync

        called, awaited = live
        return ([(receiver, receiver) for receiver in called]
                + [(receiver, async_to_sync(receiver)) for receiver in awaited])
    return [(receiver, receiver) for receiver in live]


def _name(receiver):
    module = getattr(receiver, "__module__", type(receiver).__module__)
    return "%s.%s" % (module, getattr(receiver, "__qualname__", type(receiver).__qualname__))
