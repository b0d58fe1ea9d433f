"""How the outcome of a call whose answer was lost is found: callbacks, credit log, boards."""
