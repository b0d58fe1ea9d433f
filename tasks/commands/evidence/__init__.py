"""How a call is settled of which nobody knows whether it arrived. Top to bottom:

read    `search` reads the account's credit log and boards, all of them or concludes nothing
match   `matching` holds what is seen there against the calls that are lost (`lost_calls`)
claim   `claims`: the only thing that fits, a callback, the task that the call works on, or a person's word
ask     the refresh asks TopView about each claim, on the call's own account
settle  `settling` has the call follow the task (`following`, the one door), or puts the claim away

What fits more than one call, or is not all that fits it, is offered (`candidates`) until a person decides
(`decisions`).
"""
