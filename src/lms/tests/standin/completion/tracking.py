"""A stand-in for event-tracking: remembers what was emitted and tells whoever listens."""

emitted = []
listeners = []


def emit(name, data):
    """Takes an event."""
    emitted.append((name, data))
    for listener in list(listeners):
        listener(name, data)
