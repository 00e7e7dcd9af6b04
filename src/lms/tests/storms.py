"""Kills and outages under the load of several writing processes, then a look at every key.

    python3 -m tests.storms --rounds 20 -- java -jar target/completion-writebehind.jar

with a database of which nothing matters in WRITEBEHIND_LMS_STORM_DATABASE; with the command of its
server (`--server "mysqld …"`) that is killed too, and not only cut off. While the service or the
database lives, no caller may get an error; in the end every key has the value that was written
last, and that value was announced: by the process that wrote it, or by the worker, which is killed
as well.
"""

import argparse
import json
import math
import os
import random
import select
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from urllib.parse import urlsplit

from .proxy import Proxy
from .storm_processes import Announcer, Server, Service

KEYS = 25
VALUES = (0.0, 0.5, 1.0)
SERVICE, AWAY, BOTH = "the service killed", "the database away", "both away"
MODES = ("committed", "announced")
KILLED, WORKER = "the database killed", "the worker killed"


class Weather:
    """A mode's storms, and the judgement of what is left."""

    def __init__(self, mode, options, command, folder):
        database = urlsplit(os.environ["WRITEBEHIND_LMS_STORM_DATABASE"])
        port = database.port or 3306
        self._mode = mode
        self._options = options
        self._server = Server(options.server, database.hostname, port)
        self._proxy = Proxy(database.hostname, port)
        uri = database._replace(
            netloc="%s@127.0.0.1:%d" % (database.netloc.rpartition("@")[0], self._proxy.port))
        self._service = Service(command, uri.geturl(), os.path.join(folder, "journal"))
        self._service.set(WRITEBEHIND_OPENEDX_ANNOUNCE="true")
        self._environment = dict(
            os.environ, WRITEBEHIND_LMS_DATABASE=uri.geturl(), COMPLETION_WRITEBEHIND_MODE=mode,
            COMPLETION_WRITEBEHIND_URL=self._service.url, COMPLETION_WRITEBEHIND_PAUSE="0.5",
            WRITEBEHIND_LMS_LOG=os.environ.get("WRITEBEHIND_LMS_LOG", "CRITICAL"))
        self._announcer = Announcer(self._environment, os.path.join(folder, "told"))

    def run(self):
        """Runs the storms; returns whether all is well."""
        self._server.start()
        try:
            self._this("--prepare")
            self._service.start()
            self._announcer.start()
            try:
                return self._weather()
            finally:
                self._announcer.kill()
                self._service.kill()
        finally:
            self._server.kill()

    def _weather(self):
        writers = [
            subprocess.Popen(
                self._command("--writer", str(number)), text=True, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, env=dict(
                    self._environment, WRITEBEHIND_LMS_KEPT=str(60 * (number % 2))))
            for number in range(self._options.writers)]
        time.sleep(2)
        kinds = [SERVICE, AWAY, BOTH, WORKER] + [KILLED] * self._server.is_ours
        storms, rounds, end = [], 0, time.time() + 60 * self._options.minutes
        while rounds < self._options.rounds and time.time() < end:
            storms += [self._storm(kind) for kind in kinds]
            rounds += 1
        for writer in writers:
            writer.stdin.close()
        time.sleep(1)
        self._service.flush()
        told = [json.loads(writer.stdout.read()) for writer in writers]
        self._service.flush()
        self._announcer.keep_up()
        judged = self._this("--judge", stdout=subprocess.PIPE, input=json.dumps({
            "told": told, "storms": storms, "file": self._announcer.file}))
        result = json.loads(judged.stdout)
        print("%s: %d storms (each kind %d times), %d writes, %d errors while one was there,"
              " %d while both were away, %d keys wrong, %d announcements missing, %d by the"
              " process, %d by the worker, %d more than changes"
              % (self._mode, len(storms), rounds, result["writes"],
                 len(result["errors"]), result["excused"], len(result["wrong"]),
                 len(result["missing"]), sum(len(writer["announced"]) for writer in told),
                 len(self._announcer.told()), result["more"]))
        for problem in (result["errors"] + result["wrong"] + result["missing"])[:10]:
            print("  ", problem)
        sys.stdout.flush()
        return not (result["errors"] or result["wrong"] or result["missing"])

    def _storm(self, kind):
        """Makes a storm; returns its kind, when it began and when it was certainly over."""
        began = time.time()
        if kind in (AWAY, BOTH):
            self._proxy.cut()
        if kind in (SERVICE, BOTH):
            self._service.kill()
        if kind == KILLED:
            self._server.kill()
        if kind == WORKER:
            self._announcer.kill()
        time.sleep({BOTH: 1, AWAY: 3}.get(kind, random.uniform(0, 0.5)))
        if kind == KILLED:
            self._server.start()
        self._proxy.join()
        if kind in (SERVICE, BOTH):
            self._service.start()
            self._service.calm()
        self._announcer.keep_up()
        ended = time.time() + 1
        time.sleep(1.5)
        return kind, began, ended

    @staticmethod
    def _command(*arguments):
        return [sys.executable, "-m", "tests.storms", *arguments]

    def _this(self, *arguments, **how):
        return subprocess.run(
            self._command(*arguments), env=self._environment, check=True, text=True, **how)


def control(options, command):
    """Runs the storms of the modes; returns an exit code."""
    failed = False
    for mode in options.mode or MODES:
        folder = tempfile.mkdtemp(prefix="writebehind-storm-")
        try:
            failed |= not Weather(mode, options, command, folder).run()
        finally:
            shutil.rmtree(folder)
    return 1 if failed else 0


def write(number):
    """Writes until the standard input ends, then tells what it was told."""
    from tests import standin

    standin.install()
    from completion.keys import UsageKey
    from completion.models import BlockCompletion
    from django.contrib.auth.models import User
    from django.db import close_old_connections
    from django.db.models.signals import post_save
    from writebehind_lms import later

    announced = []
    post_save.connect(
        lambda instance, **_: announced.append([str(instance.block_key), instance.completion]),
        sender=BlockCompletion, weak=False)
    user = User.objects.get(username="learner%d" % number)
    keys = [UsageKey.from_string("block-v1:O+C+R+type@html+block@%d-%d" % (number, each))
            for each in range(KEYS)]
    choice = random.Random(number)
    possible = {str(key): [None] for key in keys}
    errors, writes = [], 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        blocks = [(key, choice.choice(VALUES)) for key in choice.sample(
            keys, choice.choice((1, 1, 1, 5)))]
        close_old_connections()  # as each request does
        began = time.time()
        try:
            if len(blocks) == 1:
                BlockCompletion.objects.submit_completion(user, *blocks[0])
            else:
                BlockCompletion.objects.submit_batch_completion(user, blocks)
            writes += len(blocks)
            possible.update((str(key), [value]) for key, value in blocks)
        except Exception as error:  # pylint: disable=broad-except
            errors.append([began, time.time(), "".join(
                traceback.format_exception(type(error), error, error.__traceback__)[-12:])])
            for key, value in blocks:
                possible[str(key)].append(value)
        time.sleep(0.005)
    end = time.time() + 60
    while later.waiting() and time.time() < end:
        time.sleep(0.1)
    time.sleep(0.5)
    print(json.dumps({"user": user.pk, "writes": writes, "errors": errors, "possible": possible,
                      "announced": announced, "waiting": later.waiting()}))


def announce(file):
    """Announces what the service wrote, and appends what was told to the file."""
    from tests import standin

    standin.install()
    from completion.models import BlockCompletion
    from django.core.management import call_command
    from django.db.models.signals import post_save

    with open(file, "a", encoding="utf-8") as lines:
        def heard(instance, **_):
            lines.write(json.dumps([instance.user_id, str(instance.block_key),
                                    instance.completion]) + "\n")
            lines.flush()

        post_save.connect(heard, sender=BlockCompletion, weak=False)
        call_command("writebehind_announce", interval=0.1)


def judge():
    """Compares the table, and what was announced, with what the writers were told."""
    from tests import standin

    standin.install()
    from completion.models import BlockCompletion
    from tests.standin import database

    given = json.load(sys.stdin)
    database.wait_for_empty_outbox(60)
    by_worker, more = {}, 0
    for user, key, value in Announcer({}, given["file"]).told():
        more += by_worker.get((user, key)) == value
        by_worker[user, key] = value
    both = [(began, ended) for kind, began, ended in given["storms"] if kind == BOTH]
    result = {"writes": 0, "errors": [], "excused": 0, "wrong": [], "missing": [], "more": more}
    for told in given["told"]:
        result["writes"] += told["writes"]
        for began, ended, error in told["errors"]:
            if any(began < end and ended > begin for begin, end in both):
                result["excused"] += 1
            else:
                during = [kind for kind, begin, end in given["storms"]
                          if began < end and ended > begin]
                result["errors"].append("%s: %s" % (during or "between storms", error))
        rows = {str(row.block_key): row.completion
                for row in BlockCompletion.objects.filter(user=told["user"])}
        announced = {}
        for key, value in told["announced"]:
            result["more"] += announced.get(key) == value
            announced[key] = value
        for key, possible in told["possible"].items():
            value, last = rows.get(key), by_worker.get((told["user"], key))
            if value not in possible:
                result["wrong"].append("%s is %r, not one of %r" % (key, value, possible))
            elif len(possible) == 1 and value not in (announced.get(key), last):
                result["missing"].append("%s is %r, announced was %r, by the worker %r" % (
                    key, value, announced.get(key), last))
    print(json.dumps(result))


def prepare():
    """Creates the tables and as many learners as writers ever are."""
    from tests import standin

    standin.install()
    from tests.standin import database

    database.ensure_schema()
    database.create_tables(outbox=True)
    database.empty_tables()
    database.users(16)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=math.inf,
                        help="begin no round after so many minutes of a mode")
    parser.add_argument("--mode", choices=MODES, action="append", help="only this one")
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--server", help="the command of the database's server, to kill it too")
    parser.add_argument("--announcer", help=argparse.SUPPRESS)
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--writer", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--judge", action="store_true", help=argparse.SUPPRESS)
    split = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.parse_args(arguments[:split])
    if options.prepare:
        return prepare()
    if options.writer is not None:
        return write(options.writer)
    if options.announcer:
        return announce(options.announcer)
    if options.judge:
        return judge()
    return control(options, arguments[split + 1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
