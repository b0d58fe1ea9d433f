"""Addresses under `catalogs/`."""

from django.urls import path

from tasks.views.catalogs import entry, pages, photo_avatar

urlpatterns = [
    path("catalogs/", pages.shelves, name="shelves"),
    path("catalogs/photo-avatars/new/", photo_avatar.portrait_new, name="portrait-new"),
    path("catalogs/entries/<uuid:entry_id>/", entry.entry, name="entry"),
    path("catalogs/entries/<uuid:entry_id>/favourite/", entry.entry_favourite, name="entry-favourite"),
    path("catalogs/entries/<uuid:entry_id>/remove/", entry.entry_remove, name="entry-remove"),
    path("catalogs/entries/<uuid:entry_id>/drop/", photo_avatar.portrait_drop, name="portrait-drop"),
    path("catalogs/<slug:shelf>/", pages.shelf, name="shelf"),
    path("catalogs/<slug:shelf>/read/", pages.shelf_read, name="shelf-read"),
]
