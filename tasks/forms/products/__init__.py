"""Forms about saved products."""
