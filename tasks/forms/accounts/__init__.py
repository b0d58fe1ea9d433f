"""Forms about TopView accounts and what they charge."""
