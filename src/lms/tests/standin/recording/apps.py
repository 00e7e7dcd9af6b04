"""The recording plugin's app."""

import json
import os
import time

from django.apps import AppConfig


class RecordingConfig(AppConfig):
    """Connects the receiver, if there is a file to record to."""

    name = "recording"

    def ready(self):
        path = os.environ.get("RECORDING_FILE")
        if path:
            Recorder(path, float(os.environ.get("RECORDING_SECONDS", "0"))).connect()


class Recorder:
    """Appends each post_save and tracking event to a file that several processes share."""

    def __init__(self, path, seconds):
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._seconds = seconds

    def connect(self):
        from completion import tracking
        from completion.models import BlockCompletion
        from django.db.models.signals import post_save

        post_save.connect(self.hear, sender=BlockCompletion, weak=False)
        tracking.listeners.append(self.track)

    def hear(self, sender, instance, created, update_fields, raw, using, **_):
        self._write({
            "what": "post_save", "row": instance.pk, "user": instance.user_id, "new": created,
            "value": instance.completion, "fields": sorted(update_fields or ()), "raw": raw,
            "using": using,
        })
        if self._seconds:
            time.sleep(self._seconds)

    def track(self, name, data):
        self._write({"what": "event", "user": data["user_id"], "block": data["block_id"],
                     "value": data["completion"]})

    def _write(self, line):
        line.update(pid=os.getpid(), at=time.time())
        os.write(self._file, (json.dumps(line) + "\n").encode())
