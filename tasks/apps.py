"""The one app of the portal."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from tasks.checks import check_deployment, check_settings


class TasksConfig(AppConfig):
    """Tasks, and all that stands around them."""

    name = "tasks"
    verbose_name = _("Topview Portal")

    def ready(self) -> None:
        """Register the system checks."""
        register(check_settings)
        register(check_deployment, deploy=True)
