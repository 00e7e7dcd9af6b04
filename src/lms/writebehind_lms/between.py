"""What an LMS does between two requests, for a thread or process that serves none."""

import logging

from django.db import Error, close_old_connections, connections, reset_queries

log = logging.getLogger(__name__)


def forget_the_last():
    """Forgets what was remembered for one piece of work, and connections that are no good."""
    reset_queries()
    close_old_connections()
    try:
        from edx_django_utils.cache import RequestCache
    except ImportError:
        return
    RequestCache.clear_all_namespaces()


def close_connections():
    """Closes this thread's connections to the databases, whatever state they are in."""
    for alias in connections:
        close(alias)


def close(alias):
    """Closes a connection for good, even within a transaction that somebody has left open."""
    try:
        connections[alias].close()
    except Error:
        log.debug("a connection could not be closed", exc_info=True)
    del connections[alias]  # one closed within a transaction would stay as it is for ever
