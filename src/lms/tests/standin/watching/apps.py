"""The watching plugin's app."""

import os

from django.apps import AppConfig


class WatchingConfig(AppConfig):
    """Connects the receivers, if there is a file to write to."""

    name = "watching"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        path = os.environ.get("WATCHING_FILE")
        if path:
            from .receivers import Watcher

            Watcher(path).connect()
