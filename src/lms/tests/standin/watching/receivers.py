"""Receivers that gate and aggregate, and write down what they heard."""

import datetime
import json
import os
import threading
import time

from completion.models import BlockCompletion
from django.db import Error, connections, transaction
from django.db.models.signals import post_delete, post_save

from .models import Stale

EPOCH = datetime.datetime(1970, 1, 1)


class Watcher:
    """The receivers. Safe for any thread."""

    def __init__(self, path):
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._own = threading.local()

    def connect(self):
        post_save.connect(self.hear, sender=BlockCompletion, weak=False)
        post_delete.connect(self.mark, sender=BlockCompletion, weak=False)

    def mark(self, instance, **_):
        Stale.objects.create(user_id=instance.user_id)

    def hear(self, instance, created, **named):
        self.mark(instance)
        told = {"row": instance.pk, "user": instance.user_id, "block": str(instance.block_key),
                "value": instance.completion, "modified": instance.modified.timestamp(),
                "new": created}
        transaction.on_commit(lambda: self._gate(told))

    def _gate(self, told):
        """Looks with a connection of its own, as a task in another process does."""
        found = self._read(told["row"])
        told.update(at=time.time(), pid=os.getpid(), found=found is not None,
                    fresh=found is not None and found >= told["modified"])
        os.write(self._file, (json.dumps(told) + "\n").encode())

    def _read(self, row):
        other = getattr(self._own, "connection", None)
        if other is None:
            other = self._own.connection = connections.create_connection("default")
        try:
            return self._modified(other, row)
        except Error:
            other.close()
            return self._modified(other, row)

    @staticmethod
    def _modified(other, row):
        with other.cursor() as cursor:
            cursor.execute("SELECT modified FROM completion_blockcompletion WHERE id = %s", [row])
            found = cursor.fetchone()
        return found and (found[0] - EPOCH).total_seconds()
