"""Compares the portal's calls with what TopView's credit log and boards show.

`looking` finds calls whose outcome is unknown, `findings` what one side has and the other lacks, `adoption`
what a person does about a charge. `traces_of` tells what may be a call that is on hold.
"""

from tasks.commands.reconcile.lost import Traces, may_have_been_sent, traces_of

__all__ = ["Traces", "may_have_been_sent", "traces_of"]
