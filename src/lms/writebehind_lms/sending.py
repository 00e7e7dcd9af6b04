"""Writes on their way to the service: what became of them, and who has to hear of it."""

import logging
from collections.abc import Mapping

from django.db import DatabaseError, Error, InterfaceError, OperationalError, connections
from django.utils.timezone import now

from . import direct, later, news, services, settings, table
from .services import Outcome
from .stamps import Taken

log = logging.getLogger(__name__)

# gone away, lost during a query, lost at a system error, closed for being idle
LOST = ((2006,), (2013,), (2055,), (4031,))
# too many connections, no access, no server: nothing was asked
UNCONNECTED = ((1040,), (1045,), (2002,), (2003,), (2005,))


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


class Failed(Exception):
    """A direct write has failed with an error.

    `since` is when the service, or the database, was first asked without a word of what became of
    it; None: neither has the writes.
    """

    def __init__(self, error, since):
        super().__init__(str(error))
        self.error = error
        self.since = since
        self.is_away = _is_lost(error) or error.args[:1] in UNCONNECTED


def send(manager, user, writes, write_directly, failed=None):
    """Sends writes to the service, or writes them directly where it does not take them.

    Where the database does not either, which `failed` tells, the service is asked once more: not to
    wait for the database then, if that is away.
    """
    is_announced = settings.current().is_announced
    started = now()
    result = services.of_user(user.pk).submit(
        [write.body(user.pk) for write in writes],
        "journal" if is_announced or failed and failed.is_away else "database",
        is_told=not is_announced, at_any_rate=failed is not None)
    before = failed and failed.since
    if result.stamps and not before:
        taken = [Taken(stamp) for stamp in result.stamps]
    else:
        taken = [Taken.after(before or started)] * len(writes)
    if is_announced and result.outcome in (Outcome.STORED, Outcome.KEPT):
        if before:  # it may be stored by this process, of which the service will not tell
            _announce_later(user, writes, taken, result.stamps)
        return unsaved(manager.model, user, writes, result.stamps or [started] * len(writes))
    if result.outcome is Outcome.STORED:
        return _stored(manager, user, writes, taken, result.stamps)
    if result.outcome is Outcome.KEPT:
        return _told(manager, user, writes, taken, [None] * len(writes), result.stamps)
    if result.outcome is Outcome.REFUSED:
        if not is_announced and len(writes) > 1:
            _announce_later(user, writes, taken)
        raise DatabaseError("the database refuses a completion for what it holds")
    if failed is not None:
        log.debug("neither the database nor the service took a completion: %s", result.detail)
        raise failed.error
    since = started if result.may_be_taken and not is_announced else None
    try:
        return _directly(write_directly, connections[table.database(manager)], since)
    except Failed as error:
        log.debug("neither the service (%s) nor the database: the former is asked once more",
                  result.detail, exc_info=True)
        return send(manager, user, writes, write_directly, error)


def _directly(write_directly, connection, since):
    """Writes directly, and once more if the connection was lost since it was last of use.

    What is found stored the second time may be of the first time, so that it is news.
    """
    for is_last in (False, True):
        began = now()
        try:
            with direct.writing(is_touching=True, since=since):
                return write_directly()
        except (InterfaceError, OperationalError) as error:
            if error.args[:1] not in UNCONNECTED:
                since = since or began
            if is_last or not _is_lost(error) or connection.in_atomic_block:
                raise Failed(error, since) from error
            log.debug("the connection was lost", exc_info=True)
            connection.close()


def _is_lost(error):
    return isinstance(error, InterfaceError) or error.args[:1] in LOST


def _stored(manager, user, writes, taken, receipts):
    try:
        rows = _fresh(manager.model, user, writes, table.database(manager), receipts)
    except Error as error:
        log.warning("Completions are stored, but can't be read, and are announced later: %s",
                    error)
        log.debug("why they can't be read", exc_info=True)
        rows = [None] * len(writes)
    return _told(manager, user, writes, taken, rows, receipts)


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


def _told(manager, user, writes, taken, rows, receipts):
    """Announces the rows, and has those that can't be seen yet announced when they can.

    `taken` is when the service has taken the writes, `receipts` what it says of that, if it does.
    """
    news_of, answers, unseen = [], [], []
    for write, time, row, receipt in zip(
            writes, taken, rows, receipts or [None] * len(writes)):
        is_new = is_changed = False
        if row is None:
            row = table.unsaved(manager.model, user, write, time.at)
            unseen.append((write, time, receipt))
        else:
            is_new, is_changed = time.is_new(row), time.is_change(row)
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


def _announce_later(user, writes, taken, receipts=()):
    for write, time, receipt in zip(writes, taken, receipts or [None] * len(writes)):
        later.add("announce", user.pk, write.course, write.block, write.value, time.at.isoformat(),
                  receipt and receipt.isoformat())
