"""The three methods that every completion goes through, by way of the service."""

import enum
import logging
from collections.abc import Mapping

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import connections, router, transaction
from django.utils.timezone import now

from . import direct, later, sending, services, settings, table

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
            lambda: _reset(way, user.pk, course, started), using=table.database(manager))
    return count


def _way(manager):
    now_set = settings.current()
    if direct.is_writing():
        return Way.NESTED
    if not now_set.is_on or _is_elsewhere(manager):
        return Way.OFF
    if now_set.shadow:
        return Way.SHADOW
    if not _is_in_transaction(table.database(manager)):
        return Way.SERVICE
    waits = now_set.is_announced and now_set.in_transaction == settings.ON_COMMIT
    return Way.ON_COMMIT if waits else Way.DIRECT


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
            transaction.on_commit(
                lambda: _copy(manager, user, writes), using=table.database(manager))
        return done
    if not writes or way is Way.DIRECT or not _is_tracking():
        with direct.writing(is_touching=settings.current().is_announced):
            return write_directly()
    writes = [_valid(manager.model, write) for write in writes]
    if way is Way.ON_COMMIT:
        transaction.on_commit(
            lambda: sending.send(manager, user, writes, write_directly),
            using=table.database(manager))
        return sending.unsaved(manager.model, user, writes, [now()] * len(writes))
    return sending.send(manager, user, writes, write_directly)


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
