"""Forms about catalogs."""
