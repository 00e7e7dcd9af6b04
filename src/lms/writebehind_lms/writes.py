"""The three methods that every completion goes through, by way of the service."""

import enum
import logging
from collections.abc import Mapping

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import (
    DatabaseError, Error, InterfaceError, OperationalError, connections, router, transaction)
from django.utils.timezone import now

from . import direct, later, news, services, settings, table
from .services import Outcome

log = logging.getLogger(__name__)
MOST_ID = 2**31 - 1
MOST_KEY = 255
KNOWN_FORMS = ("block-v1:", "ccx-block-v1:", "lib-block-v1:", "lb:", "i4x://", "aside-usage-v")


class Way(enum.Enum):
    """Where a write goes."""

    OFF = "the original method, as if this app were not there"
    NESTED = "within an original method"
    SHADOW = "directly, with a copy to a service"
    DIRECT = "directly, for the caller is in a transaction"
    ON_COMMIT = "to the service once the caller's transaction is committed"
    SERVICE = "to the service"


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


def submit(original, manager, user, block_key, completion):
    """Takes the place of `submit_completion`."""
    way = _way(manager)
    if way is Way.OFF:
        return original(manager, user, block_key, completion)

    def write_directly():
        return direct.submit(original, manager, user, block_key, completion)

    if way is Way.NESTED:
        return write_directly()
    done = _submit(manager, way, user, [(block_key, completion)], write_directly)
    return next(iter(done.items())) if isinstance(done, Mapping) else done


def submit_batch(original, manager, user, blocks):
    """Takes the place of `submit_batch_completion`."""
    way = _way(manager)
    if way in (Way.OFF, Way.NESTED):
        return original(manager, user, blocks)
    blocks = list(blocks)
    return _submit(manager, way, user, blocks, lambda: original(manager, user, blocks))


def clear(original, manager, user, context_key):
    """Takes the place of `clear_learning_context_completion`."""
    way = _way(manager)
    started = now()
    count = original(manager, user, context_key)
    if way not in (Way.OFF, Way.NESTED):
        field = manager.model._meta.get_field("context_key")
        course = field.get_prep_value(context_key)
        transaction.on_commit(
            lambda: _reset(way, user.pk, course, started), using=_database(manager))
    return count


def _way(manager):
    now_set = settings.current()
    if direct.is_writing():
        return Way.NESTED
    if not now_set.is_on or _is_elsewhere(manager):
        return Way.OFF
    if now_set.shadow:
        return Way.SHADOW
    if not _is_in_transaction(_database(manager)):
        return Way.SERVICE
    waits = now_set.is_announced and now_set.in_transaction == settings.ON_COMMIT
    return Way.ON_COMMIT if waits else Way.DIRECT


def _database(manager):
    return manager._db or router.db_for_write(manager.model)


def _is_elsewhere(manager):
    """Whether the manager is for other rows than the service writes."""
    is_related = hasattr(manager, "core_filters")
    return is_related or manager._db not in (None, router.db_for_write(manager.model))


def _is_in_transaction(using):
    connection = connections[using]
    if connection.in_atomic_block:
        return True
    if connection.connection is None:
        return not connection.settings_dict["AUTOCOMMIT"]
    return not connection.autocommit


def _is_tracking():
    from completion import waffle

    return waffle.ENABLE_COMPLETION_TRACKING_SWITCH.is_enabled()


def _submit(manager, way, user, blocks, write_directly):
    writes = _writes(manager.model, user, blocks)
    if way is Way.SHADOW:
        with direct.writing(is_touching=False):
            done = write_directly()
        if writes:
            transaction.on_commit(lambda: _copy(manager, user, writes), using=_database(manager))
        return done
    if not writes or way is Way.DIRECT or not _is_tracking():
        with direct.writing(is_touching=settings.current().is_announced):
            return write_directly()
    writes = [_valid(manager.model, write) for write in writes]
    if way is Way.ON_COMMIT:
        transaction.on_commit(
            lambda: _send(manager, user, writes, write_directly), using=_database(manager))
        return _unsaved(manager.model, user, writes, [now()] * len(writes))
    return _send(manager, user, writes, write_directly)


def _writes(model, user, blocks):
    """Returns the writes, or None if the original method has to say what is wrong with them."""
    if not isinstance(user, get_user_model()) or not _is_id(user.pk):
        return None
    course_text = model._meta.get_field("context_key").get_prep_value
    block_text = model._meta.get_field("block_key").get_prep_value
    writes = []
    try:
        for block_key, completion in blocks:
            context = block_key.context_key
            if not block_key.block_type or context.is_course and context.run is None:
                return None
            write = table.Write(
                block_key, completion, course_text(context), block_text(block_key))
            float(completion)
            if not write.course or max(map(len, write[2:])) > MOST_KEY:
                return None
            if not write.block.startswith(KNOWN_FORMS):  # the service could not tell its type
                return None
            writes.append(write)
    except (AttributeError, TypeError, ValueError):
        log.debug("left to the original method", exc_info=True)
        return None
    return writes


def _is_id(number):
    return isinstance(number, int) and 0 < number <= MOST_ID


def _valid(model, write):
    """Returns the write with a value that the field takes; upstream lets new rows have any."""
    try:
        value = model._meta.get_field("completion").clean(write.value, None)
    except ValidationError as error:
        raise ValidationError({"completion": error.error_list}) from error
    return write._replace(value=value)


def _send(manager, user, writes, write_directly, last_resort=None):
    """Sends writes to the service, or writes them directly where it does not take them.

    `last_resort` is the error of a direct write, after which the service is asked once more.
    """
    is_announced = settings.current().is_announced
    started = now()
    result = services.of_user(user.pk).submit(
        [write.body(user.pk) for write in writes], "journal" if is_announced else "database",
        at_any_rate=last_resort is not None)
    stamps = result.stamps or [started - direct.SKEW] * len(writes)
    if is_announced and result.outcome in (Outcome.STORED, Outcome.KEPT):
        return _unsaved(manager.model, user, writes, result.stamps or [started] * len(writes))
    if result.outcome is Outcome.STORED:
        return _stored(manager, user, writes, stamps)
    if result.outcome is Outcome.KEPT:
        return _told(manager, user, writes, stamps, [None] * len(writes))
    if result.outcome is Outcome.REFUSED:
        if not is_announced and len(writes) > 1:
            _announce_later(user, writes, stamps)
        raise DatabaseError("the database refuses a completion for what it holds")
    if last_resort is not None:
        raise last_resort
    since = started if result.may_be_taken and not is_announced else None
    try:
        with direct.writing(is_touching=True, since=since):
            return write_directly()
    except (InterfaceError, OperationalError) as error:
        log.debug("neither the service (%s) nor the database: the former is asked once more",
                  result.detail, exc_info=True)
        return _send(manager, user, writes, write_directly, error)


def _stored(manager, user, writes, stamps):
    try:
        rows = _found(manager.model, user, writes, _database(manager))
    except Error:
        log.warning("Completions are stored, but can't be read: they are announced later",
                    exc_info=True)
        rows = [None] * len(writes)
    return _told(manager, user, writes, stamps, rows)


def _found(model, user, writes, using):
    """Returns the rows, over a new connection if the one that was kept is no good any more."""
    try:
        return table.find(model, user, writes, using)
    except Error:
        log.debug("the rows could not be read", exc_info=True)
        connections[using].close_if_unusable_or_obsolete()
        return table.find(model, user, writes, using)


def _told(manager, user, writes, stamps, rows):
    """Announces the rows, and has those that can't be seen yet announced when they can."""
    news_of, answers, unseen = [], [], []
    for write, stamp, row in zip(writes, stamps, rows):
        is_new = is_changed = False
        if row is None:
            row = table.unsaved(manager.model, user, write, stamp)
            unseen.append((write, stamp))
        else:
            is_new, is_changed = row.created >= stamp, row.modified >= stamp
            if is_new:
                row.context_key, row.block_key = write.block_key.context_key, write.block_key
        news_of.append((row, is_new, is_changed))
        answers.append((row, is_new))
    if unseen:
        _announce_later(user, *zip(*unseen))
    news.announce_all(news_of, _database(manager))
    return Submitted(answers) if unseen else dict(answers)


def _unsaved(model, user, writes, stamps):
    return Submitted([(table.unsaved(model, user, write, stamp), False)
                      for write, stamp in zip(writes, stamps)])


def _announce_later(user, writes, stamps):
    for write, stamp in zip(writes, stamps):
        later.add("announce", user.pk, write.course, write.block, write.value, stamp.isoformat())


def _reset(way, user_id, course, started):
    if way is Way.SHADOW:
        services.shadow().reset(user_id, course)
    elif not services.of_user(user_id).reset(user_id, course):
        later.add("reset", user_id, course, started.isoformat())


def _copy(manager, user, writes):
    try:
        bodies = [_valid(manager.model, write).body(user.pk) for write in writes]
        services.shadow().submit(bodies, "journal")
    except Exception:  # pylint: disable=broad-except
        log.debug("no copy of a completion was sent", exc_info=True)
