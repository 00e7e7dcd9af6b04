"""The site's settings `COMPLETION_WRITEBEHIND_*`, read once and checked."""

import functools
import math
from typing import NamedTuple, Tuple
from urllib.parse import urlsplit

from django.conf import settings as site
from django.core.signals import setting_changed

PREFIX = "COMPLETION_WRITEBEHIND_"
COMMITTED = "committed"
ANNOUNCED = "announced"
DIRECT = "direct"
ON_COMMIT = "on_commit"


class Settings(NamedTuple):
    """What the site has set; `problems` says in words what is wrong with it."""

    urls: Tuple[str, ...] = ()
    token: str = ""
    mode: str = COMMITTED
    connect_timeout: float = 0.25
    timeout: float = 2.0
    failures: int = 3
    pause: float = 5.0
    in_transaction: str = DIRECT
    shadow: str = ""
    announce_batch: int = 500
    problems: Tuple[str, ...] = ()

    @property
    def is_on(self):
        """Whether anything is sent anywhere: never with settings that are wrong."""
        return bool(self.urls or self.shadow) and not self.problems

    @property
    def is_announced(self):
        """Whether the service tells the news, and not this app."""
        return self.mode == ANNOUNCED


@functools.lru_cache(maxsize=1)
def current():
    """Returns the settings in force."""
    values, problems = {}, []
    for field, default in Settings._field_defaults.items():
        if field != "problems":
            name = PREFIX + ("URL" if field == "urls" else field.upper())
            try:
                values[field] = _READERS[field](getattr(site, name, default))
            except (TypeError, ValueError) as error:
                problems.append("%s: %s" % (name, error))
    if (values.get("urls") or values.get("shadow")) and not site.USE_TZ:
        problems.append("USE_TZ: must be True, for the service keeps times in UTC")
    return Settings(problems=tuple(problems), **values)


def _url(text):
    if not isinstance(text, str):
        raise ValueError("must be a URL")
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError("must be like http://writebehind:8080, not %r" % text)
    parts.port  # raises ValueError if it is none
    return text.rstrip("/")


def _urls(given):
    urls = [given] if isinstance(given, str) else list(given or ())
    if len(urls) > 1 and not all(urls):
        raise ValueError("must have no empty URL among several")
    return tuple(_url(url) for url in urls if url)


def _text(given):
    if not isinstance(given, str) or not given.isprintable() or not given.isascii():
        raise ValueError("must be printable ASCII")
    return given


def _one_of(*choices):
    def read(given):
        if given not in choices:
            raise ValueError("must be %s, not %r" % (" or ".join(map(repr, choices)), given))
        return given

    return read


def _seconds(given):
    seconds = float(given)
    if not 0 < seconds < math.inf:
        raise ValueError("must be a number of seconds above 0, not %r" % (given,))
    return seconds


def _count(given):
    count = int(given)
    if count < 1:
        raise ValueError("must be 1 or more, not %r" % (given,))
    return count


_READERS = {
    "urls": _urls,
    "token": _text,
    "mode": _one_of(COMMITTED, ANNOUNCED),
    "connect_timeout": _seconds,
    "timeout": _seconds,
    "failures": _count,
    "pause": _seconds,
    "in_transaction": _one_of(DIRECT, ON_COMMIT),
    "shadow": _url,
    "announce_batch": _count,
}


def _forget(setting, **_):
    if setting.startswith(PREFIX) or setting == "USE_TZ":
        current.cache_clear()


setting_changed.connect(_forget, dispatch_uid="writebehind_lms.settings")
