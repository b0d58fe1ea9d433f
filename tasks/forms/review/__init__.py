"""What people fill in about reviews."""
