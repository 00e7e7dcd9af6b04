"""The aggregating plugin's process: adds up the rows of stale learners, until it is told to end."""

import signal
import threading

from completion.models import BlockCompletion
from django.db import Error, close_old_connections
from django.db.models import Count, Sum

from .models import Stale, Sums


def aggregate():
    """Adds up every learner that was marked before this; answers how many."""
    stale = list(Stale.objects.filter(resolved=False).values_list("id", "user_id"))
    for user in {user for _, user in stale}:
        Sums.objects.update_or_create(user_id=user, defaults=of_table(user))
    Stale.objects.filter(id__in=[id for id, _ in stale]).update(resolved=True)
    return len(stale)


def of_table(user):
    """A learner's sums as the table has them."""
    sums = BlockCompletion.objects.filter(user=user).aggregate(
        count=Count("id"), total=Sum("completion"))
    return {"count": sums["count"], "total": sums["total"] or 0.0}


def wrong(users):
    """The learners whose sums are not what the table says."""
    kept = {sums.user_id: (sums.count, round(sums.total, 6)) for sums in Sums.objects.all()}
    return [user for user in users if kept.get(user, (0, 0.0)) != _plain(of_table(user))]


def _plain(sums):
    return sums["count"], round(sums["total"], 6)


def run(interval=0.3):
    """Aggregates until SIGTERM."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    while not ended.wait(interval):
        close_old_connections()
        try:
            aggregate()
        except Error as error:
            print("no aggregation: %s" % error)
