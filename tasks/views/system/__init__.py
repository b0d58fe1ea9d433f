"""Pages about the portal's own state."""
