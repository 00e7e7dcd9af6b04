"""Puts this app in front of `BlockCompletionManager`, if that is the class it knows."""

import functools
import inspect
import logging

from . import writes

log = logging.getLogger(__name__)

METHODS = {
    "submit_completion": (("self", "user", "block_key", "completion"), writes.submit),
    "submit_batch_completion": (("self", "user", "blocks"), writes.submit_batch),
    "clear_learning_context_completion": (("self", "user", "context_key"), writes.clear),
}
FIELDS = {"id", "user", "context_key", "block_key", "block_type", "completion", "created",
          "modified"}
MARK = "_writebehind_original"
_problems = ["the app was not started"]


def install():
    """Wraps the three methods of the class; leaves everything alone unless all is as expected."""
    try:
        from completion import models, waffle

        found = differences(models, waffle)
    except Exception as error:  # pylint: disable=broad-except
        log.debug("the package completion can't be loaded", exc_info=True)
        found = ["the package completion can't be loaded: %r" % error]
    _problems[:] = found
    if found:
        log.error("Completions are written directly, as without this app, for it does not fit: %s",
                  "; ".join(found))
        return
    for name, (_, replacement) in METHODS.items():
        _wrap(models.BlockCompletionManager, name, replacement)


def uninstall():
    """Puts the original methods back."""
    from completion.models import BlockCompletionManager

    for name in METHODS:
        original = getattr(BlockCompletionManager.__dict__.get(name), MARK, None)
        if original is not None:
            setattr(BlockCompletionManager, name, original)
    _problems[:] = ["it was taken out"]


def problems():
    """Returns why nothing is installed, in words; empty if it is."""
    return list(_problems)


def differences(models, waffle):
    """Returns in what the package differs from the one that this app knows."""
    found = []
    manager = getattr(models, "BlockCompletionManager", None)
    for name, (expected, _) in METHODS.items():
        method = getattr(manager, "__dict__", {}).get(name)
        actual = tuple(inspect.signature(method).parameters) if callable(method) else None
        if actual != expected:
            found.append("%s takes %s, not %s" % (name, actual, expected))
    model = getattr(models, "BlockCompletion", None)
    fields = {field.name for field in model._meta.get_fields()} if model else set()
    if not FIELDS <= fields:
        found.append("BlockCompletion has no %s" % ", ".join(sorted(FIELDS - fields)))
    elif not isinstance(model.objects, manager or ()):
        found.append("BlockCompletion.objects is no BlockCompletionManager")
    if not callable(getattr(model, "emit_tracking_log", None)):
        found.append("BlockCompletion has no emit_tracking_log")
    switch = getattr(waffle, "ENABLE_COMPLETION_TRACKING_SWITCH", None)
    if not callable(getattr(switch, "is_enabled", None)):
        found.append("completion.waffle has no ENABLE_COMPLETION_TRACKING_SWITCH")
    return found


def _wrap(manager, name, replacement):
    original = manager.__dict__[name]
    if hasattr(original, MARK):
        return

    @functools.wraps(original)
    def method(self, *args, **kwargs):
        return replacement(original, self, *args, **kwargs)

    setattr(method, MARK, original)
    setattr(manager, name, method)
