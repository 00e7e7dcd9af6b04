"""The stand-in's app."""

from django.apps import AppConfig


class CompletionConfig(AppConfig):
    """Has the label that the real one has, which names its table."""

    name = "completion"
    label = "completion"
