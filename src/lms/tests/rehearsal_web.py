"""A web process of the rehearsal: learners who read, solve, reset and go on, until SIGTERM.

    python3 -m tests.rehearsal_web STEP SLOT SLOTS

A slot's learners are its own, so that the order of their calls is known: each call is written down
in REHEARSAL_CALLS when it has returned.
"""

import json
import os
import random
import signal
import sys
import threading
import time

from . import standin

standin.install()

from completion.keys import LearningContextKey, UsageKey  # noqa: E402
from completion.models import BlockCompletion  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.db import close_old_connections, transaction  # noqa: E402

COURSE = LearningContextKey.from_string("course-v1:O+C+R")
VALUES = (1.0, 1.0, 1.0, 0.5, 0.0)
KINDS = ("web",) * 28 + ("batch",) * 4 + ("grade",) * 4 + ("rollback",) * 2 + ("reset",)


def _blocks(name, count):
    """Blocks that every step writes, or this one alone, of which no later news can tell."""
    return [UsageKey.from_string("block-v1:O+C+R+type@html+block@%s-%02d" % (name, i))
            for i in range(count)]


class Learners:
    """One slot's learners. Confined to one thread."""

    def __init__(self, step, slot, slots, path):
        self._step = step
        self._blocks = _blocks("shared", 30) + _blocks(step, 60)
        users = list(User.objects.filter(username__startswith="learner").order_by("id"))
        self._users = users[slot::slots]
        self._random = random.Random("%s %s" % (step, slot))
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._manager = BlockCompletion.objects

    def call(self):
        """Makes one call as a request makes it, and writes down what became of it."""
        kind = self._random.choice(KINDS)
        user = self._random.choice(self._users)
        blocks = self._random.sample(self._blocks, 5 if kind == "batch" else 1)
        writes = [(block, self._random.choice(VALUES)) for block in blocks]
        line = {"step": self._step, "kind": kind, "user": user.pk, "begin": time.time(),
                "writes": [[str(block), value] for block, value in writes]}
        close_old_connections()
        try:
            line["new"] = getattr(self, "_" + kind)(user, writes)
        except Exception as error:  # noqa: B902 it is what is looked for
            line["error"] = "%s: %s" % (type(error).__name__, error)
        line["end"] = time.time()
        os.write(self._file, (json.dumps(line) + "\n").encode())

    def _web(self, user, writes):
        (block, value), = writes
        return [self._manager.submit_completion(user, block, value)[1]]

    def _batch(self, user, writes):
        answer = self._manager.submit_batch_completion(user, writes)
        found = {str(row.block_key): is_new for row, is_new in answer.items()}
        return [found[str(block)] for block, _ in writes]

    def _grade(self, user, writes):
        with transaction.atomic():
            return self._web(user, writes)

    def _rollback(self, user, writes):
        with transaction.atomic():
            self._web(user, writes)
            transaction.set_rollback(True)

    def _reset(self, user, writes):
        self._manager.clear_learning_context_completion(user, COURSE)


def main(step, slot, slots):
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    learners = Learners(step, int(slot), int(slots), os.environ["REHEARSAL_CALLS"])
    print("ready", flush=True)
    while not ended.wait(0.03):
        learners.call()


if __name__ == "__main__":
    main(*sys.argv[1:])
