"""The services that the site has, and what became of what was sent to them."""

import datetime
import enum
import functools
import logging
import os
from typing import NamedTuple, Sequence

from . import settings
from .breaker import Breaker
from .client import Client, Unanswered

log = logging.getLogger(__name__)

PROBLEM = "urn:completion-writebehind:"
TRANSIENT = (401, 403, 404, 408, 429)
SHADOW_TIMEOUT = 0.5


class Outcome(enum.Enum):
    """What became of writes."""

    STORED = "committed"
    KEPT = "durable, and in the table later"
    REFUSED = "one of them is a dead letter, the others are kept"
    UNAVAILABLE = "unknown, or not taken"
    MISUNDERSTOOD = "not taken, and never will be"


class Result(NamedTuple):
    """What became of writes, with the receipt stamp of each if the service has told them.

    Without stamps if an earlier request, which was not answered, may have been taken too.
    """

    outcome: Outcome
    stamps: Sequence[datetime.datetime] = ()
    detail: str = ""
    may_be_taken: bool = False


class Service:
    """A service behind its breaker. Safe for any thread."""

    def __init__(self, client, breaker):
        self.client = client
        self.breaker = breaker
        self._is_understood = True

    def submit(self, writes, ack, is_told=False, at_any_rate=False):
        """Sends writes, of which the caller tells if `is_told`; even past an open breaker if asked.

        Never raises for what the service or the network does.
        """
        result = self._call(
            lambda: self.client.submit(writes, ack, is_told), len(writes), at_any_rate)
        is_understood = result.outcome is not Outcome.MISUNDERSTOOD
        if self._is_understood and not is_understood:
            log.error("%s refuses what this site sends (%s): completions that it refuses are"
                      " written directly. Do the versions of the two fit?",
                      self.client.url, result.detail)
        self._is_understood = is_understood
        return result

    def reset(self, user_id, course_key, before=None):
        """Sends a reset; returns whether the service has taken it."""
        result = self._call(lambda: self.client.reset(user_id, course_key, before), 1)
        return result.outcome in (Outcome.STORED, Outcome.KEPT)

    def is_reachable(self):
        """Whether it answers, whatever the breaker says."""
        return self.client.is_reachable()

    def _call(self, call, count, at_any_rate=False):
        if not self.breaker.allows() and not at_any_rate:
            return Result(Outcome.UNAVAILABLE, detail="the breaker is open")
        try:
            result = _read(call(), count)
        except Unanswered as error:
            log.debug("%s gave no answer", self.client.url, exc_info=True)
            result = Result(Outcome.UNAVAILABLE, detail=str(error), may_be_taken=error.sent)
        except BaseException:
            self.breaker.failed()
            raise
        if result.outcome is Outcome.UNAVAILABLE:
            self.breaker.failed()
        else:
            self.breaker.succeeded()
        return result


def _read(answer, count):
    status, body, is_second = answer
    kind = body.get("type")
    detail = "%d %s" % (status, kind or body.get("title", ""))
    if status in (200, 202) and body.get("accepted") == count:
        outcome = Outcome.STORED if status == 200 else Outcome.KEPT
    elif status == 504 and kind == PROBLEM + "not-yet-flushed":
        outcome = Outcome.KEPT
    elif status == 422 and kind == PROBLEM + "refused-by-database":
        outcome = Outcome.REFUSED
    elif 400 <= status < 500 and status not in TRANSIENT:
        outcome = Outcome.MISUNDERSTOOD
    else:
        return Result(Outcome.UNAVAILABLE, detail=detail, may_be_taken=True)
    stamps = () if is_second else _stamps(body.get("stamps"), count)
    return Result(outcome, stamps, detail)


def _stamps(texts, count):
    """Returns the stamps; none at all unless there is one for each write."""
    if not isinstance(texts, list) or len(texts) != count:
        return ()
    try:
        return [datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(
            tzinfo=datetime.timezone.utc) for text in texts]
    except (TypeError, ValueError):
        log.debug("the stamps are not as expected", exc_info=True)
        return ()


def _service(*how):
    return _of_process(os.getpid(), *how)  # uWSGI forks without telling Python


@functools.lru_cache(maxsize=64)
def _of_process(pid, url, token, connect_timeout, timeout, failures, pause):
    client = Client(url, token, connect_timeout, timeout)
    return Service(client, Breaker(url, failures, pause))


def of_user(user_id):
    """Returns the service that this learner's writes go to, always the same one."""
    now = settings.current()
    url = now.urls[user_id % len(now.urls)]
    return _service(url, now.token, now.connect_timeout, now.timeout, now.failures, now.pause)


def shadow():
    """Returns the service that gets copies, for which nobody waits long."""
    now = settings.current()
    timeout = min(now.timeout, SHADOW_TIMEOUT)
    return _service(now.shadow, now.token, now.connect_timeout, timeout, now.failures, now.pause)


def forget():
    """Forgets every connection and breaker: a child process has its own."""
    _of_process.cache_clear()


os.register_at_fork(after_in_child=forget)
