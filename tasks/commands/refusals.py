"""What a command says when what was asked does not fit any more."""


class NotPossible(Exception):
    """Things have moved on, so what was asked no longer fits. `str()` is for people."""
