"""The portal's own settings, with one address more."""

from topview_portal.settings import *  # noqa: F403

# Adds the bare view that every other page is compared with.
ROOT_URLCONF = "tests.benchmarks.urls"
