"""What a command says when what was asked does not fit any more."""


class NotPossible(Exception):
    """Things have moved on, so what was asked no longer fits. `str()` is for people."""


class ReasonNeeded(NotPossible):
    """It was paid before, or may have been: whoever starts it once more must say why."""
