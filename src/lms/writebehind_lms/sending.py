"""Writes on their way to the service: what became of them, and who has to hear of it."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, Optional

from django.db import DatabaseError, Error, InterfaceError, OperationalError, connections
from django.utils.timezone import now

from . import direct, later, news, services, settings, table
from .services import Outcome

log = logging.getLogger(__name__)

# gone away, lost during a query, lost at a system error, closed for being idle
LOST = ((2006,), (2013,), (2055,), (4031,))


class Submitted(Mapping):
    """Objects that are not known to be saved, so that they have no hash; found by what they are."""

    def __init__(self, pairs):
        self._pairs = {id(row): (row, is_new) for row, is_new in pairs}

    def __getitem__(self, row):
        return self._pairs[id(row)][1]

    def __iter__(self):
        return (row for row, _ in self._pairs.values())

    def __len__(self):
        return len(self._pairs)


class Failed(NamedTuple):
    """A direct write's error, and since when the service may have the writes; None: it has not."""

    error: Exception
    since: Optional[datetime]


def send(manager, user, writes, write_directly, failed=None):
    """Sends writes to the service, or writes them directly where it does not take them.

    Where the database does not either, which `failed` tells, the service is asked once more.
    """
    is_announced = settings.current().is_announced
    started = now()
    result = services.of_user(user.pk).submit(
        [write.body(user.pk) for write in writes], "journal" if is_announced else "database",
        at_any_rate=failed is not None)
    since = (failed and failed.since) or started
    stamps = result.stamps if since is started else ()
    stamps = stamps or [since - direct.SKEW] * len(writes)
    if is_announced and result.outcome in (Outcome.STORED, Outcome.KEPT):
        return unsaved(manager.model, user, writes, result.stamps or [started] * len(writes))
    if result.outcome is Outcome.STORED:
        return _stored(manager, user, writes, stamps, result.stamps)
    if result.outcome is Outcome.KEPT:
        return _told(manager, user, writes, stamps, [None] * len(writes), result.stamps)
    if result.outcome is Outcome.REFUSED:
        if not is_announced and len(writes) > 1:
            _announce_later(user, writes, stamps, [None] * len(writes))
        raise DatabaseError("the database refuses a completion for what it holds")
    if failed is not None:
        raise failed.error
    since = started if result.may_be_taken and not is_announced else None
    try:
        with direct.writing(is_touching=True, since=since):
            return _directly(write_directly, connections[table.database(manager)])
    except (InterfaceError, OperationalError) as error:
        log.debug("neither the service (%s) nor the database: the former is asked once more",
                  result.detail, exc_info=True)
        return send(manager, user, writes, write_directly, Failed(error, since))


def _directly(write_directly, connection):
    """Writes directly, and once more if the connection was lost since it was last of use."""
    try:
        return write_directly()
    except (InterfaceError, OperationalError) as error:
        is_lost = isinstance(error, InterfaceError) or error.args[:1] in LOST
        if not is_lost or connection.in_atomic_block:
            raise
        log.debug("the connection was lost", exc_info=True)
        connection.close()
        return write_directly()


def _stored(manager, user, writes, stamps, receipts):
    try:
        rows = _fresh(manager.model, user, writes, table.database(manager), receipts)
    except Error:
        log.warning("Completions are stored, but can't be read: they are announced later",
                    exc_info=True)
        rows = [None] * len(writes)
    return _told(manager, user, writes, stamps, rows, receipts)


def _fresh(model, user, writes, using, receipts):
    """Returns the rows as the writes left them, or None for one that shows what was before.

    A connection may show that for good, one that was lost and is another now, or for a moment, one
    to another node of a cluster.
    """
    rows = _found(model, user, writes, using)
    if any(_is_stale(*each) for each in zip(rows, writes, receipts)):
        connections[using].close()
        rows = _found(model, user, writes, using)
    return [None if _is_stale(*each) else each[0]
            for each in zip(rows, writes, receipts or [None] * len(writes))]


def _is_stale(row, write, receipt):
    return (row is not None and receipt is not None and row.modified < receipt
            and row.completion != write.value)


def _found(model, user, writes, using):
    """Returns the rows, over a new connection if the one that was kept is no good any more."""
    try:
        return table.find(model, user, writes, using)
    except Error:
        log.debug("the rows could not be read", exc_info=True)
        connections[using].close_if_unusable_or_obsolete()
        return table.find(model, user, writes, using)


def _told(manager, user, writes, stamps, rows, receipts):
    """Announces the rows, and has those that can't be seen yet announced when they can.

    `stamps` are the earliest at which the service may have taken the writes, `receipts` those at
    which it says that it has, if it says so.
    """
    news_of, answers, unseen = [], [], []
    for write, stamp, row, receipt in zip(
            writes, stamps, rows, receipts or [None] * len(writes)):
        is_new = is_changed = False
        if row is None:
            row = table.unsaved(manager.model, user, write, stamp)
            unseen.append((write, stamp, receipt))
        else:
            is_new, is_changed = row.created >= stamp, row.modified >= stamp
            if is_new:
                row.context_key, row.block_key = write.block_key.context_key, write.block_key
        news_of.append((row, is_new, is_changed))
        answers.append((row, is_new))
    if unseen:
        _announce_later(user, *zip(*unseen))
    news.announce_all(news_of, table.database(manager))
    return Submitted(answers) if unseen else dict(answers)


def unsaved(model, user, writes, stamps):
    return Submitted([(table.unsaved(model, user, write, stamp), False)
                      for write, stamp in zip(writes, stamps)])


def _announce_later(user, writes, stamps, receipts):
    for write, stamp, receipt in zip(writes, stamps, receipts):
        later.add("announce", user.pk, write.course, write.block, write.value, stamp.isoformat(),
                  receipt and receipt.isoformat())
