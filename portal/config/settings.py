"""Django's settings. What an operator may choose comes from the environment, see env.py."""

import os
from pathlib import Path

from portal.config.env import read_env
from portal.config.errors import BadSetting
from portal.embedded.errors import EmbeddedError

BASE_DIR = Path(__file__).resolve().parents[2]
try:
    ENV = read_env(os.environ, BASE_DIR)
except (BadSetting, EmbeddedError) as refusal:
    raise SystemExit(str(refusal)) from None

SECRET_KEY = ENV.secret_key
DEBUG = ENV.debug
ALLOWED_HOSTS = list(ENV.hosts)
DATABASES = {"default": ENV.database.for_django()}
ROLE_OF_REQUESTS = (
    ""  # the web process signs in as the role; tests, where one login does everything, become it
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "portal.accounts.oidc",
    "django_htmx",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_migration_linter",
    "attribution",
    "ingest",
    "portal.embedded",
    "portal.accounts",
    "portal.components",
    "portal.costs",
    "portal.reconciliation",
    "portal.periods",
    "portal.data_health",
    "portal.network",
    "portal.token_weights",
    "portal.exports",
    "portal.explain",
    "portal.saved_views",
    "portal.preview",
    "portal.approvals",
    "portal.idempotency",
    "portal.audit",
    "portal.audit_log",
    "portal.gallery",
    "portal.demo",
    "portal.isolation",  # last: it looks after everybody's tables
]

MIDDLEWARE = [
    "portal.frame.request_id.RequestIdMiddleware",
    "portal.audit.middleware.AuditMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.frame.method_page.MethodPageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "portal.frame.kept_text.KeptTextMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.isolation.middleware.IsolationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "portal.config.urls"
WSGI_APPLICATION = "portal.config.wsgi.application"
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
                "portal.frame.context.frame",
            ],
        },
    },
]

AUDIT_ANCHORS = [
    folder / "anchors.jsonl"
    for folder in (ENV.folder.root / "audit", ENV.audit_anchors)
    if folder is not None
]

MONTH_EXPORTS = ENV.month_exports

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "portal.accounts.backends.PasswordBackend",
    "portal.accounts.backends.RolesBackend",
]
CSRF_FAILURE_VIEW = "portal.frame.failures.stale_form"
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "account_login", "/", "account_login"
ACCOUNT_ADAPTER = "portal.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # names sign in, not addresses
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {"reset_password": "portal.accounts.reset_form.ResetForm"}
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Apportion: "
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds; for closing, approving, giving roles, making tokens
SOCIALACCOUNT_ADAPTER = "portal.accounts.oidc.adapter.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [one.for_allauth() for one in ENV.oidc]}}
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "portal.accounts.second_factor.SecondFactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "add_webauthn": "portal.accounts.key_forms.AddKey",
    "authenticate_webauthn": "portal.accounts.key_forms.UseKey",
    "reauthenticate_webauthn": "portal.accounts.key_forms.ConfirmKey",
}
PASSWORD_RESET_TIMEOUT = 86_400
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if ENV.https else 0  # whose X-Forwarded-For names the client, for limits
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if ENV.mail else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = ENV.mail.host, ENV.mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = ENV.mail.user, ENV.mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = ENV.mail.starttls, ENV.mail.tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = ENV.mail.sender
# Limits on tries count for all processes together, so they are kept where all of them look.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"django.contrib.auth.password_validation.{name}",
        "OPTIONS": {"min_length": 12} if name == "MinimumLengthValidator" else {},
    }
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]


LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"  # everything inside is UTC; only pages show the next one
REPORTING_TIME_ZONE = ENV.time_zone

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True  # a checkout serves its files without a collectstatic

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = ENV.https
SECURE_HSTS_SECONDS = 31_536_000 if ENV.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENV.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.https else None
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ENV.hosts if not host.startswith("[")]
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        # The hash is that of an empty element: the chart library adds one and fills it by script.
        "style-src": ["'self'", "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'", *(one.origin for one in ENV.oidc)],  # it holds for redirects too
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

EXPORT_RATE = ENV.export_rate  # of one person or token, API and downloads together
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "COERCE_DECIMAL_TO_STRING": True,
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal.accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PARSER_CLASSES": ["portal.exports.json_body.JsonBody"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["portal.exports.limits.ExportThrottle"],
    "EXCEPTION_HANDLER": "portal.exports.refusals.refuse",
    "URL_FORMAT_OVERRIDE": None,  # `format` is a parameter of ours, refused like any other when it is wrong
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Apportion",
    "VERSION": "v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
MIGRATION_LINTER_OPTIONS = {
    "exclude_apps": ["account", "auth", "contenttypes", "mfa", "sessions", "socialaccount", "usersessions"],
    # Made before the first release: no table had a row that a lock could keep somebody waiting for.
    "ignore_name": [
        "0001_initial",
        "0001_chain",
        "0003_people",
        "0004_roles_in_subtrees",
        "0005_shared_cache",
        "0006_first_run",
        "0006_first_run",
        "0002_facts",
        "0003_ledger",
        "0004_guards",
        "0005_narrow_days",
        "0006_day_stamps",
        "0007_windows_by_hour",
        "0008_minutes_by_seat",
        "0009_window_states",
        "0010_billed_quantities",
        "0011_token_fits",
        "0012_bills_from_their_source",
        "0013_residency_and_rates",
        "0014_measures",
        "0005_held_rules",
        "0002_guards",
        "0015_provider_usage",
        "0016_periods",
        "0017_slices",
        "0018_adjustments",
        "0019_isolation",
        "0020_steps_by_people",
        "0001_steps_by_changes",
        "0021_named_for_tenant",
        "0022_corrections",
        "0023_month_exports",
        "0002_corrections_by_changes",
        "0003_kept_whole",
        "0004_answers_move",
        "0024_pool_quantity",
        "0025_rule_versions",
        "0027_dropped_hours",
        "0029_kept_pieces",
        "0031_names_of_tenants",
    ],
    "no_cache": True,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}},
    "filters": {"request_id": {"()": "portal.frame.request_id.RequestIdFilter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["request_id"]}
    },
    "root": {"handlers": ["console"], "level": ENV.log_level},
}
