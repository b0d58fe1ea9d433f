"""Addresses under `settings/profile/`, `settings/workspace/`."""

from django.urls import path

from tasks.views.people import email_address, profile

urlpatterns = [
    path("settings/profile/", profile.profile, name="profile"),
    path("settings/profile/address/", email_address.email_change, name="email-change"),
    path("settings/profile/address/keep/", email_address.email_keep, name="email-keep"),
    path("settings/profile/address/confirm/<str:token>/", email_address.email_confirm, name="email-confirm"),
    path("settings/workspace/", profile.workspace_switch, name="workspace-switch"),
]
