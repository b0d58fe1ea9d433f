"""Follows what TopView works on: lease due rows, ask, write. One loop at a time, kept alive by a schedule."""
