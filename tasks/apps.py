"""The one app of the portal."""

import gc

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from tasks.checks import check_deployment, check_settings


class TasksConfig(AppConfig):
    """Tasks, and all that stands around them."""

    name = "tasks"
    verbose_name = _("Topview Portal")

    def ready(self) -> None:
        """Register the system checks and what a sign-in starts; garbage is collected from now on."""
        from tasks.middleware import begin_session

        register(check_settings)
        user_logged_in.connect(begin_session)
        register(check_deployment, deploy=True)
        gc.freeze()
        gc.enable()
