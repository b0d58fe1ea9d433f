"""What people are asked before something is paid that may have been paid already."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tasks.views.boxes import Question

_FAULT_OVER = _("TopView failed, and may manage now")
_NOT_ARRIVED = _("It never arrived at TopView")
_NEEDED = _("It is needed whatever it costs")
_FURTHER = _("It is meant as a further one")

WHY_AGAIN = Question(
    "reason",
    _("Why once more?"),
    _("TopView has accepted it before, or may have. Kept in the log with your name."),
    suggestions=(_FAULT_OVER, _NOT_ARRIVED, _NEEDED),
)
WHY_ANOTHER = Question(
    "reason",
    _("Why once more?"),
    _("Kept in the log with your name."),
    suggestions=(_FURTHER, _NOT_ARRIVED, _NEEDED),
)
