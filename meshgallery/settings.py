"""Everything that differs between installations, read once from the environment.

`docs/configuration.md` tables the variables. Without any: SQLite and files under `var/`, loopback
only, pictures drawn by the sandbox.
"""

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

from celery.schedules import crontab

from meshgallery import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var"))).resolve()
RUN_DIR = VAR_DIR / "run"  # what a running `manage.py run` tells other commands


def told_by_run(name: str) -> str:
    """An address that a running `manage.py run` wrote down, or nothing."""
    path = RUN_DIR / name
    return path.read_text().strip() if path.is_file() else ""


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


# Where we are
HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000, low=1, high=65535)
PUBLIC_URL = env.http_url("PUBLIC_URL", f"http://{HOST}:{PORT}")
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or HOST
ON_LOOPBACK = is_loopback(HOST) and is_loopback(PUBLIC_HOST)
IS_HTTPS = PUBLIC_URL.startswith("https://")
# Proxies of ours that a request passes; https never comes without one.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 1 if IS_HTTPS else 0, low=0, high=9)
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY") or env.secret_file(VAR_DIR / "secret_key", 50)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")  # what was signed with them still counts
if any(len(key) < 50 or len(set(key)) < 5 for key in (SECRET_KEY, *SECRET_KEY_FALLBACKS)):
    raise env.WrongSetting("SECRET_KEY is too short: it takes 50 random characters.")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or list(
    {PUBLIC_HOST, HOST, *({"localhost", "127.0.0.1", "[::1]"} if ON_LOOPBACK else set())}
)
if "*" in ALLOWED_HOSTS and not ON_LOOPBACK:
    raise env.WrongSetting("ALLOWED_HOSTS must name the hosts; * would trust any.")

INSTALLED_APPS = [
    "generations",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "csp",
]
MIDDLEWARE = [
    "generations.views.middleware.EveryAnswer",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "generations.views.middleware.PrivatePages",
    "generations.views.middleware.Readable",
    "generations.views.middleware.Sessions",
    "django.middleware.common.CommonMiddleware",
    "generations.views.middleware.WhoAsks",
    "generations.views.middleware.SignInRequired",
    "generations.views.middleware.GuestsOrigin",
    "django.middleware.csrf.CsrfViewMiddleware",  # a stranger's post is 404 before it is forged
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "generations.views.proof.Proofs",
    "generations.views.middleware.GalleryErrors",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "meshgallery.urls"
WSGI_APPLICATION = "meshgallery.wsgi.application"
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
                "generations.views.context.everywhere",
            ],
        },
    }
]

# Rows
DATABASES = {"default": env.database(env.text("DATABASE_URL"), VAR_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People
AUTH_USER_MODEL = "generations.User"
SIGNUP_OPEN = env.flag("SIGNUP_OPEN", default=ON_LOOPBACK)
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "gallery"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# After so long without a request to them, pages of staff ask anew who it is.
STAFF_IDLE_SECONDS = env.seconds("STAFF_IDLE_SECONDS", 1800, low=1)
STAFF_SECOND_FACTOR = env.choice("STAFF_SECOND_FACTOR", "optional", ("optional", "required"))
DEMO_USERNAME = env.text("DEMO_USERNAME", "demo")
DEMO_PASSWORD = env.text("DEMO_PASSWORD")
globals().update(env.email(env.text("EMAIL_URL"), VAR_DIR))
DEFAULT_FROM_EMAIL = f"Mesh Gallery <noreply@{PUBLIC_HOST}>"

# Words and time
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

# Static files: served by the application itself, hashed names, cached for ever
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "meshgallery.static.HashedStatic"
    },
}

# Pictures
PICTURES_DIR = VAR_DIR / "pictures"
SPOOL_DIR = VAR_DIR / "spool"
# Whether the database keeps them, too: then a lost host costs none. SQLite is one host's anyway.
SPOOL_COPY = env.flag("SPOOL_COPY", default="postgresql" in str(DATABASES["default"]["ENGINE"]))
# Paid answers that wait for a store which is away; beyond it nothing more is sent.
SPOOL_MAX_BYTES = env.number("SPOOL_MAX_MB", 4096, low=64, high=1_000_000) * 1_000_000
S3_BUCKET = env.text("S3_BUCKET")
S3_ENDPOINT_URL = env.http_url("S3_ENDPOINT_URL")
S3_PUBLIC_ENDPOINT_URL = env.http_url("S3_PUBLIC_ENDPOINT_URL", S3_ENDPOINT_URL)
S3_REGION = env.text("S3_REGION", "us-east-1")
S3_ACCESS_KEY_ID = env.text("S3_ACCESS_KEY_ID")
S3_SECRET_ACCESS_KEY = env.text("S3_SECRET_ACCESS_KEY")
if not S3_BUCKET and (S3_ENDPOINT_URL or S3_ACCESS_KEY_ID):
    raise env.WrongSetting("S3_BUCKET is missing: the other S3_ settings need a bucket's name.")
PICTURE_ORIGINS: list[str] = []
if S3_BUCKET:
    PICTURE_ORIGINS = [S3_PUBLIC_ENDPOINT_URL or f"https://s3.{S3_REGION}.amazonaws.com"]

# Upstream. The sandbox plays it while neither key nor address is set.
MESH_API_KEY = env.text("MESH_API_KEY")
if not MESH_API_KEY.isascii() or not MESH_API_KEY.isprintable() or " " in MESH_API_KEY:
    raise env.WrongSetting("MESH_API_KEY has characters that no key has: copy it once more.")
MESH_API_BASE_URL = env.http_url("MESH_API_BASE_URL").removesuffix("/v1").rstrip("/")
ON_SANDBOX = not MESH_API_KEY and not MESH_API_BASE_URL
if MESH_API_BASE_URL and not MESH_API_KEY:
    raise env.WrongSetting("MESH_API_BASE_URL is set but MESH_API_KEY is not: set both or neither.")
if ON_SANDBOX:
    MESH_API_KEY = "rsk_sandbox_key"
    MESH_API_BASE_URL = env.http_url("SANDBOX_URL", told_by_run("sandbox.url"))
MESH_API_BASE_URL = MESH_API_BASE_URL or "https://api.meshapi.ai"
MESH_IMAGE_HOSTS = env.words("MESH_IMAGE_HOSTS")
# Whoever has seen on the bill that the provider's own failures cost nothing may say so.
MESH_ERRORS_ARE_FREE = env.flag("MESH_ERRORS_ARE_FREE", default=False)
MESH_CONNECT_SECONDS = env.seconds("MESH_CONNECT_SECONDS", 5)
MESH_SILENCE_SECONDS = env.seconds("MESH_SILENCE_SECONDS", 75)
MESH_DEADLINE_SECONDS = env.seconds("MESH_DEADLINE_SECONDS", 360)
LEASE_SECONDS = env.seconds("LEASE_SECONDS", 30)
SWEEP_SECONDS = env.seconds("SWEEP_SECONDS", 5)
UNKNOWN_PRICE = env.choice("UNKNOWN_PRICE", "ask", ("ask", "allow", "refuse"))
# Whether prompts and pictures are shown to the provider's moderation: and if it finds something,
# whether reviewers are told, or it isn't drawn and shown at all.
MODERATION = env.choice("MODERATION", "off", ("off", "flag", "block"))

# Broker: a doorbell. The rows say what is to be done; losing Redis costs seconds.
REDIS_URL = env.redis_url("REDIS_URL", told_by_run("redis.url"))
WORKER_CONCURRENCY = env.number("WORKER_CONCURRENCY", 256, low=1, high=1000)
CELERY_BROKER_URL = REDIS_URL or "redis://127.0.0.1:1/0"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "unacked_restore_interval": 3,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
    "max_connections": 400,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_DEFAULT_QUEUE = "mesh"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = WORKER_CONCURRENCY
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "generations.sweep",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS * 4},
    },
    "refresh-catalog": {
        "task": "generations.refresh_catalog",
        "schedule": 900.0,
        "options": {"expires": 900},
    },
    "check-money": {
        "task": "generations.check_money",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "check-everything": {
        "task": "generations.check_everything",
        "schedule": crontab(hour=3, minute=17),
        "options": {"expires": 3600},
    },
    "forget-old": {
        "task": "generations.forget_old",
        "schedule": crontab(hour=2, minute=47),
        "options": {"expires": 3600},
    },
}

# Doors and windows
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_ENGINE = "generations.sessions"
SESSION_COOKIE_AGE = 14 * 86_400  # from the sign-in, not from the last visit
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "generations.views.messages.Storage"
CSRF_FAILURE_VIEW = "generations.views.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if IS_HTTPS else []
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024  # the ids of ten thousand pictures
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILE_UPLOAD_HANDLERS = ["generations.views.uploads.NoFiles"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", *PICTURE_ORIGINS],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        # Not “report-to”: where both stand, browsers send nothing without https.
        "report-uri": ["/csp-report/"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "generations.redaction.Redacting",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
            "secrets": (SECRET_KEY, *SECRET_KEY_FALLBACKS, MESH_API_KEY, S3_SECRET_ACCESS_KEY),
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # httpx and boto write whole addresses at INFO, signed ones included.
    "loggers": {
        name: {"level": "WARNING"}
        for name in ("httpx", "httpcore", "boto3", "botocore", "urllib3", "celery", "kombu")
    },
}
