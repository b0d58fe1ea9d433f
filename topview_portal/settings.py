"""Settings of the site: one value, one comment, no logic beyond reading the environment.

Every variable read here stands in docs/configuration.md; a test fails when one is missing there.
"""

import socket
from pathlib import Path

from csp.constants import SELF
from django.utils.translation import gettext_lazy as _

from topview_portal import env, mail_url
from topview_portal.bootstrap import make_folders, read_or_make_keys
from topview_portal.origins import host_of, is_loopback, read_origin

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where things live -------------------------------------------------------------------------------

# Folder for everything the portal writes by itself: database, media, keys, the sandbox's store.
VAR = env.folder("TOPVIEW_PORTAL_VAR", BASE_DIR / "var")
make_folders(VAR, "tmp", "media", "static", "log", "downloads")
# Key files made on the first start, readable by their owner alone.
_KEYS = read_or_make_keys(VAR)
# Address under which people open the portal; its scheme decides cookie security.
PORTAL_URL = env.address("PORTAL_URL", f"http://localhost:{env.integer('PORT', 8000, low=1, high=65535)}")
_SECURE = PORTAL_URL.startswith("https://")

# --- Security ----------------------------------------------------------------------------------------

# Signs sessions and queue messages.
SECRET_KEY = env.secret("SECRET_KEY", _KEYS.session)
# Older signing keys that are still accepted.
SECRET_KEY_FALLBACKS = env.listing("SECRET_KEY_FALLBACKS", [])
# Keys that encrypt TopView credentials; the first encrypts, all decrypt.
TOPVIEW_PORTAL_VAULT_KEYS = env.vault_keys("VAULT_KEYS", [_KEYS.vault])
# Never on where others can reach the portal: it shows settings and code.
DEBUG = env.flag("DEBUG", default=False)
# Host names the portal answers to; the public one and loopback.
ALLOWED_HOSTS = [*env.listing("ALLOWED_HOSTS", []), host_of(PORTAL_URL), "localhost", "127.0.0.1", "[::1]"]
# Pages that may post forms.
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]
# Cookies travel by https only where the portal is served so.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _SECURE
# A cookie of that prefix cannot have been set by another host or a page without https.
_PREFIX = "__Host-" if _SECURE else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_PREFIX}sessionid", f"{_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME, MESSAGES_COOKIE_NAME = f"{_PREFIX}language", f"{_PREFIX}messages"
MESSAGE_STORAGE = "topview_portal.messages.MessageStorage"
# Names browsers in which a person has signed in before; strangers' failures do not keep those out.
KNOWN_BROWSER_COOKIE_NAME = f"{_PREFIX}known"
LANGUAGE_COOKIE_SECURE, LANGUAGE_COOKIE_HTTPONLY = _SECURE, True
# Scripts never need the token cookie: htmx sends the header from the page.
CSRF_COOKIE_HTTPONLY = True
# Longest life of a session, however much it is used.
SESSION_MAX_SECONDS = env.integer("SESSION_MAX_SECONDS", 90 * 24 * 3600, low=60)
# Sessions end after two weeks without a visit; pages that refresh themselves are none (tasks/middleware.py).
SESSION_COOKIE_AGE = min(env.integer("SESSION_SECONDS", 14 * 24 * 3600, low=60), SESSION_MAX_SECONDS)
# http is redirected to https where the public address is https.
SECURE_SSL_REDIRECT = _SECURE and env.flag("SSL_REDIRECT", default=True)
# Watchdogs and load balancers ask from inside, by plain http.
SECURE_REDIRECT_EXEMPT = [r"^health/"]
# Browsers remember for a year to use https.
SECURE_HSTS_SECONDS = 31_536_000 if _SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _SECURE
# Whether a proxy of ours stands in front, which overwrites what visitors say about themselves.
_BEHIND_PROXY = env.flag("BEHIND_PROXY", default=False)
# Header by which that proxy says that the visitor used https.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _BEHIND_PROXY else None
# Sign-in attempts are counted by visitor, whom that proxy names last in X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _BEHIND_PROXY else 0
# Nothing of the address leaves with a click on an outside link.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Everything comes from this server; previews of files not yet sent are blob: addresses.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "blob:"],
        "media-src": [SELF, "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}

# --- Parts -------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_q",
    "allauth",
    "allauth.account",
    "csp",
    "tasks",
]
MIDDLEWARE = [
    "tasks.middleware.HeadMiddleware",
    "tasks.middleware.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tasks.middleware.PageCompressionMiddleware",
    "tasks.middleware.RequestContextMiddleware",
    # Above all that may fail, so that an error's page has their headers, too.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "tasks.views.http.long_bodies.LongBodiesMiddleware",
    "tasks.views.http.errors.NotAllowedPage",
    "tasks.views.http.busy.WritesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tasks.middleware.SessionAgeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tasks.middleware.MembershipMiddleware",
]
ROOT_URLCONF = "topview_portal.urls"
WSGI_APPLICATION = "topview_portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tasks.views.frame.context.portal",
            ],
        },
    },
]

# --- Database ----------------------------------------------------------------------------------------

# postgres://user:password@host/name, or empty for the SQLite file in VAR.
DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{VAR / 'db.sqlite3'}")}
# Kept connections: re-opening SQLite runs its pragmas again on every request.
DATABASES["default"]["CONN_MAX_AGE"] = 60
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # WAL + IMMEDIATE: without them a third of concurrent writes fails; FULL: an intent must be on disk.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=134217728;",
    }
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # A node that lost its power or its network holds no row for longer than this: others wait for it.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
        "options",
        "-c idle_in_transaction_session_timeout=30s "
        "-c tcp_keepalives_idle=20 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4",
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People ------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "tasks.User"
# Django's alone: allauth's takes any address of its own table, verified or not, for one to sign in with.
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# People sign in with their mail address and never see a user name.
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
# Accounts are made by an admin; nobody signs up by themselves.
ACCOUNT_ADAPTER = "tasks.accounts.PortalAccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
# Whether a mail address has an account is not told to strangers.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Tries are counted in rows (tasks/commands/people/sign_ins.py): allauth's counters have web threads wait.
ACCOUNT_RATE_LIMITS = False
ACCOUNT_FORMS = {"reset_password": "tasks.forms.people.sign_in.PasswordResetForm"}
# A token names the person, their address and their password, and dies with a change of any of them.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

# --- Mail --------------------------------------------------------------------------------------------

# Where mail goes, such as password resets and what admins are told; the console unless a server is named.
EMAIL_CONFIG = mail_url.parse("EMAIL_URL", env.text("EMAIL_URL", "consolemail://"))
vars().update(EMAIL_CONFIG)
# Longest time in seconds that one mail may take in all, from looking up the server's name to its last answer.
EMAIL_TIMEOUT = env.integer("MAIL_SECONDS", 10, low=1, high=120)
# Sender of the portal's mail.
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "Topview Portal <portal@localhost>")

# --- Language and time -------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
# Only languages with a translation of every text: half a page in another language helps nobody.
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Files -------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR / "static"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "topview_portal.joined_files.JoinedFilesFinder",
]
# Uploads and saved outputs; never served but through an access-checked view.
MEDIA_ROOT = env.folder("MEDIA_ROOT", VAR / "media")
MEDIA_URL = "/media-is-not-served/"
# Where nginx serves MEDIA_ROOT internally, such as "/protected/": it then sends the bytes of files that the
# portal has allowed (X-Accel-Redirect). Empty: the portal sends them itself.
X_ACCEL_PREFIX = env.text("X_ACCEL_PREFIX", "")
# Bucket of an object store in which all of this is kept instead of in MEDIA_ROOT. Empty: the folder.
S3_BUCKET = env.text("S3_BUCKET", "")
# Where that store answers; empty: AWS itself.
S3_ENDPOINT = env.text("S3_ENDPOINT", "")
_S3 = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": S3_BUCKET,
        "endpoint_url": S3_ENDPOINT or None,
        # Region of the bucket, which is part of every signature.
        "region_name": env.text("S3_REGION", "us-east-1"),
        # Who the portal is there; empty: what the machine's own role says.
        "access_key": env.text("S3_ACCESS_KEY", "") or None,
        "secret_key": env.secret("S3_SECRET_KEY"),
        # Only AWS gives each bucket a host of its own.
        "addressing_style": "path" if S3_ENDPOINT else "auto",
        "signature_version": "s3v4",
        # A name is a hash: what stands there and is not whole is replaced.
        "file_overwrite": True,
        "default_acl": None,
    },
}
STORAGES = {
    "default": _S3 if S3_BUCKET else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# The first refuses all while the disk is nearly full; the last hashes while it writes.
FILE_UPLOAD_HANDLERS = [
    "tasks.views.http.disk_space.RoomFirst",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "tasks.views.http.hashing.HashedFileUploadHandler",
]
# Uploads above this size go to a temporary file instead of memory.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = env.folder("UPLOAD_TEMP_DIR", VAR / "tmp")
FILE_UPLOAD_PERMISSIONS = 0o640
# Largest body of a form that is no upload.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Largest file people may bring, in bytes.
UPLOAD_MAX_BYTES = env.integer("UPLOAD_MAX_BYTES", 500 * 1024 * 1024, low=1024)
# Largest picture, in pixels (width times height); guards memory when it is decoded.
UPLOAD_MAX_PIXELS = env.integer("UPLOAD_MAX_PIXELS", 50_000_000, low=10_000)
# Longest clip or recording people may bring, in seconds.
UPLOAD_MAX_SECONDS = env.integer("UPLOAD_MAX_SECONDS", 900, low=1)
# Seconds for which a form that names a file waits for its examination; then it is kept and shown again.
EXAMINATION_WAIT_SECONDS = env.seconds("EXAMINATION_WAIT_SECONDS", 20)
# Largest output that is saved, in bytes.
OUTPUT_MAX_BYTES = env.integer("OUTPUT_MAX_BYTES", 4 * 1024**3, low=1024)

# Threads of each web process; all but four of them may send or take files, half of them downloads.
WEB_THREADS = env.integer("WEB_THREADS", 24, low=8)
# Files that are locked while somebody's download lasts, which counts them over the processes of a machine.
DOWNLOADS_FOLDER = VAR / "downloads"

# Free bytes of a disk below which admins are warned.
DISK_LOW_BYTES = env.integer("DISK_LOW_BYTES", 2 * 1024**3, low=0)
# Free bytes of a disk below which no file is taken and no paid call is sent: its result could not be saved.
DISK_FULL_BYTES = env.integer("DISK_FULL_BYTES", 512 * 1024**2, low=0)

# --- Cache -------------------------------------------------------------------------------------------

CACHES = {
    # Counts sign-in attempts; in the database, so that every process counts the same.
    "default": {"BACKEND": "tasks.cache.CountingCache", "LOCATION": "portal_cache"},
    # django-q2 writes its status here twice a second; local memory keeps that off the database.
    "queue": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "queue"},
}

# --- Queue -------------------------------------------------------------------------------------------

# This machine among the workers, as the status page names it.
NODE_NAME = env.text("NODE_NAME", socket.gethostname())
# Processes that submit, save and examine at the same time.
WORKERS = env.integer("WORKERS", 3, low=1, high=64)
# Uploads that are examined or converted at the same time, over all nodes; by itself one less than WORKERS.
EXAMINATIONS = env.integer("EXAMINATIONS", min(4, max(1, WORKERS - 1)), low=1, high=64)
# Seconds after which worker processes that take no job, although they could, are ended and started again.
STUCK_SECONDS = env.seconds("STUCK_SECONDS", 20)
# A large file over a slow line takes hours, so a job may; rows never wait for a lost message.
Q_CLUSTER = {
    "name": "portal",
    "orm": "default",
    "broker_class": "tasks.commands.runtime.broker.Queue",
    "workers": WORKERS,
    "queue_limit": WORKERS,
    "bulk": 1,
    "timeout": 6 * 3600,
    "retry": 7 * 3600,
    "max_attempts": 3,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
    "poll": 0.2,
    "recycle": 200,
    "cache": "queue",
    "label": "Queue",
    "ALT_CLUSTERS": {
        "refresh": {"workers": 1, "queue_limit": 1, "timeout": 120, "retry": 180, "scheduler": False},
    },
}

# --- TopView -----------------------------------------------------------------------------------------

# The real service.
TOPVIEW_URL = env.address("TOPVIEW_URL", "https://api.topview.ai")
# Whether a portal that others can reach may have a sandbox all the same, as for staging; its pages say so.
ALLOW_SANDBOX = env.flag("ALLOW_SANDBOX", default=False)
# The local sandbox; `off` for none. The only address for which plain http and loopback are allowed. Whoever
# can use it makes films that cost nothing and are worth nothing, so it belongs to a person's own machine.
_SANDBOX = env.text("SANDBOX_URL", f"http://127.0.0.1:{env.integer('SANDBOX_PORT', 8900, low=1, high=65535)}")
_MAY_HAVE_SANDBOX = ALLOW_SANDBOX or is_loopback(PORTAL_URL)
SANDBOX_URL = read_origin("SANDBOX_URL", _SANDBOX) if _SANDBOX != "off" and _MAY_HAVE_SANDBOX else ""
# Whether one was asked for that the portal may not have.
SANDBOX_IS_REFUSED = env.text("SANDBOX_URL", "off") != "off" and not _MAY_HAVE_SANDBOX
# Proxy for calls to TopView, http://host:port; the environment's own proxy variables are not read.
TOPVIEW_PROXY = env.text("TOPVIEW_PROXY", "")
# File with certificates to trust for TopView, where a company inspects its traffic. Empty: the usual ones.
TOPVIEW_CA_BUNDLE = env.text("TOPVIEW_CA_BUNDLE", "")
# Seconds to open a connection to TopView.
TOPVIEW_CONNECT_SECONDS = env.seconds("TOPVIEW_CONNECT_SECONDS", 5)
# Seconds to wait for an answer to a read.
TOPVIEW_READ_SECONDS = env.seconds("TOPVIEW_READ_SECONDS", 20)
# Seconds after which a submit without an answer counts as unknown.
TOPVIEW_SUBMIT_SECONDS = env.seconds("TOPVIEW_SUBMIT_SECONDS", 60)
# Public https address at which TopView may call back; empty: no callback is asked for.
NOTICE_URL = env.text("NOTICE_URL", "")
# Shortest time in seconds between two polls of a running task; longer while its end is far away.
REFRESH_SECONDS = env.seconds("REFRESH_SECONDS", 3)
# Queries a second at most, for one credential; 0 for as many as can be asked.
REFRESH_RATE = env.integer("REFRESH_RATE", 5, low=0)
# Seconds after which the work of a worker that died is taken over; longer than measuring a large file.
TAKEOVER_SECONDS = env.seconds("TAKEOVER_SECONDS", 90)
# Seconds between two searches of credit log and board while a call is lost, at first; then less often.
SEARCH_SECONDS = env.seconds("SEARCH_SECONDS", 30)
# Hours before TopView deletes a result at which people are told that it has not been saved here.
LOSS_WARNING_HOURS = env.integer("LOSS_WARNING_HOURS", 24, low=1, high=160)
# Hours after which a call that cost something should stand in the credit log; else it is in the report.
UNCHARGED_HOURS = env.integer("UNCHARGED_HOURS", 24, low=1, high=2000)
# Days for which TopView's answers about a call are kept, redacted, for admins to look up; 0 keeps none.
ANSWERS_KEPT_DAYS = env.integer("ANSWERS_KEPT_DAYS", 30, low=0, high=3650)
# Hours between two refreshes of the catalogs.
CATALOG_HOURS = env.integer("CATALOG_HOURS", 12, low=1)

# --- Logs --------------------------------------------------------------------------------------------

# Least level that is written.
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "tasks.logs.JsonFormatter"}},
    "filters": {"paths": {"()": "tasks.logs.SecretPaths"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["paths"]}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {"django_q": {"level": "WARNING"}, "django-q": {"level": "WARNING"}},
}

# --- Tests -------------------------------------------------------------------------------------------

# Folder whose files name steps at which a process kills itself; only the crash tests set it.
CHECKPOINT_FOLDER = env.text("TOPVIEW_PORTAL_CHECKPOINTS", "")
