"""Sends an Open edX site's completions through the completion write-behind service."""

__version__ = "0.1.0"
