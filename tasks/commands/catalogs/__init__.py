"""Copies of TopView's catalogs, and what an account adds to them."""
