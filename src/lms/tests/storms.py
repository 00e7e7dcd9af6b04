"""Kills and outages under the load of several writing processes, then a look at every key.

    python3 -m tests.storms --rounds 20 -- java -jar target/completion-writebehind.jar

with a database of which nothing matters in WRITEBEHIND_LMS_STORM_DATABASE. While the service or the
database lives, no caller may get an error; in the end every key has the value that was written
last, and that value was announced.
"""

import argparse
import json
import os
import random
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.request
from urllib.parse import urlsplit

KEYS = 25
VALUES = (0.0, 0.5, 1.0)
LISTENING = re.compile(r"Listening on (http://\S+:(\d+)), management on (http://[\d.]+:\d+)")
KINDS = ("the service killed", "the database away", "both away")


class Proxy:
    """Stands before the database; `away` cuts every connection and takes no new one."""

    def __init__(self, host, port):
        self._to = (host, port)
        self._is_away = False
        self._open = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def away(self):
        with self._lock:
            self._is_away = True
            for each in self._open:
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # its other end has gone already
            self._open.clear()

    def back(self):
        self._is_away = False

    def _accept(self):
        while True:
            client, _ = self._listener.accept()
            with self._lock:
                if self._is_away:
                    client.close()
                    continue
                server = socket.create_connection(self._to)
                self._open |= {client, server}
            for ends in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=ends, daemon=True).start()

    @staticmethod
    def _pump(source, target):
        try:
            while True:
                content = source.recv(65536)
                if not content:
                    break
                target.sendall(content)
        except OSError:
            pass  # cut, as is intended
        for each in (source, target):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # likewise


class Service:
    """The service in a process of its own, on one port and journal however often it is started."""

    def __init__(self, command, database, journal):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = "http://127.0.0.1:%d" % self.port
        self._command = command
        self._environment = dict(
            os.environ, WRITEBEHIND_DATABASE_URI=database, WRITEBEHIND_JOURNAL_DIR=journal,
            WRITEBEHIND_HTTP_PORT=str(self.port), WRITEBEHIND_MANAGEMENT_PORT="0")
        self._process = None
        self.management = None

    def start(self):
        self._process = subprocess.Popen(
            self._command, env=self._environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        printed = []
        for line in self._process.stdout:
            printed.append(line)
            match = LISTENING.search(line)
            if match:
                self.management = match.group(3)
                threading.Thread(target=self._process.stdout.read, daemon=True).start()
                return
        raise SystemExit("The service did not start:\n" + "".join(printed))

    def kill(self):
        self._process.kill()
        self._process.wait()

    def calm(self):
        """Waits until it answers at once several times in a row; a new process is slow at first."""
        quick, end = 0, time.time() + 30
        while quick < 5 and time.time() < end:
            began = time.time()
            try:
                urllib.request.urlopen(self.url + "/openapi.yaml", timeout=5).close()
                quick = quick + 1 if time.time() - began < 0.2 else 0
            except OSError:
                quick = 0
            time.sleep(0.1)

    def flush(self):
        for _ in range(60):
            try:
                request = urllib.request.Request(self.management + "/admin/flush", method="POST")
                urllib.request.urlopen(request, timeout=30).close()
                return
            except OSError:
                time.sleep(0.5)
        raise SystemExit("The service can't flush")


def storm(kind, service, proxy):
    """Makes a storm; returns when it began and when it was certainly over."""
    began = time.time()
    if kind != KINDS[0]:
        proxy.away()
    if kind != KINDS[1]:
        service.kill()
    time.sleep(1.0 if kind == KINDS[2] else random.uniform(0, 0.5))
    if kind == KINDS[1]:
        time.sleep(2.5)
    proxy.back()
    if kind != KINDS[1]:
        service.start()
        service.calm()
    ended = time.time() + 1
    time.sleep(1.5)
    return kind, began, ended


def control(options, command):
    """Runs the storms of each mode; returns an exit code."""
    database = os.environ["WRITEBEHIND_LMS_STORM_DATABASE"]
    parts = urlsplit(database)
    failed = False
    for mode in ("committed", "announced"):
        proxy = Proxy(parts.hostname, parts.port or 3306)
        via = "mysql://%s@127.0.0.1:%d%s" % (
            parts.netloc.rpartition("@")[0], proxy.port, parts.path)
        journal = tempfile.mkdtemp(prefix="writebehind-storm-")
        service = Service(command, via, journal)
        try:
            failed |= not weather(mode, options, service, proxy, via)
        finally:
            service.kill()
            shutil.rmtree(journal)
    return 1 if failed else 0


def weather(mode, options, service, proxy, database):
    """Runs the storms of a mode and judges what is left; returns whether all is well."""
    service.start()
    environment = dict(
        os.environ, WRITEBEHIND_LMS_DATABASE=database, COMPLETION_WRITEBEHIND_URL=service.url,
        COMPLETION_WRITEBEHIND_MODE=mode, COMPLETION_WRITEBEHIND_PAUSE="0.5",
        WRITEBEHIND_LMS_LOG=os.environ.get("WRITEBEHIND_LMS_LOG", "CRITICAL"))
    this = [sys.executable, "-m", "tests.storms"]
    subprocess.run(this + ["--prepare"], env=environment, check=True)
    writers = [
        subprocess.Popen(this + ["--writer", str(number)], env=environment, text=True,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for number in range(options.writers)]
    time.sleep(2)
    kinds = KINDS if mode == "committed" or options.rounds > 1 else KINDS[:1]
    storms = [storm(kind, service, proxy) for _ in range(options.rounds) for kind in kinds]
    for writer in writers:
        writer.stdin.close()
    time.sleep(1)
    service.flush()
    told = [json.loads(writer.stdout.read()) for writer in writers]
    service.flush()
    judged = subprocess.run(
        this + ["--judge", mode], env=environment, check=True, text=True, stdout=subprocess.PIPE,
        input=json.dumps({"told": told, "storms": storms}))
    result = json.loads(judged.stdout)
    print("%s: %d storms, %d writes, %d errors while one was there, %d while both were away,"
          " %d keys wrong, %d announcements missing, %d more than changes"
          % (mode, len(storms), result["writes"], len(result["errors"]), result["excused"],
             len(result["wrong"]), len(result["missing"]), result["more"]))
    for problem in (result["errors"] + result["wrong"] + result["missing"])[:10]:
        print("  ", problem)
    sys.stdout.flush()
    return not (result["errors"] or result["wrong"] or result["missing"])


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


def judge(mode):
    """Compares the table with what the writers were told."""
    from tests import standin

    standin.install()
    from completion.models import BlockCompletion

    given = json.load(sys.stdin)
    both = [(began, ended) for kind, began, ended in given["storms"] if kind == KINDS[2]]
    result = {"writes": 0, "errors": [], "excused": 0, "wrong": [], "missing": [], "more": 0}
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
            if rows.get(key) not in possible:
                result["wrong"].append("%s is %r, not one of %r" % (key, rows.get(key), possible))
            elif mode == "committed" and len(possible) == 1 and announced.get(key) != rows.get(key):
                result["missing"].append("%s is %r, announced was %r" % (
                    key, rows.get(key), announced.get(key)))
    print(json.dumps(result))


def prepare():
    """Creates the tables and as many learners as writers ever are."""
    from tests import standin

    standin.install()
    from tests.standin import database

    database.create_tables()
    database.empty_tables()
    database.users(16)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--writer", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--judge", help=argparse.SUPPRESS)
    split = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.parse_args(arguments[:split])
    if options.prepare:
        return prepare()
    if options.writer is not None:
        return write(options.writer)
    if options.judge:
        return judge(options.judge)
    return control(options, arguments[split + 1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
