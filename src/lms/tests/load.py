"""The load of a site in each mode: waits for user rows, times of calls, what the server does.

    python3 -m tests.load -- java -jar target/completion-writebehind.jar

WRITEBEHIND_LMS_DATABASE names a server that nobody else uses meanwhile, for its counters are read;
the account has to be allowed to switch on `trx_rw_commits` of information_schema.innodb_metrics.
Direct writes are to a table with the foreign key to the users, as Open edX has it. Meanwhile one
user row in five is held by somebody else, for seconds.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from urllib.parse import urlsplit

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MODES = ("direct", "committed", "announced")
COLUMNS = ("mode", "writes/s", "p50 ms", "p99 ms", "longest ms", "calls > 1 s", "errors",
           "lock waits", "statements/write", "commits/write", "log fsyncs/write")


def web(slot, options):
    """A web process: its learners' day, a call after the other; tells what each call took."""
    from . import standin

    standin.install()
    from completion.keys import UsageKey
    from completion.models import BlockCompletion
    from django.contrib.auth.models import User
    from django.db import close_old_connections

    users = list(User.objects.order_by("id"))[slot::options.web]
    choose = random.Random(slot)
    done = {user.pk: 0 for user in users}

    def key(number):
        return UsageKey.from_string("block-v1:O+Course+2026+type@problem+block@%032x" % number)

    def call():
        user, kind = choose.choice(users), choose.random()
        next_block = done[user.pk]
        if kind < 0.05:
            blocks = [(key(next_block + i), 1.0) for i in range(5)]
            BlockCompletion.objects.submit_batch_completion(user, blocks)
            done[user.pk] += 5
            return 5
        if kind < 0.75 or not next_block:
            BlockCompletion.objects.submit_completion(
                user, key(next_block), choose.choice((0.5, 1.0)))
            done[user.pk] += 1
        else:
            value = 1.0 if kind < 0.9 else choose.random()
            BlockCompletion.objects.submit_completion(
                user, key(choose.randrange(next_block)), value)
        return 1

    print("ready", flush=True)
    sys.stdin.readline()
    took, writes, errors = [], 0, 0
    counted = time.monotonic() + options.warm
    while time.monotonic() < counted + options.seconds:
        close_old_connections()
        begin = time.monotonic()
        written = 0
        try:
            written = call()
        except Exception as error:  # noqa: B902 it is counted
            errors += 1
            print(repr(error), file=sys.stderr)
        if begin >= counted:
            took.append(time.monotonic() - begin)
            writes += written
        time.sleep(choose.expovariate(1 / options.think))
    print(json.dumps({"took": took, "writes": writes, "errors": errors}))


class Holder:
    """Somebody who holds one user row in five, for some seconds each time. A thread of its own."""

    def __init__(self, hold):
        from django.contrib.auth.models import User
        from django.db import connections

        self._users = list(User.objects.values_list("id", flat=True))
        self._hold = hold
        self._ended = threading.Event()
        self._db = connections.create_connection("default")
        self._db.inc_thread_sharing()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def end(self):
        self._ended.set()
        self._thread.join()

    def _run(self):
        while not self._ended.is_set():
            held = random.sample(self._users, max(1, len(self._users) // 5))
            self._db.set_autocommit(False)
            with self._db.cursor() as cursor:
                cursor.execute("SELECT id FROM auth_user WHERE id IN (%s) FOR UPDATE"
                               % ", ".join(map(str, sorted(held))))
            self._ended.wait(self._hold)
            self._db.rollback()
            self._db.set_autocommit(True)
        self._db.close()


class Round:
    """A schema, the service if the mode needs one, web processes; a row of the table."""

    def __init__(self, mode, options, command, folder):
        self._mode = mode
        self._options = options
        self._environment = dict(os.environ)
        self._service = None
        if mode != "direct":
            from .rehearsal import RestartableService

            self._service = RestartableService(
                command, os.environ["WRITEBEHIND_LMS_DATABASE"], tempfile.mkdtemp(dir=folder))
            if mode == "announced":
                self._service.set(WRITEBEHIND_OPENEDX_ANNOUNCE="true")

    def run(self):
        processes, worker, holder = [], None, None
        if self._service:
            self._service.start()
            self._environment.update(COMPLETION_WRITEBEHIND_URL=self._service.url,
                                     COMPLETION_WRITEBEHIND_MODE=self._mode)
        try:
            if self._mode == "announced":
                worker = self._start(os.path.join(HERE, "tests", "standin", "manage.py"),
                                     "writebehind_announce")
            processes = [self._start("-m", "tests.load", "--slot", str(slot), *self._asked())
                         for slot in range(self._options.web)]
            for process in processes:
                process.stdout.readline()
            holder = Holder(self._options.hold) if self._options.hold else None
            for process in processes:
                process.stdin.write("go\n")
                process.stdin.flush()
            time.sleep(self._options.warm)
            before, begin = counters(), time.monotonic()
            told = [json.loads(process.communicate()[0]) for process in processes]
            seconds = time.monotonic() - begin
            if self._service:
                self._service.flush()
            return self._row(told, seconds, before, counters())
        finally:
            if holder:
                holder.end()
            for process in processes + ([worker] if worker else []):
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
                process.communicate()
            if self._service:
                self._service.stop()

    def _asked(self):
        return ["--web", str(self._options.web), "--seconds", str(self._options.seconds),
                "--think", str(self._options.think), "--warm", str(self._options.warm)]

    def _start(self, *arguments):
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=HERE, env=self._environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, universal_newlines=True)

    def _row(self, told, seconds, before, after):
        took = sorted(took for each in told for took in each["took"])
        writes = sum(each["writes"] for each in told) or 1
        delta = {name: after[name] - before[name] for name in after}
        return (
            self._mode, "%.0f" % (writes / seconds), "%.1f" % (1000 * took[len(took) // 2]),
            "%.0f" % (1000 * took[len(took) * 99 // 100]), "%.0f" % (1000 * took[-1]),
            sum(each > 1 for each in took), sum(each["errors"] for each in told),
            delta["Innodb_row_lock_waits"], "%.2f" % (delta["Questions"] / writes),
            "%.3f" % (delta["trx_rw_commits"] / writes),
            "%.3f" % (delta["Innodb_os_log_fsyncs"] / writes))


def counters():
    """The server's counters."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW GLOBAL STATUS WHERE Variable_name IN"
                       " ('Questions', 'Innodb_row_lock_waits', 'Innodb_os_log_fsyncs')")
        found = {name: int(value) for name, value in cursor.fetchall()}
        cursor.execute("SELECT name, count FROM information_schema.innodb_metrics"
                       " WHERE name = 'trx_rw_commits'")
        found.update((name, int(value)) for name, value in cursor.fetchall())
    found.setdefault("Innodb_os_log_fsyncs", 0)
    return found


def measure(mode, options, command, folder):
    """One round in a schema of its own; for a process of its own, for the settings are its."""
    from . import standin

    standin.install()
    from django.db import connection
    from tests.standin import database

    database.ensure_schema()
    try:
        database.create_tables()
        database.users(options.learners)
        with connection.cursor() as cursor:
            cursor.execute("SET GLOBAL innodb_monitor_enable = 'trx_rw_commits'")
        print(json.dumps(Round(mode, options, command, folder).run()))
    finally:
        database.drop_schema()


def control(options, command):
    """Every mode in turn, round by round."""
    server = urlsplit(os.environ["WRITEBEHIND_LMS_DATABASE"])
    folder = tempfile.mkdtemp(prefix="writebehind-load-")
    rows = [COLUMNS]
    try:
        for _ in range(options.rounds):
            for mode in options.modes.split(","):
                schema = "/wblms_load_%d_%s" % (os.getpid(), mode)
                environment = dict(
                    os.environ, WRITEBEHIND_LMS_DATABASE=server._replace(path=schema).geturl(),
                    WRITEBEHIND_LMS_USER_KEY="1" if mode == "direct" else "0")
                told = subprocess.run(
                    [sys.executable, "-m", "tests.load", "--mode", mode, "--folder", folder,
                     *options.given, "--", *command], cwd=HERE, env=environment, check=True,
                    stdout=subprocess.PIPE, universal_newlines=True).stdout
                rows.append(json.loads(told.strip().splitlines()[-1]))
                print(rows[-1], flush=True)
    finally:
        shutil.rmtree(folder)
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(COLUMNS))]
    for row in rows:
        print("  ".join(str(cell).rjust(width) for cell, width in zip(row, widths)))


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--web", type=int, default=16, help="web processes (%(default)s)")
    parser.add_argument("--learners", type=int, default=160)
    parser.add_argument("--seconds", type=float, default=10, help="of each round (%(default)s)")
    parser.add_argument("--warm", type=float, default=4, help="seconds before that (%(default)s)")
    parser.add_argument("--think", type=float, default=0.1, help="between calls (%(default)s)")
    parser.add_argument("--hold", type=float, default=4, help="of a user row; 0: none")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--modes", default=",".join(MODES))
    for hidden in ("--mode", "--folder", "--slot"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    split = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.parse_args(arguments[:split])
    options.given, command = arguments[:split], arguments[split + 1:]
    if options.slot:
        return web(int(options.slot), options)
    if options.mode:
        return measure(options.mode, options, command, options.folder)
    return control(options, command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
