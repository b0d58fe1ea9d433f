"""What the portal does: one verb a function, keyword-only, without a request. Only these write rows."""
