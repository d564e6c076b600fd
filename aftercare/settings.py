"""Every setting of the project, from the environment; safe when nothing is set."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name: str, *, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def database(url: str, **options: Any) -> dict[str, Any]:
    """A Django database from postgresql://user:password@host:port/name?host=/socket/folder&sslmode=…"""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured("A database URL starts with postgresql://")
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", "") or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        # A network that swallows packets ends a wait after this many milliseconds.
        "OPTIONS": {"connect_timeout": 3, "tcp_user_timeout": 10_000, **query, **options},
    }


def mail_server(url: str) -> dict[str, Any]:
    """Where e-mails go, from smtp://user:password@host:587?tls=1, or smtps://… for TLS from the first byte. {}: nowhere."""
    if not url:
        return {}
    parts = urlsplit(url)
    use_ssl = parts.scheme == "smtps"
    try:
        port = parts.port or (465 if use_ssl else 587)
    except ValueError:
        port = 0
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or not port:
        raise ImproperlyConfigured(
            "EMAIL_URL is like smtp://user:password@host:587?tls=1 or smtps://user:password@host"
        )
    return {
        "host": parts.hostname,
        "port": port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": not use_ssl and dict(parse_qsl(parts.query)).get("tls") == "1",
        "use_ssl": use_ssl,
    }


# The demo shows itself: one-click roles and the phone page. Never on where real people are.
DEMO = flag("DEMO")
DEBUG = flag("DEBUG")
TESTING = flag("TESTING")
SECRET_KEY = os.environ.get("SECRET_KEY", "")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY to at least 50 random characters (`make run` makes one for the demo).")
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key]

# Joins each PIN before it is hashed. Of its own, so that a new SECRET_KEY loses no PIN.
PIN_PEPPER_IS_OWN = bool(os.environ.get("PIN_PEPPER"))
PIN_PEPPER = os.environ.get("PIN_PEPPER") or SECRET_KEY

PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://localhost:8000").rstrip("/")
IS_HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = [host for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host] or [
    urlsplit(PUBLIC_URL).hostname or "localhost",
    *(["localhost", "127.0.0.1", "testserver"] if not IS_HTTPS else []),
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

OUR_APPS = ["aftercare", "accounts", "timeline", "prompts", "alerts", "checkin", "pickup", "journal", "clinic"]
INSTALLED_APPS = [
    *OUR_APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]
MIDDLEWARE = [
    "aftercare.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "aftercare.bounds.BoundsMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.WhoMiddleware",
    "pickup.middleware.LanguageMiddleware",
    "aftercare.errors.NotAllowedMiddleware",
]
ROOT_URLCONF = "aftercare.urls"
WSGI_APPLICATION = "aftercare.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.page",
                "clinic.context.alerts",
            ],
        },
    }
]

# Two ways into one database: the runtime role owns nothing and can't bypass row-level security; the owner migrates.
POOL = {"min_size": 1, "max_size": int(os.environ.get("DATABASE_POOL", "8")), "timeout": 5}
_RUNTIME_URL = os.environ.get("DATABASE_URL", "postgresql://aftercare_app@localhost/aftercare")
_GUARDS = "-c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000"
# Values stand inside the statements; those few that are prepared and have theirs beside them are planned once a connection.
_PLANS_ONCE = "-c plan_cache_mode=force_generic_plan"
DATABASES = {
    "default": database(
        _RUNTIME_URL, options=f"{_GUARDS} {_PLANS_ONCE}", **({"pool": POOL} if flag("DATABASE_USES_POOL") else {})
    ),
    "owner": database(os.environ.get("MIGRATE_DATABASE_URL") or _RUNTIME_URL),
}
RUNTIME_ROLE = DATABASES["default"]["USER"]
SENDER_ROLE = os.environ.get("SENDER_ROLE", "aftercare_sender")
JOURNAL_ROLE = os.environ.get("JOURNAL_ROLE", "aftercare_journal")
# The keys that wrap patients' keys, "name:<32 bytes in base64>", the current one first. Without them only the journal is closed.
JOURNAL_KEYS = os.environ.get("JOURNAL_KEYS", "")
# For django-allauth's counting of tries alone: in PostgreSQL, so that every process counts together.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "aftercare_cache",
        # With Django's 300, somebody who tries many names would push out what was counted of one.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-us"
# An escort's pages alone speak them all (docs/decisions/0028): nothing else asks which one somebody wants.
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", BASE_DIR / ".run" / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if flag("PLAIN_STATIC")
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Who signs in, and for how long
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "accounts.adapter.StaffOnlyAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
# By address many may come: a clinic is one address to us. By person few, and that is what stops guessing.
ACCOUNT_RATE_LIMITS = {"login": "1200/m/ip", "login_failed": "1200/m/ip,5/5m/key", "reauthenticate": "10/m/user"}
MFA_ADAPTER = "accounts.adapter.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": "1200/m/ip"}
MFA_TRUST_ENABLED = False
MFA_TOTP_ISSUER = "Aftercare"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
# 66 bits each.
MFA_RECOVERY_CODE_DIGITS = 20
# Where staff without a second step are sent, and where they prove once more who they are.
SECOND_STEP_URL, CONFIRM_URL = "second_step", "account_reauthenticate"
# Where a page for patients sends somebody whom it does not know.
STRANGER_URL = "demo:start" if DEMO else "accounts:welcome"
# Where a phone that is for set-up alone is sent.
SET_UP_URL = "timeline:set_up"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "clinic:today"
LOGOUT_REDIRECT_URL = "account_login"

_PREFIX = "__Host-" if IS_HTTPS else ""
SESSION_ENGINE = "aftercare.sessions"
SESSION_COOKIE_NAME = f"{_PREFIX}sid"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_COOKIE_NAME = f"{_PREFIX}csrf"
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
THEME_COOKIE_NAME = f"{_PREFIX}theme"
CSRF_FAILURE_VIEW = "aftercare.errors.csrf_failed"

# What a browser may do with our pages
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 63_072_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
# What asks whether we are up speaks plain HTTP on loopback.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
# Not "no-referrer": with it a browser sends `Origin: null` with each form, and Django refuses them all.
# HeadersMiddleware sends X-Frame-Options itself, with the other headers that Django does not send.
SILENCED_SYSTEM_CHECKS = ["security.W002"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# How many proxies stand in front, each of which strips and sets X-Forwarded-For and X-Forwarded-Proto.
PROXIES = int(os.environ.get("PROXIES") or 0)
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Twice the longest text, of any script, comes in whole and goes back with what is wrong with it.
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
DATA_UPLOAD_MAX_NUMBER_FILES = 0
FILE_UPLOAD_HANDLERS: list[str] = []
# A field whose name holds one of these words is never put into a page again.
SECRET_FIELDS = frozenset(
    {"again", "code", "credential", "otp", "password", "password1", "password2", "pin", "secret", "token"}
)

# Providers
DEFAULT_COUNTRY = os.environ.get("DEFAULT_COUNTRY", "US")
SMS_BASE_URL = os.environ.get("SMS_BASE_URL", "").rstrip("/")
SMS_ACCOUNT_SID = os.environ.get("SMS_ACCOUNT_SID", "")
SMS_AUTH_TOKEN = os.environ.get("SMS_AUTH_TOKEN", "")
SMS_FROM = os.environ.get("SMS_FROM", "")
VOICE_FROM = os.environ.get("VOICE_FROM") or SMS_FROM
# Of the watchdog alone: it must page when our own account, or our database, is what fails.
WATCHDOG_SMS_BASE_URL = os.environ.get("WATCHDOG_SMS_BASE_URL", "").rstrip("/")
WATCHDOG_SMS_ACCOUNT_SID = os.environ.get("WATCHDOG_SMS_ACCOUNT_SID", "")
WATCHDOG_SMS_AUTH_TOKEN = os.environ.get("WATCHDOG_SMS_AUTH_TOKEN", "")
WATCHDOG_SMS_FROM = os.environ.get("WATCHDOG_SMS_FROM", "")
WATCHDOG_DATABASE_URL = os.environ.get("WATCHDOG_DATABASE_URL") or _RUNTIME_URL
PLATFORM_ON_CALL = [number.strip() for number in os.environ.get("PLATFORM_ON_CALL", "").split(",") if number.strip()]
DEADMAN_URL = os.environ.get("DEADMAN_URL", "").rstrip("/")
EMAIL_SERVER = mail_server(os.environ.get("EMAIL_URL", ""))
EMAIL_FROM = os.environ.get("EMAIL_FROM", "")
# Notices on phones: our private key (`manage.py push_key`), whom a push service may write to, and which it may be at all.
PUSH_KEY = os.environ.get("PUSH_KEY", "")
PUSH_SUBJECT = os.environ.get("PUSH_SUBJECT", "")
PUSH_HOSTS = [host.strip().lower() for host in os.environ.get("PUSH_HOSTS", "").split(",") if host.strip()] or [
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
]
# The origin of a push service on this very machine, for trying things out; nothing where PUBLIC_URL is https.
PUSH_STAND_IN = os.environ.get("PUSH_STAND_IN", "").rstrip("/")
# A staging guest list: when it is set, a message to anybody else is not sent.
SEND_ONLY_TO = [entry.strip() for entry in os.environ.get("SEND_ONLY_TO", "").split(",") if entry.strip()]
# Where each new downtime pack is written too, for whatever brings it to the clinic. Empty: nowhere.
DOWNTIME_DIR = os.environ.get("DOWNTIME_DIR", "")
# Only prompts sends: nothing else here writes e-mails.
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

# One handler for every process and every logger: see aftercare.logs for what a line may say.
_LINES = "ShortLines" if DEMO or DEBUG else "JsonLines"
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": f"aftercare.logs.{_LINES}", "ours": OUR_APPS}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        **{app: {"level": "INFO"} for app in OUR_APPS},
        # Django's own handlers go: they mail whole requests to the admins.
        "django": {"handlers": [], "level": "WARNING"},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "celery.apps.worker": {"level": "INFO"},
        "celery.beat": {"level": "WARNING"},
        # A wake-up is no news.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "_granian": {"handlers": [], "level": "WARNING", "propagate": True},
        "granian.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
