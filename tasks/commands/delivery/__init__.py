"""What leaves the portal: names of files, packages, and the proof of what was approved."""
