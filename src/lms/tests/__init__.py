"""Tests of the LMS's side: in src/lms, `python3 -m unittest discover -s tests -t .`."""
