"""Addresses under `settings/profile/`, `settings/workspace/`."""

from django.urls import path

from tasks.views.people import email_address, profile

urlpatterns = [
    path("settings/profile/", profile.profile, name="profile"),
    path("settings/profile/address/", email_address.address_change, name="address-change"),
    path("settings/profile/address/keep/", email_address.address_keep, name="address-keep"),
    path(
        "settings/profile/address/confirm/<str:token>/", email_address.address_confirm, name="address-confirm"
    ),
    path("settings/workspace/", profile.workspace_switch, name="workspace-switch"),
]
