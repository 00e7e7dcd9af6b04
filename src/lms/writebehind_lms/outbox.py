"""The outbox: what a worker takes from it, and the order that several workers keep.

Its entries are written by the service, in the transaction that wrote the completions. Ids of one
learner's entries are in the order of their commits; ids of several learners' need not be.
"""

from collections import Counter
from typing import Iterable, List, NamedTuple, Set

from django.db import Error, NotSupportedError, connections

TABLE = "completion_writebehind_outbox"
LOOKS = 20
"""How often a worker looks further for learners that nobody holds, before it takes what it has."""
FORGOTTEN_AFTER = 300
"""Seconds until the server gives up a silent worker, and what it holds comes free."""

_MISSING = (
    "The table %s is not there: nothing tells of completions. Set openedx.announce: true in the"
    " service's configuration, run its `migrate` (or leave database.migrate on), and check that"
    " service and LMS use the same schema." % TABLE)
_OLD = (
    "This database has no FOR UPDATE SKIP LOCKED: the worker needs MySQL 8.0 or MariaDB 10.6, or"
    " later. With an older one use COMPLETION_WRITEBEHIND_MODE = 'committed'.")
_DENIED = (
    "The LMS's database account may not take entries: GRANT SELECT, DELETE ON %s to it." % TABLE)
_UNFIT = {1146: _MISSING, 1064: _OLD, 1044: _DENIED, 1142: _DENIED, 1143: _DENIED}


class Unfit(Exception):
    """A database that no waiting makes fit; the text says what to do."""


class Entry(NamedTuple):
    """News of one row: a flush inserted it, or changed it."""

    id: int
    completion_id: int
    user_id: int
    is_new: bool


class Outbox:
    """Entries taken in one transaction, on a database connection that nobody else uses.

    They are held until `finish` or `release`; what a killed worker held comes free with its
    connection. Confined to one thread.
    """

    def __init__(self, alias: str):
        self.more = False
        self._db = connections.create_connection(alias)

    def take(self, limit: int, share: int) -> List[Entry]:
        """Up to `limit` entries by id, at most `share` a learner, none of which overtakes another.

        A learner whose older entries another worker holds is left for later, and so is the rest of
        one who has more than the share; others' entries come forward instead. `more` then tells
        whether there was more to take.
        """
        self._open()
        self.more = False
        taken, own, closed = [], set(), set()
        after = 0
        for _ in range(LOOKS):
            wanted = limit - len(taken)
            seen = self._claim(wanted, after, closed)
            own.update(entry.id for entry in seen)
            taken += self._in_order(seen, own, closed, share, taken)
            self.more = self.more or len(seen) >= wanted
            if len(seen) < wanted or len(taken) >= limit:
                break
            after = seen[-1].id
        return sorted(taken)

    def finish(self, ids: Iterable[int]) -> None:
        """Removes these entries and gives up the others that were taken.

        When the transaction was lost meanwhile, another one does it: they were announced.
        """
        ids = list(ids)
        try:
            self._remove(ids)
        except Error:
            self.close()
            self._open()
            self._remove(ids)

    def release(self) -> None:
        """Gives up all that was taken."""
        if self._db.connection is not None:
            self._db.rollback()

    def close(self) -> None:
        """Closes the connection, whatever state it is in; the next call opens another."""
        try:
            self._db.close()
        except Error:
            self._db.connection = None

    def _open(self):
        if self._db.connection is not None:
            return
        if self._db.vendor != "mysql":
            raise Unfit("The outbox is a table of MySQL or MariaDB, and this database is neither.")
        try:
            self._db.ensure_connection()
            self._db.set_autocommit(True)
            self._rows("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
            self._rows("SET SESSION wait_timeout = %d" % FORGOTTEN_AFTER)
            self._db.set_autocommit(False)
            self._rows("SELECT id FROM %s ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED" % TABLE)
            self._db.rollback()
        except NotSupportedError as error:
            raise Unfit(str(error)) from error
        except BaseException:
            self.close()
            raise

    def _claim(self, limit, after, closed: Set[int]) -> List[Entry]:
        sql = "SELECT id, completion_id, user_id, is_new FROM %s WHERE id > %%s" % TABLE
        values = [after]
        if closed:
            sql += " AND user_id NOT IN (%s)" % _marks(closed)
            values += closed
        rows = self._rows(sql + " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED", values + [limit])
        return [Entry(id, row, user, bool(is_new)) for id, row, user, is_new in rows]

    def _in_order(self, seen, own, closed, share, taken) -> List[Entry]:
        if not seen:
            return []
        held = self._held_elsewhere(seen, own)
        counts = Counter(entry.user_id for entry in taken)
        good = []
        for entry in seen:
            user = entry.user_id
            if entry.id > held.get(user, entry.id):
                closed.add(user)
            elif user not in closed and counts[user] >= share:
                closed.add(user)
                self.more = True
            if user not in closed:
                counts[user] += 1
                good.append(entry)
        return good

    def _held_elsewhere(self, seen, own):
        """The oldest entry of each of these learners that is there and not this worker's."""
        users = {entry.user_id for entry in seen}
        older = self._rows(
            "SELECT id, user_id FROM %s WHERE id < %%s AND user_id IN (%s) ORDER BY id DESC"
            % (TABLE, _marks(users)), [seen[-1].id, *users])
        return {user: id for id, user in older if id not in own}

    def _remove(self, ids):
        if ids:
            self._rows("DELETE FROM %s WHERE id IN (%s)" % (TABLE, _marks(ids)), ids)
        self._db.commit()

    def _rows(self, sql, values=()):
        try:
            with self._db.cursor() as cursor:
                cursor.execute(sql, list(values))
                return cursor.fetchall() if cursor.description else ()
        except Error as error:
            advice = _UNFIT.get(error.args[0] if error.args else None)
            if advice:
                raise Unfit(advice) from error
            raise


def _marks(values):
    return ", ".join(["%s"] * len(values))
