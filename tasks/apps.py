"""The one app of the portal."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TasksConfig(AppConfig):
    """Tasks, and all that stands around them."""

    name = "tasks"
    verbose_name = _("Topview Portal")
