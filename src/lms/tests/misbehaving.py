"""A server in place of the service that answers as a test wants it, or not at all."""

import json
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

PROBLEM = "urn:completion-writebehind:"


class Request(NamedTuple):
    """What came, and over which connection."""

    method: str
    target: str
    headers: dict
    body: str
    connection: tuple

    def writes(self):
        """Returns the writes in the body."""
        return [json.loads(line) for line in self.body.splitlines()]


class _Quiet(ThreadingHTTPServer):
    """Says nothing of clients that have gone."""

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Server:
    """Answers with the next of `answers`, of which the last goes on for ever. Loopback only."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        self.ended = threading.Event()
        self._http = _Quiet(("127.0.0.1", 0), self._handler())
        self.port = self._http.server_address[1]
        self.url = "http://127.0.0.1:%d" % self.port
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self):
        """Ends it, and whatever still waits in it."""
        self.ended.set()
        self._http.shutdown()
        self._http.server_close()

    def _next(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def _handler(server):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                request = Request(self.command, self.path, dict(self.headers),
                                  self.rfile.read(length).decode(), self.client_address)
                server.requests.append(request)
                server._next()(self, request, server)

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *_):
                pass

        return Handler


def answer(status, body=None, kind="application/json", close=False):
    """Answers so; with `close` the connection ends, but the answer does not say so."""

    def give(handler, request, server):
        content = json.dumps(body or {}).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)
        handler.close_connection = close

    return give


def taken(status=200, stamps=None, close=False):
    """Takes the writes, with those stamps if there are any."""

    def give(handler, request, server):
        count = 1 if request.method == "DELETE" else len(request.writes())
        body = {"accepted": count}
        if stamps:
            body["stamps"] = texts(stamps)
        answer(status, body, close=close)(handler, request, server)

    return give


def texts(stamps):
    """Returns stamps as the service writes them."""
    return [at.strftime("%Y-%m-%dT%H:%M:%S.%fZ") for at in stamps]


def problem(status, name=None, stamps=()):
    """Answers with a problem of that type, with those stamps if there are any."""
    body = {"type": PROBLEM + name} if name else {"title": "no"}
    if stamps:
        body["stamps"] = texts(stamps)
    return answer(status, body, kind="application/problem+json")


def hang(handler, request, server):
    """Takes the request and never answers."""
    server.ended.wait(120)
    handler.close_connection = True


def drip(handler, request, server):
    """Answers a byte at a time, each in good time, for ever."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not server.ended.wait(0.05):
        try:
            handler.wfile.write(b"x")
        except OSError:
            break
    handler.close_connection = True


def half(handler, request, server):
    """Ends in the middle of the answer."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                        b"Content-Length: 100\r\n\r\n{\"accepted\":1")
    handler.close_connection = True


def end(handler, request, server):
    """Closes the connection without an answer."""
    handler.close_connection = True


def reset(handler, request, server):
    """Resets the connection."""
    handler.connection.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True


def garbage(handler, request, server):
    """Answers what is no HTTP."""
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    handler.close_connection = True
