"""What the tests of the app have in common: a site, a learner, and ears."""

import unittest

from . import standin

standin.install()

from django.db import connection  # noqa: E402
from django.db.models.signals import post_save, pre_save  # noqa: E402
from django.test.utils import CaptureQueriesContext, override_settings  # noqa: E402

from completion import tracking  # noqa: E402
from completion.keys import UsageKey  # noqa: E402
from completion.models import BlockCompletion  # noqa: E402
from tests.standin import database  # noqa: E402
from writebehind_lms import hook, services  # noqa: E402

COURSE = "course-v1:O+C+R"


def block(name):
    """Returns the key of a block of the course."""
    return UsageKey.from_string("block-v1:O+C+R+type@problem+block@" + name)


class Heard:
    """What receivers and the tracking log were told, in order, and what they then saw."""

    def __init__(self):
        self.told = []
        self.failing = set()

    def before(self, instance, update_fields, **_):
        self.told.append(("pre_save", str(instance.block_key), instance.completion,
                          update_fields and sorted(update_fields)))

    def after(self, instance, created, update_fields, using, raw, **_):
        seen = BlockCompletion.objects.filter(pk=instance.pk).values_list("completion", flat=True)
        self.told.append(("post_save", str(instance.block_key), instance.completion, created,
                          update_fields and sorted(update_fields), using, raw, list(seen)))
        if str(instance.block_key) in self.failing:
            raise LookupError("a receiver fails")

    def tracked(self, name, data):
        self.told.append(("tracked", data["block_id"], data["completion"], data["block_type"]))

    def signals(self):
        """Returns block, value and whether it is new of each `post_save`."""
        return [(told[1], told[2], told[3]) for told in self.told if told[0] == "post_save"]

    def events(self):
        """Returns block and value of each tracking event."""
        return [told[1:3] for told in self.told if told[0] == "tracked"]


class SiteTest(unittest.TestCase):
    """A test with empty tables, a learner, and receivers that remember."""

    def setUp(self):
        database.ensure_schema()
        database.create_tables()
        database.empty_tables()
        self.user = database.users(1)[0]
        self.heard = Heard()
        pre_save.connect(self.heard.before, sender=BlockCompletion)
        post_save.connect(self.heard.after, sender=BlockCompletion)
        tracking.listeners.append(self.heard.tracked)
        self.addCleanup(pre_save.disconnect, self.heard.before, sender=BlockCompletion)
        self.addCleanup(post_save.disconnect, self.heard.after, sender=BlockCompletion)
        self.addCleanup(tracking.listeners.remove, self.heard.tracked)
        services.forget()
        hook.install()

    def set(self, **settings):
        """Sets `COMPLETION_WRITEBEHIND_*` for the rest of the test."""
        named = {"COMPLETION_WRITEBEHIND_" + name: value for name, value in settings.items()}
        overridden = override_settings(**named)
        overridden.enable()
        self.addCleanup(overridden.disable)

    def row(self, name="a"):
        """Returns the row of a block, or None."""
        return BlockCompletion.objects.filter(block_key=block(name)).first()

    def store(self, value, name="a", at=None):
        """Has a row there, as it was left earlier, without anybody hearing of it."""
        BlockCompletion.objects.bulk_create([BlockCompletion(
            user=self.user, context_key=block(name).context_key, block_key=block(name),
            block_type="problem", completion=value)])
        if at is not None:
            BlockCompletion.objects.filter(block_key=block(name)).update(created=at, modified=at)
        return self.row(name)


def counted():
    """Counts the statements of Django's connection in a `with` block."""
    return CaptureQueriesContext(connection)
