"""Addresses under `catalogs/`."""

from django.urls import path

from tasks.views.catalogs import entry, pages, photo_avatar

urlpatterns = [
    path("catalogs/", pages.catalog_list, name="catalog-list"),
    path("catalogs/photo-avatars/new/", photo_avatar.photo_avatar_new, name="photo-avatar-new"),
    path("catalogs/entries/<uuid:entry_id>/", entry.entry, name="entry"),
    path("catalogs/entries/<uuid:entry_id>/favourite/", entry.entry_favourite, name="entry-favourite"),
    path("catalogs/entries/<uuid:entry_id>/remove/", entry.entry_remove, name="entry-remove"),
    path(
        "catalogs/entries/<uuid:entry_id>/drop/",
        photo_avatar.photo_avatar_dismiss,
        name="photo-avatar-dismiss",
    ),
    path("catalogs/<slug:catalog>/", pages.catalog_page, name="catalog-page"),
    path("catalogs/<slug:catalog>/read/", pages.catalog_refresh, name="catalog-refresh"),
]
