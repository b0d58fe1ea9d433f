"""The portal's settings with the few differences tests need; `tests.servers` has set the environment."""

import os

from topview_portal.settings import *  # noqa: F403
from topview_portal.settings import DATABASES, Q_CLUSTER, STORAGES, VAR

# A file, not memory: threads, live servers and worker processes of one test must see the same rows.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(VAR / "test.sqlite3")}
# Passwords are hashed quickly: hundreds of people are made.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Pages are tested without a collectstatic before them.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# The queue's scheduler looks after 30 seconds, counted in turns: with a turn as long it looks at once.
Q_CLUSTER["guard_cycle"] = float(os.environ.get("GUARD_CYCLE", "0.5"))
# Whatever room the machine has left.
DISK_LOW_BYTES = DISK_FULL_BYTES = 0
# Mail stays in memory, but for processes that are given a server.
if not os.environ.get("EMAIL_URL"):
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
