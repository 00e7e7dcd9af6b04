"""A stand-in for Open edX's package `completion`: the same names and behaviour, code of our own."""
