"""Addresses of guests under `s/` and `shared/`; of members about their links under `settings/links/`."""

from django.urls import path

from tasks.views.guests import comments, decisions, entering, files, links, pages

_VERSION = "shared/<uuid:link_id>/<uuid:version_id>/"

urlpatterns = [
    path("s/<str:token>/", entering.share_open, name="share-open"),
    path("shared/<uuid:link_id>/", pages.guest_list, name="guest-list"),
    path("shared/<uuid:link_id>/enter/", entering.guest_enter, name="guest-enter"),
    path("shared/<uuid:link_id>/leave/", entering.guest_leave, name="guest-leave"),
    path(_VERSION, pages.guest_version, name="guest-version"),
    path(f"{_VERSION}file/", files.guest_file, name="guest-file"),
    path(f"{_VERSION}poster/", files.guest_poster, name="guest-poster"),
    path(f"{_VERSION}download/", files.guest_download, name="guest-download"),
    path(f"{_VERSION}thread/", comments.guest_thread, name="guest-thread"),
    path(f"{_VERSION}comment/", comments.guest_comment, name="guest-comment"),
    path(f"{_VERSION}decide/", decisions.guest_decide, name="guest-decide"),
    path(f"{_VERSION}strip/", files.guest_strip, name="guest-strip"),
    path(f"{_VERSION}captions/", files.guest_captions, name="guest-captions"),
    path(f"{_VERSION}preview/", files.guest_preview, name="guest-preview"),
    path("review/<uuid:version_id>/share/", links.share_new, name="share-new"),
    path("settings/links/", links.link_list, name="link-list"),
    path("settings/links/revoke/", links.link_revoke, name="link-revoke"),
    path("settings/links/<uuid:link_id>/reopen/", links.link_reopen, name="link-reopen"),
    path("settings/links/<uuid:link_id>/", links.link_page, name="link-page"),
]
