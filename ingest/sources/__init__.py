"""Strangers' formats, one folder each: client (I/O), parse (pure), README."""
