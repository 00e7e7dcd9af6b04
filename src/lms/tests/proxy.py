"""A TCP proxy that can be cut off and joined again: an outage of what is behind it."""

import socket
import threading


class Proxy:
    """Forwards connections to a host and port while it is joined. Safe for any thread."""

    def __init__(self, host, port):
        self._target = (host, port)
        self._lock = threading.Lock()
        self._open = []
        self._joined = True
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Closes what is open and every new connection at once."""
        with self._lock:
            self._joined = False
            while self._open:
                _close(self._open.pop())

    def join(self):
        """Forwards again."""
        with self._lock:
            self._joined = True

    def close(self):
        """Ends for good."""
        self.cut()
        _close(self._server)

    def _accept(self):
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            with self._lock:
                if not self._joined:
                    near.close()
                    continue
                try:
                    far = socket.create_connection(self._target)
                except OSError:
                    near.close()
                    continue
                self._open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_copy, args=(source, sink), daemon=True).start()


def _copy(source, sink):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            sink.sendall(data)
    except OSError:
        pass
    _close(source)
    _close(sink)


def _close(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()
