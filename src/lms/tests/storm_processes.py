"""Processes that storms kill: the service, the database's server, the worker that announces."""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

LISTENING = re.compile(r"Listening on (http://\S+:(\d+)), management on (http://[\d.]+:\d+)")


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

    def set(self, **settings):
        """Sets variables of its environment for its next start; returns the service."""
        self._environment.update(settings)
        return self

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


class Server:
    """The database's server, if its command is given; else it is somebody else's, and stays."""

    def __init__(self, command, host, port):
        self._command = shlex.split(command or "")
        self._address = (host, port)
        self._process = None

    @property
    def is_ours(self):
        """Whether it may be killed."""
        return bool(self._command)

    def start(self):
        """Starts it, and waits until it takes connections; once more if it ends at once."""
        if not self.is_ours:
            return
        for _ in range(3):
            with tempfile.TemporaryFile("w+") as said:
                self._process = subprocess.Popen(
                    self._command, stdout=said, stderr=subprocess.STDOUT, text=True)
                if self._takes_connections():
                    return
                self.kill()
                said.seek(0)
                last = said.read()[-2000:]
            time.sleep(1)
        raise SystemExit("The database does not start: %s\n%s" % (self._command, last))

    def _takes_connections(self):
        end = time.time() + 60
        while self._process.poll() is None and time.time() < end:
            try:
                socket.create_connection(self._address, timeout=1).close()
                return True
            except OSError:
                time.sleep(0.1)
        return False

    def kill(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Announcer:
    """A worker of the LMS that tells the news, and leaves a line of what it told in a file.

    A line may be there twice, but none is lost with a worker that is killed.
    """

    def __init__(self, environment, file):
        self.file = file
        self._environment = environment
        self._process = None

    def start(self):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.storms", "--announcer", self.file],
            env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self):
        self._process.kill()
        self._process.wait()

    def keep_up(self):
        """Starts it anew if it has ended, as whoever supervises it would."""
        if self._process.poll() is not None:
            self.start()

    def told(self):
        """Returns what it has told, as (user, key, value), in order."""
        if not os.path.exists(self.file):
            return []
        with open(self.file, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines if line.endswith("\n")]
