"""The HTTP client of the service's native API."""

import functools
import http.client
import io
import json
import os
import select
import socket
import threading
import time
from typing import NamedTuple
from urllib.parse import quote, urlsplit


class Unanswered(Exception):
    """There was no whole answer in time; `sent` is whether the service may have taken it."""

    def __init__(self, cause, sent):
        super().__init__("%s: %s" % (type(cause).__name__, cause))
        self.sent = sent


class Answer(NamedTuple):
    """An answer's status and JSON object, empty if it has none; and if it was asked twice."""

    status: int
    body: dict
    is_second: bool = False


class Client:
    """Keeps one connection alive for each process and thread.

    Safe for any thread, and across forks: a child makes connections of its own.
    """

    def __init__(self, url, token="", connect_timeout=0.25, timeout=2.0, clock=time.monotonic):
        parts = urlsplit(url)
        self.url = url
        secure = parts.scheme == "https"
        self._make = functools.partial(
            _HttpsConnection if secure else _HttpConnection,
            parts.hostname, parts.port)
        self._prefix = parts.path
        self._headers = {"Accept": "application/json"}
        if token:
            self._headers["Authorization"] = "Bearer " + token
        self._connect_timeout = connect_timeout
        self._timeout = timeout
        self._clock = clock
        self._own = threading.local()

    def submit(self, writes, ack, is_told=False):
        """Sends writes, and waits until they are in the journal or the database.

        With `is_told` the caller tells of its rows itself, so that the service need not.
        """
        single = len(writes) == 1
        body = "\n".join(json.dumps(write, separators=(",", ":")) for write in writes)
        kind = "application/json" if single else "application/x-ndjson"
        target = "/v1/completions?ack=%s&return=stamps" % ack
        if is_told:
            target += "&announce=false"
        return self._exchange("POST", target, body.encode("ascii"), kind)

    def reset(self, user_id, course_key, before=None):
        """Sends the reset of a learner's course, of what was received before a moment if one is given."""
        target = "/v1/users/%d/completions?course_key=%s" % (user_id, quote(course_key, safe=""))
        if before is not None:
            target += "&before=" + quote(before, safe="")
        return self._exchange("DELETE", target, None, None)

    def is_reachable(self):
        """Whether something answers as the service would."""
        try:
            return self._exchange("GET", "/openapi.yaml", None, None).status == 200
        except Unanswered:
            return False

    def close(self):
        """Closes this thread's connection."""
        connection = getattr(self._own, "connection", None)
        self._own.connection = None
        if connection is not None:
            connection.close()

    def _exchange(self, method, target, body, kind):
        deadline = self._clock() + self._timeout
        headers = dict(self._headers, **({"Content-Type": kind} if kind else {}))
        sent = False
        try:
            while True:
                connection, is_reused = self._connection(deadline)
                is_second, sent = sent, True
                try:
                    answer = self._once(connection, deadline, method, target, body, headers)
                    return answer._replace(is_second=is_second)
                except ConnectionError:
                    self.close()
                    if not is_reused:
                        raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise Unanswered(error, sent) from error
        except BaseException:  # a time limit of the caller's: half an answer must not be left over
            self.close()
            raise

    def _connection(self, deadline):
        if getattr(self._own, "pid", None) != os.getpid():
            self.close()
            self._own.pid = os.getpid()
        connection = self._own.connection
        if connection is not None and connection.sock is not None and _is_idle(connection.sock):
            return connection, True
        self.close()
        connection = self._make(timeout=min(self._connect_timeout, self._left(deadline)))
        self._own.connection = connection
        connection.connect()
        return connection, False

    def _once(self, connection, deadline, method, target, body, headers):
        left = self._left(deadline)
        wait = max(1, int(1000 * (left - min(0.5, left / 4))))
        separator = "&" if "?" in target else "?"
        if method != "GET":
            target += "%stimeout=%dms" % (separator, wait)
        connection.sock.settimeout(left)
        connection.response_class = functools.partial(_Response, left=lambda: self._left(deadline))
        connection.request(method, self._prefix + target, body, headers)
        response = connection.getresponse()
        content = response.read()
        return Answer(response.status, _json_object(response, content))

    def _left(self, deadline):
        left = deadline - self._clock()
        if left <= 0:
            raise socket.timeout("no answer within %g s" % self._timeout)
        return left


def _is_idle(sock):
    """Whether nothing has come over a kept connection since its last answer, nor its end."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return not poll.poll(0)


def _json_object(response, content):
    if "json" not in response.headers.get("Content-Type", ""):
        return {}
    body = json.loads(content.decode("utf-8"))
    return body if isinstance(body, dict) else {}


class _Closing:
    """Closes itself when its thread, or its service, is no more."""

    def __del__(self):
        self.close()


class _HttpConnection(_Closing, http.client.HTTPConnection):
    """A plain connection."""


class _HttpsConnection(_Closing, http.client.HTTPSConnection):
    """An encrypted connection."""


class _Response(http.client.HTTPResponse):
    """An answer that has to be read within a time, however slowly it drips."""

    def __init__(self, sock, *args, left, **named):
        super().__init__(_Timed(sock, left), *args, **named)


class _Timed(io.RawIOBase):
    """A socket's bytes, each read of which waits no longer than what is left."""

    def __init__(self, sock, left):
        self._sock = sock
        self._left = left
        self._raw = sock.makefile("rb", buffering=0)

    def makefile(self, mode):
        return io.BufferedReader(self)

    def readable(self):
        return True

    def readinto(self, buffer):
        self._sock.settimeout(self._left())
        return self._raw.readinto(buffer)

    def close(self):
        self._raw.close()
        super().close()
