"""The switch for the tracking of completions; `tracking_enabled(False)` turns it off in a block."""

from contextlib import contextmanager


class _Switch:
    """A switch by name."""

    def __init__(self, name):
        self.name = name
        self._on = True

    def is_enabled(self):
        return self._on

    @contextmanager
    def set_to(self, on):
        before, self._on = self._on, on
        try:
            yield
        finally:
            self._on = before


ENABLE_COMPLETION_TRACKING_SWITCH = _Switch("completion.enable_completion_tracking")


def tracking_enabled(on):
    """Turns the switch on or off within a `with` block."""
    return ENABLE_COMPLETION_TRACKING_SWITCH.set_to(on)
