"""Addresses under `pick/`, `library/`, `outputs/`, `uploads/`, `previews/`, `catalog/`."""

from django.urls import path

from tasks.views.library import files, pages, pickers, uploads

urlpatterns = [
    path("pick/library/<slug:role>/", pickers.upload_picker, name="upload-picker"),
    path("pick/<slug:catalog>/", pickers.catalog_picker, name="catalog-picker"),
    path("library/", pages.library, name="library"),
    path("library/add/", uploads.upload_add, name="upload-new"),
    path("library/_found/", pages.library_found, name="library-results"),
    path("library/<uuid:upload_id>/", pages.library_item, name="library-item"),
    path("library/<uuid:upload_id>/remove/", pages.library_remove, name="library-remove"),
    path("outputs/<uuid:output_id>/file/", files.output_file, name="output-file"),
    path("outputs/<uuid:output_id>/strip/", files.output_strip, name="output-strip"),
    path("outputs/<uuid:output_id>/captions/", files.output_captions, name="output-captions"),
    path("outputs/<uuid:output_id>/poster/<slug:digest>.webp", files.output_poster, name="output-poster"),
    path("uploads/<uuid:upload_id>/state/", uploads.upload_state, name="upload-state"),
    path("previews/<uuid:preview_id>/file/", files.preview_file, name="preview-file"),
    path("uploads/<uuid:upload_id>/file/", files.upload_file, name="upload-file"),
    path("uploads/<uuid:upload_id>/poster/<slug:digest>.webp", files.upload_poster, name="upload-poster"),
    path(
        "catalog/<uuid:entry_id>/picture/<slug:digest>",
        files.catalog_file,
        {"sort": "picture"},
        name="catalog-picture",
    ),
    path(
        "catalog/<uuid:entry_id>/sample/<slug:digest>",
        files.catalog_file,
        {"sort": "sample"},
        name="catalog-sample",
    ),
    path(
        "catalog/<uuid:entry_id>/clip/<slug:digest>",
        files.catalog_file,
        {"sort": "clip"},
        name="catalog-clip",
    ),
]
