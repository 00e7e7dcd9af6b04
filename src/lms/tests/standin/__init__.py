"""A site small enough for tests: Django, users, and a package `completion` like Open edX's.

No code here is taken from Open edX. Names, signatures and exceptions are theirs, so that what
is tested against this works against the real package.
"""

import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.dirname(os.path.dirname(FOLDER))


def install():
    """Makes this process such a site; may be called as often as one likes."""
    for folder in (SOURCES, FOLDER):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "standin_settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
