"""Forms about the person who uses the portal."""
