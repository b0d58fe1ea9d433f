"""For every field of every kind: what a person asks for can be seen or heard in what comes back."""
