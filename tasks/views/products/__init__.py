"""Pages about saved products."""
