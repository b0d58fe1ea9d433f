"""What guests see, and the pages on which members look after their links."""
