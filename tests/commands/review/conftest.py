"""People alone: no call is made here, so there is no sandbox."""

from tests.views.conftest import alice, mark, rita, studio

__all__ = ["alice", "mark", "rita", "studio"]
