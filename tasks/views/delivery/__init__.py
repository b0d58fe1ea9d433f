"""Pages of what is delivered: packages, and whether a file is what was approved."""
