"""The Django app, found by Open edX through the entry point `lms.djangoapp`."""

from django.apps import AppConfig


class WritebehindLmsConfig(AppConfig):
    """Takes over the writes of `BlockCompletion.objects` once all apps are loaded."""

    name = "writebehind_lms"
    verbose_name = "Completion write-behind"
    plugin_app = {}  # neither URLs nor settings of its own: the site's settings are all it reads

    def ready(self):
        from . import checks, hook

        checks.register()
        hook.install()
