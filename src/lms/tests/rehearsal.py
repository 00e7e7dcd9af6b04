"""The rehearsal of a site: every way of writing after the other and back, under load.

    python3 -m tests.rehearsal -- java -jar target/completion-writebehind.jar

WRITEBEHIND_LMS_DATABASE names a server on which two schemas are created and dropped again. Web
processes are replaced one by one at each step, as a site does it, and the service is restarted
under them. A plugin that gates and one that aggregates check themselves meanwhile; in the end every
row, and what was heard of it, is compared with what was written.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from urllib.parse import urlsplit

from .rehearsal_judge import Judge
from .storm_processes import Service

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class RestartableService(Service):
    """A service that ends in order, and tells how long it takes."""

    def stop(self):
        """Ends it in order: what it was given is in the table."""
        began = time.monotonic()
        self._process.terminate()
        self._process.wait(timeout=120)
        print("  the service ended within %.1f s" % (time.monotonic() - began), flush=True)

    def start(self):
        began = time.monotonic()
        super().start()
        print("  the service started within %.1f s" % (time.monotonic() - began), flush=True)


class Site:
    """The processes of a site: web processes, workers, and the aggregating plugin's."""

    def __init__(self, folder, web):
        self.calls = os.path.join(folder, "calls")
        self.heard = os.path.join(folder, "heard")
        self._environment = dict(
            os.environ, REHEARSAL_CALLS=self.calls, WATCHING_FILE=self.heard,
            WRITEBEHIND_LMS_APPS="watching")
        self._web = [None] * web
        self._others = []

    def roll(self, step, **settings):
        """Replaces the web processes one by one."""
        for slot, old in enumerate(self._web):
            if old is not None:
                _end(old)
            self._web[slot] = self._start(
                ["-m", "tests.rehearsal_web", step, str(slot), str(len(self._web))],
                "ready", **settings)

    def halt(self):
        """Ends the web processes."""
        for slot, old in enumerate(self._web):
            if old is not None:
                _end(old)
            self._web[slot] = None

    def start_worker(self):
        manage = os.path.join(HERE, "tests", "standin", "manage.py")
        return self._keep(self._start(
            [manage, "writebehind_announce", "--interval", "0.1"], "Announcing"))

    def start_aggregation(self):
        code = ("from tests import standin; standin.install();"
                "from watching import aggregate; print('ready', flush=True); aggregate.run()")
        return self._keep(self._start(["-c", code], "ready", WATCHING_FILE=""))

    def end(self, process):
        self._others.remove(process)
        return _end(process)

    def kill(self, process):
        self._others.remove(process)
        process.kill()
        process.communicate()

    def end_all(self):
        self.halt()
        for process in list(self._others):
            self.end(process)

    def _keep(self, process):
        self._others.append(process)
        return process

    def _start(self, arguments, sign, **settings):
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=HERE, env=dict(self._environment, **settings),
            stdout=subprocess.PIPE, universal_newlines=True)
        line = process.stdout.readline()
        if not line.startswith(sign):
            raise SystemExit("%s did not start: %s" % (arguments, line))
        return process


def _end(process):
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=60)
    return said.strip()


class Rehearsal:
    """The steps, in their order."""

    def __init__(self, options, command, folder):
        database = os.environ["WRITEBEHIND_LMS_DATABASE"]
        self._seconds = options.seconds
        self._site = Site(folder, options.web)
        self._service = RestartableService(command, database, os.path.join(folder, "journal"))
        self._shadow = RestartableService(
            command, database + "_shadow", os.path.join(folder, "journal-of-shadow"))
        self.judge = Judge(self._site.calls, self._site.heard)

    def run(self):
        self._site.start_aggregation()
        try:
            for step in (self._direct, self._shadowed, self._committed, self._announcing,
                         self._announced, self._committed_again, self._off):
                self.judge.begins(step.__name__.strip("_"))
                step(step.__name__.strip("_"))
            self._site.halt()
        finally:
            self._site.end_all()
        return self.judge.verdict()

    def _load(self, step, **settings):
        self._site.roll(step, **settings)
        time.sleep(self._seconds)

    def _direct(self, step):
        self._load(step)

    def _shadowed(self, step):
        self._shadow.start()
        self._site.roll(step, COMPLETION_WRITEBEHIND_SHADOW=self._shadow.url,
                        COMPLETION_WRITEBEHIND_FAILURES="1000")
        since = time.time()
        time.sleep(self._seconds)
        self._site.halt()
        self._shadow.flush()
        self._shadow.stop()
        self.judge.compare_shadow(since)

    def _committed(self, step):
        self._service.start()
        self._load(step, COMPLETION_WRITEBEHIND_URL=self._service.url)

    def _announcing(self, step):
        """The service begins to fill the outbox, before anybody relies on it."""
        self._service.stop()
        self._service.set(WRITEBEHIND_OPENEDX_ANNOUNCE="true").start()
        self._workers = [self._site.start_worker() for _ in range(2)]
        time.sleep(self._seconds)

    def _announced(self, step):
        self._load(step, COMPLETION_WRITEBEHIND_URL=self._service.url,
                   COMPLETION_WRITEBEHIND_MODE="announced")
        print("  a worker is replaced:", self._site.end(self._workers.pop()))
        self._workers.append(self._site.start_worker())
        self._site.kill(self._workers.pop(0))
        self._workers.append(self._site.start_worker())
        time.sleep(self._seconds / 2)

    def _committed_again(self, step):
        self._site.roll(step, COMPLETION_WRITEBEHIND_URL=self._service.url)
        self._service.stop()
        self._service.set(WRITEBEHIND_OPENEDX_ANNOUNCE="false").start()
        self.judge.wait_for_empty_outbox()
        for worker in self._workers:
            print("  a worker ends:", self._site.end(worker))
        time.sleep(self._seconds)

    def _off(self, step):
        self._site.roll(step)
        self._service.flush()
        self._service.stop()
        time.sleep(self._seconds)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=6, help="load of each step (%(default)s)")
    parser.add_argument("--web", type=int, default=4, help="web processes (%(default)s)")
    parser.add_argument("--learners", type=int, default=24)
    split = arguments.index("--") if "--" in arguments else len(arguments)
    options = parser.parse_args(arguments[:split])
    command = arguments[split + 1:]
    if not command or not os.environ.get("WRITEBEHIND_LMS_DATABASE"):
        parser.error("needs WRITEBEHIND_LMS_DATABASE, and the service's command after --")
    server = urlsplit(os.environ["WRITEBEHIND_LMS_DATABASE"])
    schema = "wblms_rehearsal_%d" % os.getpid()
    os.environ["WRITEBEHIND_LMS_DATABASE"] = server._replace(path="/" + schema).geturl()
    os.environ["WRITEBEHIND_LMS_APPS"] = "watching"
    folder = tempfile.mkdtemp(prefix="writebehind-rehearsal-")
    rehearsal = Rehearsal(options, command, folder)
    rehearsal.judge.create_schemas(options.learners)
    try:
        return 0 if rehearsal.run() else 1
    finally:
        rehearsal.judge.drop_schemas()
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
