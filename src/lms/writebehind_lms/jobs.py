"""What has to be done although it could not be done at once; arguments are texts and numbers."""

import datetime
import logging

from django.db import router

from . import news, services, settings
from .stamps import Taken

log = logging.getLogger(__name__)


def run(name, arguments):
    """Tries a job; returns whether it is done."""
    return _JOBS[name](*arguments)


def _announce(user_id, course, block, value, stamp, receipt):
    """Announces a completion that was kept, once its row is there.

    The service has taken it at `stamp` or later, and at `receipt` at the latest; None: it did not
    say. A row from between the two may be the one before, unless it has the value.
    """
    rows, using = _rows()
    row = rows.filter(user_id=user_id, context_key=course, block_key=block).first()
    if row is None:
        return False
    taken = Taken(datetime.datetime.fromisoformat(stamp), stamp == receipt)
    if not taken.is_change(row):
        return row.completion == value  # an equal value changes nothing, and is no news
    is_certain = receipt and row.modified >= datetime.datetime.fromisoformat(receipt)
    if not is_certain and row.completion != value:
        return False
    try:
        news.announce(row, taken.is_new(row), using)
    except Exception:  # pylint: disable=broad-except
        log.exception("A receiver failed for a completion that is stored")
    return True


def _reset(user_id, course, at):
    """Resets a course, late, at a service that could not be told when the rows were deleted.

    What the learner has done since then stays: the service undoes what it received before.
    """
    if not settings.current().urls:
        return True
    return services.of_user(user_id).reset(user_id, course, before=at)


def _rows():
    from completion.models import BlockCompletion

    using = router.db_for_write(BlockCompletion)
    return BlockCompletion._base_manager.using(using), using


_JOBS = {"announce": _announce, "reset": _reset}
