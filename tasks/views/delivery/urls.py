"""Addresses under `packages/`, `verify/`, and `settings/file-names/`."""

from django.urls import path

from tasks.views.delivery import archive, file_names, new, packages, verify

urlpatterns = [
    path("packages/", packages.package_list, name="package-list"),
    path("packages/new/", new.package_new, name="package-new"),
    path("packages/<uuid:package_id>/", packages.package_page, name="package-page"),
    path("packages/<uuid:package_id>/revoke/", packages.package_revoke, name="package-revoke"),
    path("packages/<uuid:package_id>/<str:name>.zip", archive.package_file, name="package-file"),
    path("verify/", verify.verify, name="verify"),
    path("settings/file-names/", file_names.file_names, name="file-names"),
]
