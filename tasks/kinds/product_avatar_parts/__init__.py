"""What the two generations of product avatar share, and the longer forms of the second."""
