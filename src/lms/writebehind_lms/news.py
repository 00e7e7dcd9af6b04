"""The news of a row: the signals that its own save would have sent, and the tracking event."""

import logging

from django.db.models.signals import post_save, pre_save

log = logging.getLogger(__name__)
CHANGED = frozenset({"completion", "modified"})


def announce(row, is_new, using):
    """Sends `pre_save` and `post_save` of a row that is committed."""
    named = {
        "instance": row,
        "raw": False,
        "using": using,
        "update_fields": None if is_new else CHANGED,
    }
    pre_save.send(sender=type(row), **named)
    post_save.send(sender=type(row), created=is_new, **named)


def announce_all(rows, using):
    """Announces every (row, is new, is changed), whatever a receiver raises; then raises its first.

    Each row is in the table for good, so that all of them have to be told, though upstream would
    have stopped at the first one.
    """
    first = None
    for row, is_new, is_changed in rows:
        try:
            if is_new or is_changed:
                announce(row, is_new, using)
            row.emit_tracking_log()
        except Exception as error:  # pylint: disable=broad-except
            if first is None:
                first = error
            else:
                log.exception("A receiver failed for a completion that is stored")
    if first is not None:
        raise first
