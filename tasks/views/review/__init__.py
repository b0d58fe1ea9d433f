"""The inbox, the review page, decisions, and sending for review."""
