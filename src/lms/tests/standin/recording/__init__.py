"""A plugin of a site that writes down what it hears, at once, so that a kill loses nothing.

RECORDING_FILE     where to
RECORDING_SECONDS  how long its receiver takes
"""
