"""Mounts: the app's pages, sign-in, and the operators' admin."""

from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path, re_path

from tasks.views.people import sign_in

urlpatterns = [
    # Of allauth's pages only these: its page of addresses would let a borrowed session become a takeover.
    path("accounts/login/", sign_in.sign_in, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/password/change/", sign_in.password_change, name="account_change_password"),
    path("accounts/password/reset/", sign_in.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "accounts/password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        sign_in.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("operator/", admin.site.urls),
    path("", include("tasks.urls")),
]

handler400 = "tasks.views.http.errors.bad_request"
handler403 = "tasks.views.http.errors.forbidden"
handler404 = "tasks.views.http.errors.not_found"
handler500 = "tasks.views.http.errors.server_error"
