"""What guests, and members about them, fill in."""
