"""Sending results for review, deciding about them, and what is said meanwhile."""
