"""A plugin of Tutor that runs completion-writebehind beside an Open edX site."""

__version__ = "0.1.0"
