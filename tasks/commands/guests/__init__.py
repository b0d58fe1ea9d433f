"""Links for guests: what members do with them, and what guests do by them."""
