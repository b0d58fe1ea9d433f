"""Compares the portal's calls with what TopView's credit log and boards show.

`looking` finds calls whose outcome is unknown, `findings` what one side has and the other lacks, `adoption`
what a person does about a charge. `may_have_been_sent` tells what may be a call that is on hold.
"""

from tasks.commands.reconcile.lost import may_have_been_sent

__all__ = ["may_have_been_sent"]
