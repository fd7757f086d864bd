"""The Django project of the tests."""

from typing import Any

from elasticache_caching import SessionStore

sessions: SessionStore | None = None  # set by the test
SETTINGS: dict[str, Any] = {
    "SECRET_KEY": "x",  # of the tests alone
    "ALLOWED_HOSTS": ["testserver"],
    "ROOT_URLCONF": "tests.elasticache_caching.django_views",
    "MIDDLEWARE": ["django.contrib.sessions.middleware.SessionMiddleware"],
    "INSTALLED_APPS": ["django.contrib.sessions", "django.contrib.auth", "django.contrib.contenttypes"],
    "SESSION_ENGINE": "elasticache_caching.adapters.django",
    "ELASTICACHE_SESSIONS": "tests.elasticache_caching.django_settings.sessions",
    "USE_TZ": True,
}
