"""What is asked of a file, and what is said of one that cannot be used."""
