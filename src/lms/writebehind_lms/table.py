"""The rows of completions as the service has left them."""

from typing import NamedTuple

from django.db import router
from django.utils.timezone import now

CHUNK = 500


class Write(NamedTuple):
    """A value for a block, with the keys as the table has them."""

    block_key: object
    value: float
    course: str
    block: str

    def body(self, user_id):
        """Returns the write as the service takes it."""
        return {
            "user_id": user_id,
            "course_key": self.course,
            "block_key": self.block,
            "completion": self.value,
        }


def database(manager):
    """Returns the alias of the database that a manager writes to."""
    return manager._db or router.db_for_write(manager.model)


def find(model, user, writes, using):
    """Returns the row of each write, or None where there is none: one SELECT for each course."""
    found = {}
    for course in {write.course for write in writes}:
        blocks = sorted({write.block for write in writes if write.course == course})
        for start in range(0, len(blocks), CHUNK):
            rows = model._base_manager.using(using).filter(
                user_id=user.pk, context_key=course, block_key__in=blocks[start:start + CHUNK])
            found.update(((course, _text(row)), row) for row in rows)
    _find_other_spellings(model, user, writes, using, found)
    for row in found.values():
        if row is not None:
            row.user = user
    return [found[write.course, write.block] for write in writes]


def _find_other_spellings(model, user, writes, using, found):
    """The table's collation may know a row by another spelling than the caller's."""
    by_fold = {(course, block.casefold()): row for (course, block), row in found.items()}
    for write in writes:
        if (write.course, write.block) not in found:
            row = by_fold.get((write.course, write.block.casefold()))
            if row is None:
                row = model._base_manager.using(using).filter(
                    user_id=user.pk, context_key=write.course, block_key=write.block).first()
            found[write.course, write.block] = row


def _text(row):
    return row._meta.get_field("block_key").get_prep_value(row.block_key)


def unsaved(model, user, write, stamp):
    """Returns an object of a write that is kept, but not known to be in the table."""
    at = stamp or now()
    return model(
        user=user, context_key=write.block_key.context_key, block_key=write.block_key,
        block_type=write.block_key.block_type, completion=write.value, created=at, modified=at)


def touch(row):
    """Gives a row whose value was equal a new time, so that nothing older can win any more."""
    at = now()
    rows = type(row)._base_manager.using(row._state.db)
    if rows.filter(pk=row.pk, modified=row.modified).update(modified=at):
        row.modified = at
