"""Direct writes: the original methods, and what has to come after them."""

import threading
from contextlib import contextmanager

from django.utils.timezone import now

from . import news, table
from .stamps import Taken


class _Current(threading.local):
    """How this thread writes directly at present."""

    is_direct = False
    is_touching = False
    since = None


_current = _Current()


def is_writing():
    """Whether an original method is running: what it calls is direct as well."""
    return _current.is_direct


@contextmanager
def writing(is_touching, since=None):
    """Has what is written within be direct.

    With `is_touching` a row whose value is equal gets a new `modified`: something older may still
    be under way to it. With `since`, the time at which a service was asked that has not answered,
    such a row is announced if it may be that service that has changed it.
    """
    before = dict(_current.__dict__)
    _current.is_direct, _current.is_touching, _current.since = True, is_touching, since
    try:
        yield
    finally:
        _current.__dict__.clear()
        _current.__dict__.update(before)


def submit(original, manager, user, block_key, completion):
    """Writes one value by the original method."""
    started = now()
    row, is_new = original(manager, user, block_key, completion)
    if is_new or row.modified >= started:
        return row, is_new
    taken = _current.since and Taken.after(_current.since)
    is_news = taken is not None and taken.is_change(row)
    is_new = is_news and taken.is_new(row)
    if _current.is_touching:
        table.touch(row)
    if is_news:
        news.announce(row, is_new, row._state.db)
    return row, is_new
