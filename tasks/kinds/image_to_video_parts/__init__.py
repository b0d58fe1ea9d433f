"""What the image-to-video kinds have in common, and the models some of them offer."""
