"""Pages about the library, its files, and where they can be used."""
