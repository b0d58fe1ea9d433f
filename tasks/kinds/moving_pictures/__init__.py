"""What the products that set a picture in motion have in common, and the models some of them offer."""
