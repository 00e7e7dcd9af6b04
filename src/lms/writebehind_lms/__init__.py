"""The LMS's side of completion-writebehind."""
