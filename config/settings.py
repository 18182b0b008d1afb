"""Settings: everything that differs between installations comes from the environment."""

from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("SAFEGRID_VAR_DIR", str(BASE_DIR / "var")))

DEBUG = env.flag("SAFEGRID_DEBUG", default=False)
SECRET_KEY = env.text("SAFEGRID_SECRET_KEY")
# 32 bytes in hexadecimal: encrypts ID numbers and sealed identities. Lives outside the database.
DATA_KEY = env.text("SAFEGRID_DATA_KEY")
# Only while the key is changed (``manage.py change_data_key``): opens what is still sealed with the key before.
OLD_DATA_KEY = env.text("SAFEGRID_OLD_DATA_KEY", "")
for _name, _key in (("SAFEGRID_DATA_KEY", DATA_KEY), ("SAFEGRID_OLD_DATA_KEY", OLD_DATA_KEY or DATA_KEY)):
    if len(_key) != 64 or any(c not in "0123456789abcdef" for c in _key):
        raise ImproperlyConfigured(f"{_name} must be 64 lower-case hexadecimal digits")
ALLOWED_HOSTS = env.words("SAFEGRID_ALLOWED_HOSTS", "127.0.0.1,localhost")
CSRF_TRUSTED_ORIGINS = env.words("SAFEGRID_TRUSTED_ORIGINS")
HTTPS = env.flag("SAFEGRID_HTTPS", default=not DEBUG)

CONTEXTS = [
    "foundation", "regions", "accounts", "files", "notices", "orgs", "sites", "grids", "handbook", "duties",
    "cases", "patrols", "statistics", "planning", "dossier", "field", "api", "console",
]  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "csp",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_q",
    *[f"safegrid.{context}.apps.Config" for context in CONTEXTS],
    "demo.apps.Config",
    "config.apps.WiringConfig",
]
MIDDLEWARE = [
    "safegrid.foundation.middleware.whole_request",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "safegrid.foundation.middleware.request_context",
    "safegrid.accounts.middleware.session_limits",
    "safegrid.accounts.middleware.second_factor_gate",
    "axes.middleware.AxesMiddleware",
    "safegrid.console.middleware.Refusals",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "safegrid.console.context.shell",
            ],
        },
    }
]

DATABASES = {"default": env.database(env.text("DATABASE_URL", "sqlite:///var/safegrid.sqlite3"), BASE_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesBackend", "safegrid.accounts.backends.AccountBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "safegrid.accounts.validators.SeveralKinds"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
SECOND_FACTOR = env.flag("SAFEGRID_SECOND_FACTOR", default=True)
OTP_TOTP_ISSUER = "SafeGrid"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "safegrid.accounts.lockout.locked_out"
AXES_CLIENT_IP_CALLABLE = "safegrid.accounts.lockout.client_address"
AXES_RESET_ON_SUCCESS = True

# OIDC for a government's single sign-on: absent unless its issuer's endpoints are configured.
OIDC_RP_CLIENT_ID = env.text("SAFEGRID_OIDC_CLIENT_ID", "")
OIDC_ENABLED = bool(OIDC_RP_CLIENT_ID)
if OIDC_ENABLED:
    INSTALLED_APPS.append("mozilla_django_oidc")
    AUTHENTICATION_BACKENDS.append("safegrid.accounts.oidc.GovernmentSignIn")
    OIDC_RP_CLIENT_SECRET = env.text("SAFEGRID_OIDC_CLIENT_SECRET")
    OIDC_OP_AUTHORIZATION_ENDPOINT = env.text("SAFEGRID_OIDC_AUTHORIZATION_ENDPOINT")
    OIDC_OP_TOKEN_ENDPOINT = env.text("SAFEGRID_OIDC_TOKEN_ENDPOINT")
    OIDC_OP_USER_ENDPOINT = env.text("SAFEGRID_OIDC_USER_ENDPOINT")
    OIDC_OP_JWKS_ENDPOINT = env.text("SAFEGRID_OIDC_JWKS_ENDPOINT")
    OIDC_RP_SIGN_ALGO = "RS256"
    OIDC_CREATE_USER = False
    OIDC_USE_PKCE = True
    OIDC_TIMEOUT = 10
    OIDC_RP_SCOPES = env.text("SAFEGRID_OIDC_SCOPES", "openid profile")
    OIDC_ACCOUNT_CLAIM = env.text("SAFEGRID_OIDC_CLAIM", "preferred_username")
    OIDC_ACCOUNT_FIELD = env.text("SAFEGRID_OIDC_ACCOUNT_FIELD", "username")
    LOGIN_REDIRECT_URL_FAILURE = "/sign-in/?sso=failed"

SESSION_COOKIE_AGE = env.number("SAFEGRID_SESSION_SECONDS", 8 * 3600)
SESSION_IDLE_SECONDS = env.number("SAFEGRID_SESSION_IDLE_SECONDS", 3600)
SESSION_LIMIT = env.number("SAFEGRID_SESSION_LIMIT", 5)
# Phones in the field are out of reach for days: their session lasts by itself and may lie idle.
FIELD_SESSION_DAYS = env.number("SAFEGRID_FIELD_SESSION_DAYS", 30)
# Requests of phones at work at once in one web process (of 8 threads); the others are told to come back a little later.
FIELD_AT_ONCE = env.number("SAFEGRID_FIELD_AT_ONCE", 4)
# Days after which the record of a site counts as stale where nobody registered, changed or visited it.
STALE_DAYS = env.number("SAFEGRID_STALE_DAYS", 365)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
BEHIND_PROXY = env.flag("SAFEGRID_BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "safegrid.console.errors.csrf_failed"
BASE_MAP = env.base_map()
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "connect-src": [SELF, *env.hosts_of(BASE_MAP)],
        "img-src": [SELF, "data:", "blob:", *env.hosts_of(BASE_MAP)],
        "worker-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# Ways out of the house for notices; each is absent unless configured.
NOTICE_GATEWAYS: dict[str, dict[str, str]] = {}
if env.text("SAFEGRID_SMS_URL", ""):
    NOTICE_GATEWAYS["sms"] = {
        "gateway": env.text("SAFEGRID_SMS_GATEWAY", "safegrid.notices.channels.SmsHttpGateway"),
        "url": env.text("SAFEGRID_SMS_URL"),
        "secret": env.text("SAFEGRID_SMS_SECRET"),
    }
if env.text("SAFEGRID_WECOM_URL", ""):
    NOTICE_GATEWAYS["wecom"] = {
        "gateway": "safegrid.notices.channels.WeComGateway",
        "url": env.text("SAFEGRID_WECOM_URL"),
    }
EMAIL_HOST = env.text("SAFEGRID_SMTP_HOST", "")
if EMAIL_HOST:
    NOTICE_GATEWAYS["email"] = {"gateway": "safegrid.notices.channels.EmailGateway"}
    EMAIL_PORT = env.number("SAFEGRID_SMTP_PORT", 587)
    EMAIL_HOST_USER = env.text("SAFEGRID_SMTP_USER", "")
    EMAIL_HOST_PASSWORD = env.text("SAFEGRID_SMTP_PASSWORD", "")
    EMAIL_USE_TLS = env.flag("SAFEGRID_SMTP_TLS", default=True)
    EMAIL_TIMEOUT = 10
    DEFAULT_FROM_EMAIL = env.text("SAFEGRID_EMAIL_FROM")

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": env.attachments(),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# retry > timeout > longest task (architecture.md, data rule 8).
Q_CLUSTER = {
    "name": "safegrid",
    "orm": "default",
    "broker_class": "safegrid.foundation.holding.Broker",
    "workers": env.number("SAFEGRID_WORKERS", 1),
    "timeout": 3600,
    "retry": 4000,
    "max_attempts": 5,
    "ack_failures": False,
    "catch_up": False,
    "poll": 0.5,
    "save_limit": 1000,
    "label": "SafeGrid",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("SAFEGRID_LOG_LEVEL", "INFO")},
    "loggers": {"axes": {"level": "WARNING"}, "django-q": {"level": "WARNING"}},
}
