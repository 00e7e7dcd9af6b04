"""When a write was taken, and what a row's times tell of it then."""

from datetime import datetime, timedelta
from typing import NamedTuple

SKEW = timedelta(seconds=5)
"""By so much the clocks of a service and of those who call it differ at the most."""


class Taken(NamedTuple):
    """The time at which a write was taken: exactly that, or not before that."""

    at: datetime
    is_exact: bool = True

    @classmethod
    def after(cls, asked):
        """Returns when a write was taken of which this process only knows when it asked."""
        return cls(asked - SKEW, False)

    def is_change(self, row):
        """Whether the row has changed since."""
        return row.modified >= self.at

    def is_new(self, row):
        """Whether the row was not there before.

        One that was changed after it was created, and created before this process asked, was there.
        Of one that is as it was created, within the clocks' difference, it is not known: yes, for
        then it is news that was told, and not other news.
        """
        if self.is_exact or row.created < self.at:
            return row.created >= self.at
        return row.created >= self.at + SKEW or row.modified == row.created
