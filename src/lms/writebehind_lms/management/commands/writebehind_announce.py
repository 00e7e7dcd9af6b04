"""`manage.py writebehind_announce`: tells the site of completions that the service wrote."""

import signal

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from writebehind_lms import settings
from writebehind_lms.announce import Worker
from writebehind_lms.outbox import Unfit


class Command(BaseCommand):
    """Announces the outbox's entries until SIGTERM or SIGINT; several may run at once."""

    help = (
        "Sends post_save and the tracking event for completions that the write-behind service wrote"
        " (openedx.announce). Runs until SIGTERM; several may run, a learner's news stay in order.")

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true",
                            help="announce what is there, then exit")
        parser.add_argument("--batch", type=int, metavar="N",
                            default=settings.current().announce_batch,
                            help="entries in one transaction (%(default)s)")
        parser.add_argument("--interval", type=float, default=0.5, metavar="SECONDS",
                            help="pause when there is nothing to do; up to four times that when"
                                 " there is nothing for long (%(default)s)")

    def handle(self, *, once, batch, interval, **options):
        if batch < 1 or interval <= 0:
            raise CommandError("--batch needs to be 1 or more, --interval more than 0")
        try:
            from completion.models import BlockCompletion
        except ImportError as error:
            raise CommandError("There is no package completion here: %s" % error) from error
        worker = Worker(BlockCompletion, batch, interval, say=self._say)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _: self._stop(worker, number))
        self._say("Announcing completions, %d a batch" % batch)
        try:
            worker.drain() if once else worker.run()
        except Unfit as error:
            raise CommandError(str(error)) from error
        except Error as error:
            raise CommandError("The database is away: %s" % error) from error
        finally:
            self._say("%s; errors of receivers: %s" % (
                worker.counts, dict(worker.receivers.errors) or "none"))

    def _stop(self, worker, number):
        """Ends after the entry at hand; a second signal ends at once."""
        signal.signal(number, signal.SIG_DFL)
        worker.stop()

    def _say(self, line):
        self.stdout.write(line)
        self.stdout.flush()
