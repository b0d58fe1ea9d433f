"""Pages about TopView's catalogs."""
