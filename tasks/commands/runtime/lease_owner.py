"""Names for those who hold a lease: unguessable, and beginning with the mark of the cluster they run in.

By the mark a supervisor knows the leases of its own cluster among those of all nodes.
"""

import os
import secrets

# Environment variable with the mark, which the supervisor draws for each cluster it starts.
MARK_VARIABLE = "TOPVIEW_PORTAL_CLUSTER_MARK"


def new_mark() -> str:
    return secrets.token_hex(6)


def new_holder() -> str:
    """A name for one run of one job. Short enough for the column of leases."""
    return f"{os.environ.get(MARK_VARIABLE, '')}{secrets.token_hex(8)}"
