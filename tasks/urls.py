"""Every address of the portal, grouped by page."""

from django.urls import URLPattern, URLResolver, path

from tasks.views import files, uploads

urlpatterns: list[URLPattern | URLResolver] = [
    # Files
    path("uploads/add/", uploads.upload_add, name="upload-add"),
    path("uploads/<uuid:upload_id>/file/", files.upload_file, name="upload-file"),
    path("uploads/<uuid:upload_id>/poster/<slug:digest>.webp", files.upload_poster, name="upload-poster"),
    path("outputs/<uuid:output_id>/file/", files.output_file, name="output-file"),
    path("outputs/<uuid:output_id>/poster/<slug:digest>.webp", files.output_poster, name="output-poster"),
    path("catalog/<uuid:entry_id>/picture/<slug:digest>", files.catalog_picture, name="catalog-picture"),
    path("catalog/<uuid:entry_id>/sample/<slug:digest>", files.catalog_sample, name="catalog-sample"),
    path("catalog/<uuid:entry_id>/clip/<slug:digest>", files.catalog_clip, name="catalog-clip"),
]
