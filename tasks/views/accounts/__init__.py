"""Pages about TopView accounts, for admins."""
