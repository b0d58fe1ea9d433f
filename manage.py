#!/usr/bin/env python
"""The command line of the portal: `python manage.py help` lists what it can do."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "topview_portal.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # No fault of the program: who runs it needs the name of the setting, and no traceback.
        sys.exit(f"The portal cannot start with these settings: {error}")
