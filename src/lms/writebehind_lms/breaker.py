"""A circuit breaker: spares callers a service that does not answer."""

import logging
import random
import threading
import time

log = logging.getLogger(__name__)


class Breaker:
    """Opens after so many failures in a row, and lets one probe through after each pause.

    Safe for any thread; one for each process and service.
    """

    def __init__(self, name, failures, pause, clock=time.monotonic, uniform=random.uniform):
        self._name = name
        self._most = failures
        self._pause = pause
        self._clock = clock
        self._uniform = uniform
        self._lock = threading.Lock()
        self._failures = 0
        self._next_probe = None

    @property
    def is_open(self):
        """Whether calls are spared at present."""
        return self._next_probe is not None

    def allows(self):
        """Returns whether to call now; who is let through tells how it went."""
        with self._lock:
            if self._next_probe is None:
                return True
            if self._clock() < self._next_probe:
                return False
            self._await_next()  # the others, and the next probe should this one never come back
            return True

    def succeeded(self):
        """Tells that the service has answered."""
        with self._lock:
            was_open = self._next_probe is not None
            self._failures, self._next_probe = 0, None
        if was_open:
            log.warning("%s answers again: completions go through it", self._name)

    def failed(self):
        """Tells that it has not."""
        with self._lock:
            self._failures += 1
            opens = self._next_probe is None and self._failures >= self._most
            if self._next_probe is not None or opens:
                self._await_next()
        if opens:
            log.warning("%s failed %d times in a row: completions are written directly, and it is"
                        " tried again every %g s", self._name, self._most, self._pause)

    def _await_next(self):
        self._next_probe = self._clock() + self._pause * self._uniform(0.8, 1.2)
