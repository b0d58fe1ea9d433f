"""A backup of database and files that fit each other, and its way back.

A backup is a folder: `manifest.json`, `media/` and one `database-…/`. The manifest is written last and names
every file with its hash, so an interrupted backup is recognisably none, and one that was interrupted in a
folder with an earlier backup leaves that one whole. Files are named by their hash and never change: the
database is copied first, then every file it names, while the portal goes on.
"""
